import platform

import pytest

from infra import template
from infra.local.errors import LocalError
from infra.local.parameters import (
    DIFFERENT,
    FIXED,
    host_architecture,
    local_parameters,
    overrides,
)

KNOWN: dict[str, object] = {"RoomCapacity": {}, "ConnectionsPerIp": {}, "AllowedOrigins": {}}


@pytest.fixture
def on(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setattr(platform, "system", lambda: "Linux")
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    return monkeypatch


@pytest.mark.parametrize(
    ("machine", "architecture"),
    [("x86_64", "x86_64"), ("aarch64", "arm64")],
)
def test_functions_run_on_the_architecture_of_this_machine(
    on: pytest.MonkeyPatch, machine: str, architecture: str
) -> None:
    on.setattr(platform, "machine", lambda: machine)
    assert host_architecture() == architecture


def test_a_machine_that_lambda_does_not_know_is_named(on: pytest.MonkeyPatch) -> None:
    on.setattr(platform, "machine", lambda: "riscv64")
    with pytest.raises(LocalError, match="riscv64"):
        host_architecture()


def test_only_linux_runs_what_is_built_for_lambda(on: pytest.MonkeyPatch) -> None:
    on.setattr(platform, "system", lambda: "Darwin")
    with pytest.raises(LocalError, match="Linux"):
        host_architecture()


def test_limits_per_address_are_raised(on: pytest.MonkeyPatch) -> None:
    raised = {name for name in DIFFERENT if name.endswith("PerIp")}
    assert raised == {"ConnectionsPerIp", "MessagesPerSecondPerIp", "MessageBurstPerIp"}
    assert local_parameters("").items() >= DIFFERENT.items()


def test_params_override_what_is_raised(on: pytest.MonkeyPatch) -> None:
    chosen = local_parameters("ConnectionsPerIp=5 RoomCapacity=20")
    assert chosen["ConnectionsPerIp"] == "5"
    assert chosen["RoomCapacity"] == "20"
    assert chosen["MessageBurstPerIp"] == DIFFERENT["MessageBurstPerIp"]


def test_what_params_do_not_name_has_the_default_of_the_template(on: pytest.MonkeyPatch) -> None:
    """A deployment without PARAMS after one with them must not keep the old values."""
    known = template.written()["Parameters"]
    chosen = local_parameters("")
    assert chosen.keys() == known.keys()
    assert chosen["RoomCapacity"] == str(known["RoomCapacity"]["Default"])


def test_a_value_may_be_quoted_and_hold_an_equals_sign() -> None:
    words = "AllowedOrigins='https://a.example, https://b.example?x=1'"
    assert overrides(words, known=KNOWN) == {
        "AllowedOrigins": "https://a.example, https://b.example?x=1"
    }


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ("RoomCapasity=3", "no parameter RoomCapasity; did you mean RoomCapacity?"),
        ("Zzz=3", "no parameter Zzz."),
        ("RoomCapacity", "must have the form Name=value"),
        ("RoomCapacity=3 '", "cannot be read"),
        *((f"{name}=x", f"{name} cannot be changed") for name in FIXED),
    ],
)
def test_an_invalid_word_is_named(params: str, sentence: str) -> None:
    with pytest.raises(LocalError, match=sentence.replace("?", r"\?")):
        overrides(params, known=KNOWN)
