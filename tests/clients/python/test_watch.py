"""`scorecast watch`: in a terminal, in a pipe, as JSON; its end and its reasons."""

import asyncio
import io
import json
import logging
import signal
import sys
from asyncio.subprocess import PIPE, create_subprocess_exec
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from scorecast_client.cli.event_lines import event_lines
from scorecast_client.cli.scoreboard_view import ScoreboardView, column_widths
from scorecast_client.cli.trace import trace_line
from scorecast_client.connection import Connection
from scorecast_client.messages import Event
from scorecast_client.scoreboard import MatchRow, Scoreboard
from scorecast_client.timings import Timings
from tests.clients.python.fake_scorecast import FakeScorecast
from tests.clients.python.peer import Peer
from tests.clients.python.test_cli import run_beside
from tests.clients.python.test_session import against, received_by

DEADLINE_SECONDS = 20
LONG = "Borussia Verein für Leibesübungen 1900 Mönchengladbach"
AWAY = {"code": 4003, "reason": "disconnected_by_server", "reconnect": False}


def cup(**match: Any) -> FakeScorecast:
    """A tournament of one live match, whose spectators are sent away at once."""
    fake = FakeScorecast()
    teams = [{"id": "a", "name": "Team A"}, {"id": "b", "name": "Team B"}]
    score = {"participant1_score": 4, "participant2_score": 2, "details": {"penalties": [4, 3]}}
    fake.tournaments["cup"] = {"tournament_id": "cup", "name": "The \x1b[2JCup", "state": "live"}
    fake.matches["m1"] = {"match_id": "m1", "state": "live", "sequence": 1, "revision": 0}
    fake.matches["m1"] |= {"participants": teams, **score, **match}
    fake.goodbye, fake.commands_before_goodbye = {"type": "goodbye", **AWAY}, 0
    return fake


