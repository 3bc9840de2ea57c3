"""The rules: combinations of parameters that are refused before anything is created."""

from typing import Any, Final

import pytest

SECRET: Final = {"JwtAlgorithm": "HS256"}
PROVIDER: Final = {
    "JwtAlgorithm": "RS256",
    "JwksUrl": "https://id.example/keys",
    "JwtIssuer": "https://id.example/",
    "JwtAudience": "scorecast",
}


@pytest.fixture
def refusals(template: dict[str, Any]) -> Any:
    """What is said to values of parameters; the others have their defaults."""
    defaults = {name: each["Default"] for name, each in template["Parameters"].items()}

    def refuse(**values: object) -> list[str]:
        assert values.keys() <= defaults.keys()
        return [
            assertion["AssertDescription"]
            for rule in template["Rules"].values()
            if _holds(rule.get("RuleCondition", True), defaults | values)
            for assertion in rule["Assertions"]
            if not _holds(assertion["Assert"], defaults | values)
        ]

    return refuse


def _holds(expression: Any, values: dict[str, Any]) -> bool:
    match expression:
        case bool():
            return expression
        case {"Fn::Equals": [{"Ref": name}, value]}:
            return str(values[name]) == str(value)
        case {"Fn::Not": [inner]}:
            return not _holds(inner, values)
        case {"Fn::And": parts}:
            return all(_holds(part, values) for part in parts)
        case {"Fn::Or": parts}:
            return any(_holds(part, values) for part in parts)
        case _:
            raise AssertionError(f"a rule of a form that is not known: {expression}")


def test_the_defaults_are_taken(refusals: Any) -> None:
    assert refusals() == []


def test_a_provider_with_issuer_and_audience_is_taken(refusals: Any) -> None:
    assert refusals(**PROVIDER) == []


@pytest.mark.parametrize("parameter", ["JwksUrl", "JwtIssuer", "JwtAudience"])
@pytest.mark.parametrize("algorithm", ["RS256", "ES256"])
def test_a_provider_without_one_of_its_three_is_refused(
    parameter: str, algorithm: str, refusals: Any
) -> None:
    [sentence] = refusals(**PROVIDER | {"JwtAlgorithm": algorithm, parameter: ""})
    assert parameter in sentence


@pytest.mark.parametrize("parameter", ["FlushConcurrency", "FanoutConcurrency", "SweepConcurrency"])
def test_a_queue_that_one_execution_would_read_is_refused(parameter: str, refusals: Any) -> None:
    [sentence] = refusals(**{parameter: 1})
    assert parameter in sentence
    assert refusals(**{parameter: 2}) == []


@pytest.mark.parametrize("parameter", ["WarmWriteUnits", "WarmReadUnits"])
def test_warm_units_of_one_kind_alone_are_refused(parameter: str, refusals: Any) -> None:
    [sentence] = refusals(**{parameter: 20_000})
    assert "WarmWriteUnits" in sentence and "WarmReadUnits" in sentence
    assert refusals(WarmWriteUnits=20_000, WarmReadUnits=20_000) == []
