from typing import Any, get_type_hints

import pytest

from scorecast.runtime.settings import (
    FUNCTIONS,
    READS,
    BadSetting,
    ConnectSettings,
    DisconnectSettings,
    read,
)
from tests.harness.environment import PARAMETERS, RESOURCES

GOOD = (
    RESOURCES
    | PARAMETERS
    | {
        "ALLOWED_ORIGINS": "https://a.test, https://*.b.test,",
        "REQUIRE_ORIGIN": "true",
        "JWT_ISSUER": "",
        "JWT_AUDIENCE": "",
    }
)
EMPTY_ALLOWED = {
    "JWT_SECRET_ARN",
    "JWKS_URL",
    "JWT_ISSUER",
    "JWT_AUDIENCE",
    "ALLOWED_ORIGINS",
    "EDGE_SECRET_ARN",
}
VARIABLES = [(function, name) for function in sorted(READS) for name in sorted(READS[function])]
NUMBERS = [
    (function, name.upper())
    for function, settings in FUNCTIONS.items()
    for name, kind in get_type_hints(settings).items()
    if kind is int
]
WRONG_NUMBERS = ["s3cret", "0", "-1", "1.5", "1e3", " 5", "٣", "²", "0x10"]


def _why_bad(settings: type[Any], environ: dict[str, str]) -> str:
    with pytest.raises(BadSetting) as bad:
        read(settings, environ)
    return str(bad.value)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_good_settings_are_read(function: str) -> None:
    settings = read(FUNCTIONS[function], GOOD)
    assert {name.upper() for name in vars(settings)} == READS[function]


@pytest.mark.parametrize(("function", "name"), VARIABLES)
def test_a_missing_variable_is_named(function: str, name: str) -> None:
    environ = {key: value for key, value in GOOD.items() if key != name}
    assert name in _why_bad(FUNCTIONS[function], environ)


@pytest.mark.parametrize(("function", "name"), VARIABLES)
def test_an_empty_variable_is_named_where_empty_means_nothing(function: str, name: str) -> None:
    environ = GOOD | {name: ""}
    if name in EMPTY_ALLOWED:
        read(FUNCTIONS[function], environ)
    else:
        assert name in _why_bad(FUNCTIONS[function], environ)


@pytest.mark.parametrize("value", WRONG_NUMBERS)
@pytest.mark.parametrize(("function", "name"), NUMBERS)
def test_a_wrong_number_is_named_and_not_quoted(function: str, name: str, value: str) -> None:
    message = _why_bad(FUNCTIONS[function], GOOD | {name: value})
    assert name in message
    assert value not in message.removesuffix("above 0.")


@pytest.mark.parametrize(
    ("function", "name", "value"),
    [
        ("authorizer", "REQUIRE_ORIGIN", "s3cret"),
        ("authorizer", "ALLOW_ANONYMOUS", "True"),
        ("authorizer", "JWT_ALGORITHM", "none"),
        ("api", "JWT_ALGORITHM", "s3cret"),
        ("connect", "CONNECTION_LIMIT_POLICY", "s3cret"),
    ],
)
def test_a_wrong_choice_is_named_and_not_quoted(function: str, name: str, value: str) -> None:
    message = _why_bad(FUNCTIONS[function], GOOD | {name: value})
    assert name in message
    assert value not in message


def test_values_have_the_types_of_their_fields() -> None:
    settings = read(FUNCTIONS["authorizer"], GOOD)
    assert settings.allowed_origins == ("https://a.test", "https://*.b.test")
    assert (settings.require_origin, settings.allow_anonymous) == (True, False)
    assert read(ConnectSettings, GOOD).connections_per_user == 3


def test_a_function_needs_only_its_own_variables() -> None:
    own = {name: GOOD[name] for name in READS["disconnect"]}
    assert read(DisconnectSettings, own) == read(DisconnectSettings, GOOD)


def test_settings_are_read_once() -> None:
    settings = read(DisconnectSettings, GOOD)
    with pytest.raises(AttributeError):
        settings.connections_table = "other"  # type: ignore[misc]