def test_a_pipe_gets_lines_and_the_end_its_reason(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_beside(cup(), tmp_path, "watch", "--tournament", "cup") == 4
    printed = capsys.readouterr()
    assert "The \ufffd[2JCup: 1 matches, 1 live, 0 over" in printed.out
    assert "m1  Team A 4:2 Team B  live  4 : 3 on penalties" in printed.out
    sentence = "The connection ended. The server closed the connection: disconnected_by_server."
    assert printed.err == f"scorecast: {sentence}\n"


def test_json_gets_a_line_an_event(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_beside(cup(), tmp_path, "watch", "--match", "m1", "--json") == 4
    printed = capsys.readouterr()
    (line,) = printed.out.splitlines()
    assert json.loads(line)["data"]["snapshot"]["participant1_score"] == 4
    assert "disconnected_by_server" in json.loads(printed.err)["error"]["message"]


def test_a_trace_has_a_line_for_each_message_in_and_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_beside(cup(), tmp_path, "watch", "--match", "m1", "--trace") == 4
    welcome, goodbye = capsys.readouterr().out.splitlines()
    assert "  in   connection_established  viewers 1" in welcome
    assert goodbye.endswith("  in   goodbye  4003  disconnected_by_server")


def test_a_traced_message_shows_its_numbers_and_its_age() -> None:
    data = {"match_id": "m1", "sequence": 4, "revision": 9, "merged": 3, "server_time": 1000}
    line = trace_line("in", {"type": "score_updated", "data": data}, now_ms=1035)
    assert line.partition("  ")[2] == (
        "in   score_updated  m1  sequence 4  revision 9  merged 3  35 ms after server_time"
    )


def test_the_log_of_messages_has_no_token(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=0, expires_in_ms=1)
        await peer.answer(await peer.receive(), "refreshed", expires_at=None)
        await peer.goodbye("disconnected_by_server", code=4003, reconnect=False)

    async def test(connection: Connection) -> None:
        await received_by(connection)

    tokens = iter(["first-secret", "second-secret"])
    # the command line turns it off
    monkeypatch.setattr(logging.getLogger("scorecast_client"), "propagate", True)
    with caplog.at_level(logging.DEBUG, "scorecast_client.messages"):
        against(only, test=test, token=lambda: next(tokens, "third-secret"))
    assert "out {'type': 'refresh', 'id': '1'}" in caplog.text
    assert "secret" not in caplog.text


@pytest.mark.parametrize("state", ["completed", "cancelled"])
def test_watching_a_match_that_is_over_shows_it_and_ends(
    state: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake = cup(state=state)
    fake.goodbye = None

    assert run_beside(fake, tmp_path, "watch", "--match", "m1") == 0
    assert f"m1  Team A 4:2 Team B  {state}" in capsys.readouterr().out


def test_watching_a_live_tournament_does_not_end_with_one_match(tmp_path: Path) -> None:
    assert run_beside(cup(state="completed"), tmp_path, "watch", "--tournament", "cup") == 4


def test_an_event_is_in_the_pipe_before_the_next_one_comes(tmp_path: Path) -> None:
    async def run() -> bytes:
        fake = cup()
        fake.goodbye = None
        async with asyncio.timeout(DEADLINE_SECONDS), fake:
            stack = tmp_path / "stack.json"
            stack.write_text(json.dumps(fake.description))
            command = ("watch", "--match", "m1", "--stack", str(stack))
            process = await create_subprocess_exec(
                sys.executable, "-m", "scorecast_client", *command, stdout=PIPE
            )
            assert process.stdout is not None
            line = await process.stdout.readline()
            process.kill()
            await process.wait()
            return line

    assert b"Team A 4:2 Team B" in asyncio.run(run())


def with_interrupts() -> None:
    """A runner that ignores interrupts would have the process ignore them, too."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("command", ["watch", "replay"])
def test_an_interrupt_ends_without_a_trace(command: str, tmp_path: Path) -> None:
    from tests.clients.python.world_cup import FILE

    arguments = {
        "watch": ("watch", "--tournament", "worldcup-2026"),
        "replay": ("replay", str(FILE), "--speed", "60"),
    }[command]

    async def run() -> tuple[int | None, bytes]:
        async with asyncio.timeout(DEADLINE_SECONDS), FakeScorecast() as fake:
            fake.tournaments["worldcup-2026"] = {"tournament_id": "worldcup-2026"}
            stack = tmp_path / "stack.json"
            stack.write_text(json.dumps(fake.description))
            process = await create_subprocess_exec(
                *(sys.executable, "-m", "scorecast_client", *arguments, "--stack", str(stack)),
                stdout=PIPE,
                stderr=PIPE,
                preexec_fn=with_interrupts,
            )
            await fake.has_a_spectator.wait()
            process.send_signal(signal.SIGINT)
            _, errors = await process.communicate()
            return process.returncode, errors

    assert asyncio.run(run()) == (130, b"")


def rendered(row: MatchRow, width: int) -> str:
    output = io.StringIO()
    console = Console(file=output, width=width, height=24, color_system=None)
    connection = Connection("ws://host", None, http_url=None, timings=Timings(), random=lambda: 0.0)
    console.print(
        ScoreboardView(Scoreboard({"match-with-an-id-of-some-length": row}), {}, connection)
    )
    return output.getvalue()


@pytest.mark.parametrize("width", [30, 40, 60])
def test_a_narrow_terminal_shows_score_and_state_and_shortens_names(width: int) -> None:
    row = MatchRow("completed", (12, 10), names=(LONG, "Bayern"), details={"scorer": LONG})
    shown = rendered(row, width)
    line = next(line for line in shown.splitlines() if "12 : 10" in line)
    assert "completed" in line
    assert "…" in line


def test_a_wide_terminal_shows_everything() -> None:
    row = MatchRow("live", (1, 0), names=("Ann", "Bob"), details={"scorer": "Ann", "minute": 9})
    assert "match-with-an-id-of-some-length Ann 1 : 0 Bob live 9' Ann" in rendered(row, 120)


def test_columns_never_exceed_the_terminal() -> None:
    cells = [["m" * 20, LONG, "1 : 0", LONG, "completed", "x" * 90]]
    for width in range(20, 300):
        widths = column_widths(cells, width)
        assert sum(widths) + sum(1 for each in widths if each) <= width + 1
        assert widths[2] == 5
        assert widths[4] == 9


ODD: list[Any] = [
    {"home": 4, "away": 3},
    [1],
    [[1], {}],
    None,
    7,
    "\x1b]0;owned\x07",
    {"toString": 1},
]


@pytest.mark.parametrize("value", ODD)
@pytest.mark.parametrize("name", ["penalties", "minute", "scorer", "kind"])
def test_odd_details_hide_no_score(name: str, value: Any) -> None:
    scoreboard = Scoreboard()
    data = {"match_id": "m1", "participant1_score": 1, "participant2_score": 0}
    event = Event("score_updated", {**data, "details": {"scorer": "A", name: value}}, 0)
    scoreboard.apply(event)

    assert "1:0" in event_lines(event, scoreboard, {})[0]
    assert "1 : 0" in rendered(scoreboard.rows["m1"], 80)


def test_a_terminal_is_sent_nothing_that_it_would_execute() -> None:
    evil = "A\x9b2J\u202eB\u2066\x1b[31m\x07"
    row = MatchRow("live", (1, 0), names=(evil, evil), details={"scorer": evil})
    assert not set("\x9b\u202e\u2066\x1b\x07") & set(rendered(row, 200))
