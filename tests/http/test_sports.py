"""M9: the commands of the recipe for other sports, against the handler itself."""

import shlex
import time
from collections.abc import Iterator

import pytest

from scorecast_client.cli.entry import main
from scorecast_client.cli.exit_codes import DONE
from tests.docs.pages import blocks, page, section
from tests.harness import tokens
from tests.harness.moto_cloud import MotoCloud
from tests.http.server import Server

RECIPE = section(page("recipes.md"), "## Other sports")


def commands() -> Iterator[list[str]]:
    """Those of all blocks; a quoted argument may have several lines."""
    waiting = ""
    for line in "".join(blocks(RECIPE, "sh")).splitlines():
        waiting += f"{line}\n"
        is_whole = waiting.count("'") % 2 == 0 and not line.endswith("\\")
        if is_whole and waiting.startswith("publish "):
            yield shlex.split(waiting.replace("\\\n", ""))
        if is_whole:
            waiting = ""


def test_M9_each_sport_is_registered_reported_and_ended_as_the_recipe_says(
    server: Server, served: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SCORECAST_HTTP", server.url)
    # The client orders scores by the server's clock, which is the machine's here, too.
    monkeypatch.setattr(type(served.system), "now_ms", lambda _: time.time_ns() // 1_000_000)
    now_ms = served.system.now_ms()
    monkeypatch.setenv("SCORECAST_TOKEN", tokens.token("ad", now_ms=now_ms, role="admin"))

    for command in commands():
        assert main(command) == DONE, command

    stored = {match.id: match for match in served.matches.of_tournament("games")}
    assert {match_id: str(match.state) for match_id, match in stored.items()} == {
        "tennis": "completed",
        "esports": "completed",
        "chess": "completed",
        "handball": "live",
        "final": "completed",
    }
    assert stored["chess"].scoring == {"scale": 1, "unit": "points", "negative": False}
