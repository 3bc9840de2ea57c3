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
        case {"Fn::Equals": [left, right]}:
            return _value(left, values) == _value(right, values)
        case {"Fn::Not": [inner]}:
            return not _holds(inner, values)
        case {"Fn::And": parts}:
            return all(_holds(part, values) for part in parts)
        case {"Fn::Contains": [known, named]}:
            return _value(named, values) in known
        case {"Fn::Or": parts}:
            return any(_holds(part, values) for part in parts)
        case _:
            raise AssertionError(f"a rule of a form that is not known: {expression}")


def _value(expression: Any, values: dict[str, Any]) -> str:
    match expression:
        case {"Ref": str(name)}:
            return str(values[name])
        case _:
            return str(expression)


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


@pytest.mark.parametrize(
    ("parameter", "claim"),
    [
        *(
            ("JwtUserClaim", claim)
            for claim in ("name", "preferred_username", "email", "role", "aud")
        ),
        *(("JwtRoleClaim", claim) for claim in ("name", "nickname", "email", "sub")),
    ],
)
def test_a_claim_that_users_set_names_no_user_and_no_role(
    parameter: str, claim: str, refusals: Any
) -> None:
    [sentence] = refusals(**{parameter: claim})
    assert parameter in sentence


def test_a_claim_of_the_provider_is_taken(refusals: Any) -> None:
    claims = {"JwtUserClaim": "https://example.com/user", "JwtRoleClaim": "custom:role"}
    assert refusals(**claims) == []


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


HOSTED: Final = {"HostPage": "true"}
NAMED: Final = HOSTED | {
    "SocketDomain": "live.example.com",
    "SocketCertificateArn": "arn:socket",
    "HttpDomain": "api.example.com",
    "HttpCertificateArn": "arn:http",
    "PageDomain": "scores.example.com",
    "PageCertificateArn": "arn:page",
}


def test_three_names_with_their_certificates_are_taken(refusals: Any) -> None:
    assert refusals(**NAMED) == []


@pytest.mark.parametrize("parameter", [name for name in NAMED if name not in HOSTED])
def test_a_name_without_its_certificate_is_refused_and_the_other_way_round(
    parameter: str, refusals: Any
) -> None:
    [sentence] = refusals(**NAMED | {parameter: ""})
    assert parameter in sentence


@pytest.mark.parametrize("first", ["SocketDomain", "HttpDomain", "PageDomain"])
@pytest.mark.parametrize("second", ["SocketDomain", "HttpDomain", "PageDomain"])
def test_one_name_for_two_is_refused(first: str, second: str, refusals: Any) -> None:
    sentences = refusals(**NAMED | {first: NAMED[second]})
    assert [first in each and second in each for each in sentences] == [True] * (first != second)


@pytest.mark.parametrize(
    "needing",
    [
        {"PageDomain": "scores.example.com", "PageCertificateArn": "arn:page"},
        {"PageRequestsPerAddress": 2_000},
    ],
)
def test_what_only_a_hosted_page_has_is_refused_without_it(
    needing: dict[str, object], refusals: Any
) -> None:
    [sentence] = refusals(**needing)
    assert "HostPage=true" in sentence
    assert refusals(**needing, **HOSTED) == []
