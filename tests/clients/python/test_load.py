"""A load over several processes, and what it reports about the stack."""

import asyncio
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from scorecast_client.cli.load import ViewerTokens
from scorecast_client.errors import ScorecastError
from scorecast_client.load.crowd import Address, Crowd
from scorecast_client.load.processes import RemoteCrowd, Task
from tests.clients.python.fake_scorecast import FakeScorecast
from tests.clients.python.test_cli import run_beside

NO_TOKENS = ViewerTokens(None, 1)


def loaded(fake: FakeScorecast, folder: Path, *more: str) -> tuple[int, dict[str, Any]]:
    out = folder / "out.json"
    given = ["--viewers", "5", "--rate", "40", "--ramp", "100"]
    given += [] if "--minutes" in more else ["--seconds", "0.5"]
    code = run_beside(fake, folder, "load", *given, "--out", str(out), *more)
    return code, json.loads(out.read_text())


def test_viewers_in_processes_of_their_own_are_one_load(tmp_path: Path) -> None:
    code, figures = loaded(FakeScorecast(), tmp_path, "--processes", "2")

    assert (code, figures["connected"], figures["accepted"]) == (0, 5, 20)
    assert figures["accepted_to_received"]["count"] == 5 * 20
    assert figures["connecting"]["handshake"]["count"] == 5
    assert figures["connecting"]["per_second"] > 0
    assert figures["memory_mb"]["now"] >= figures["memory_mb"]["connected"] > 0


def test_refused_handshakes_are_counted_by_the_servers_reason() -> None:
    async def connect() -> Crowd:
        fake = FakeScorecast()
        fake.refuse_handshakes = 401  # which a client takes for final the second time
        async with fake:
            address = Address(str(fake.description["ws_url"]), "m1")
            crowd = Crowd(address, ["u1", "u2"], token_for=NO_TOKENS, per_second=100)
            await crowd.connect()
            await crowd.close()
            return crowd

    state = asyncio.run(connect()).state
    assert (state.refused, state.connected, state.is_complete) == (Counter({"401": 2}), 0, True)


def test_a_process_that_ends_too_early_ends_the_load() -> None:
    async def connect() -> None:
        task = Task(Address("ws://127.0.0.1:9", "m1"), ["u1"], _failing, per_second=1)
        crowd = RemoteCrowd(task)
        try:
            await crowd.connect()
        finally:
            await crowd.close()

    with pytest.raises(ScorecastError, match="has ended before its viewers"):
        asyncio.run(connect())


def _failing(user_id: str) -> str | None:
    """No token is made: the process ends as if it had been killed."""
    os._exit(1)


def test_a_soak_lasts_for_its_minutes(tmp_path: Path) -> None:
    code, figures = loaded(FakeScorecast(), tmp_path, "--minutes", "0.01")
    assert (code, figures["sent"]) == (0, 24)


def test_two_stacks_are_compared(tmp_path: Path) -> None:
    fake = FakeScorecast()
    _, figures = loaded(fake, tmp_path, "--against", str(tmp_path / "stack.json"))
    assert figures["stack"]["accepted"] == figures["against"]["accepted"] == 20
    assert figures["ratios"].keys() >= {"messages_per_second", "accepted_to_received_p99_ms"}
