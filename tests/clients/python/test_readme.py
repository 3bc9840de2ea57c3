"""The examples of the package's README, run as they stand there."""

import asyncio
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scorecast_client.cli import main, parser
from tests.clients.python.fake_scorecast import FakeScorecast

README = (Path(__file__).parents[3] / "clients" / "python" / "README.md").read_text()
MATCH = {"match_id": "m1", "tournament_id": "cup", "sequence": 0, "revision": 0, "state": "live"}
DEADLINE_SECONDS = 20


def example(name: str) -> Callable[..., Any]:
    found: dict[str, Callable[..., Any]] = {}
    for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL):
        exec(compile(code, "README.md", "exec"), found)
    return found[name]


def beside(work: Callable[[FakeScorecast], Any]) -> None:
    async def run() -> None:
        async with asyncio.timeout(DEADLINE_SECONDS), FakeScorecast() as fake:
            fake.matches["m1"] = dict(MATCH)
            await work(fake)

    asyncio.run(run())


def test_the_viewer_shows_the_snapshot_until_it_is_sent_away(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async def work(fake: FakeScorecast) -> None:
        away = {"code": 4003, "reason": "disconnected_by_server", "reconnect": False}
        fake.goodbye, fake.commands_before_goodbye = {"type": "goodbye", **away}, 0
        await example("watch")(fake.stack.ws_url, fake.stack.tokens["spectator"], "m1")

    beside(work)
    assert capsys.readouterr().out.startswith("snapshot {")


def test_the_officials_example_prints_the_revision(capsys: pytest.CaptureFixture[str]) -> None:
    async def work(fake: FakeScorecast) -> None:
        await example("goal")(fake.stack.ws_url, fake.stack.tokens["admin"], "m1")
        assert fake.matches["m1"]["details"] == {"minute": 37}

    beside(work)
    assert capsys.readouterr().out == "accepted 1\n"


def test_the_back_end_reads_what_it_has_stored(capsys: pytest.CaptureFixture[str]) -> None:
    async def work(fake: FakeScorecast) -> None:
        await asyncio.to_thread(example("publish"), fake.stack.http_url, "t", "m1")

    beside(work)
    assert capsys.readouterr().out == "stored 2\n"


def test_every_command_line_is_understood() -> None:
    (shell,) = re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
    for line in shell.splitlines():
        assert parser().parse_args(shlex.split(line)[1:]).run


@pytest.mark.parametrize(
    "command", ["", "watch", "publish", "publish score", "replay", "token", "load"]
)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*command.split(), "--help"]) == 0
    assert "usage: scorecast" in capsys.readouterr().out
