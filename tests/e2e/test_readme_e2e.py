"""The README's Python client, run as it stands there."""

import asyncio
import contextlib
import re
from pathlib import Path

import pytest

from tests.e2e.cup import Cup, kick_off
from tests.e2e.deployed import Deployed, unique

README = Path(__file__).parents[2] / "README.md"
RECEIVE_SECONDS_MAX = 60


def test_the_minimal_client_shows_the_snapshot_and_what_happens(
    cup: Cup, deployed: Deployed, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)
    example: dict[str, object] = {}
    exec(compile(code, "README.md", "exec"), example)
    watch = example["watch"]
    assert callable(watch)
    match, official, shown = cup.new_match(), cup.official(), ""
    url, token = deployed.description["ws_url"], cup.token(unique("user"))

    async def look() -> None:
        nonlocal shown
        subscriptions = asyncio.create_task(watch(url, token, match.id))
        async with asyncio.timeout(RECEIVE_SECONDS_MAX):
            while "snapshot" not in shown:
                shown += capsys.readouterr().out
                await asyncio.sleep(0)
            await asyncio.to_thread(kick_off, official, match)
            while "match_started" not in shown:
                shown += capsys.readouterr().out
                await asyncio.sleep(0)
        subscriptions.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await subscriptions

    asyncio.run(look())
    assert "'match_id': '" + match.id in shown
