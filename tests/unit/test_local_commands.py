"""How the commands end, and what they print."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from signal import SIGHUP, SIGINT, SIGTERM

import pytest

from infra.local import __main__ as local
from infra.local import commands
from infra.local.paths import ROOT, StackPaths
from scorecast_client.cli.exit_codes import INTERRUPTED, REFUSED

DESCRIPTION = {
    "page_url": "http://127.0.0.1:8080/",
    "http_url": "http://127.0.0.1:4566/_aws/execute-api/a/$default",
    "ws_url": "ws://127.0.0.1:4566/_aws/execute-api/b/live",
    "tokens": {
        role: {"token": f"token-of-{role}", "user_id": role}
        for role in ("admin", "organizer", "participant", "spectator")
    },
}


@pytest.fixture(autouse=True)
def signal_handlers() -> Iterator[None]:
    """The command sets them for its whole process, which here is the tests'."""
    before = {number: signal.getsignal(number) for number in (SIGINT, SIGTERM, SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


@contextmanager
def ready(paths: StackPaths) -> Iterator[None]:
    yield


@contextmanager
def interrupted(paths: StackPaths) -> Iterator[None]:
    raise KeyboardInterrupt
    yield


@pytest.mark.parametrize(("command", "code"), [("dev", 0), ("up", 130)])
def test_an_interrupt_is_how_dev_ends_and_stops_the_others(
    command: str, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_ready", interrupted)
    assert local.main([command]) == code


@pytest.mark.parametrize(("replayed", "code"), [(INTERRUPTED, 0), (REFUSED, REFUSED)])
def test_a_replay_that_does_not_end_is_the_end_of_dev(
    replayed: int, code: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_ready", ready)
    monkeypatch.setattr(commands, "replay", lambda *_: replayed)
    assert local.main(["dev"]) == code


@pytest.mark.parametrize("handler", [signal.SIG_IGN, signal.SIG_DFL])
def test_a_closed_terminal_ends_a_command_unless_it_is_ignored(
    handler: signal.Handlers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(commands, "_ready", ready)
    monkeypatch.setattr(commands, "replay", lambda *_: INTERRUPTED)
    signal.signal(SIGHUP, handler)
    local.main(["dev"])
    assert (signal.getsignal(SIGHUP) is signal.SIG_IGN) is (handler is signal.SIG_IGN)


def test_an_unknown_option_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        local.main(["up", "--fast"])
    assert "unrecognized arguments: --fast" in capsys.readouterr().err


def test_only_the_spectators_token_is_printed_and_addresses_can_be_pasted(
    capsys: pytest.CaptureFixture[str],
) -> None:
    commands._show(StackPaths("stack", local=ROOT / ".local"), DESCRIPTION, 27.1)

    shown = capsys.readouterr().out
    assert "\ntoken-of-spectator\n" in shown
    assert not [
        role for role in ("admin", "organizer", "participant") if f"token-of-{role}" in shown
    ]
    assert f"'{DESCRIPTION['http_url']}'" in shown  # $default, unquoted, is a shell's variable
