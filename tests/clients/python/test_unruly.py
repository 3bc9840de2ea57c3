"""Whatever a server does to its messages, the client ends with its state, in order."""

import asyncio
from dataclasses import replace as changed
from itertools import pairwise
from random import Random

import pytest

from scorecast_client import Event, connect
from tests.clients.python.peer import QUICK
from tests.clients.python.unruly import Unruly

DEADLINE_SECONDS = 20
EVENTS = 200


@pytest.mark.parametrize("seed", range(8))
def test_every_decisive_event_arrives_once_in_order(seed: int) -> None:
    server, received, last = asyncio.run(_followed(seed))

    numbers = [event.data["sequence"] for event in received]
    assert all(earlier < later for earlier, later in pairwise(numbers))
    events = [event.data["sequence"] for event in received if event.type == "dispute_created"]
    assert events == [message["data"]["sequence"] for message in server.decisive]
    assert last["participant1_score"] == server.state["participant1_score"]


async def _followed(seed: int) -> tuple[Unruly, list[Event], dict[str, int]]:
    random = Random(seed)
    server, received, known = Unruly(random), list[Event](), dict[str, int]()
    timings = changed(QUICK, repeat_seconds=1, backoff_cap_seconds=0.002)
    async with asyncio.timeout(DEADLINE_SECONDS), server.serving() as url:
        async with connect(url, match="m1", timings=timings, random=random.random) as connection:
            happening = asyncio.create_task(_happen(server))
            async for event in connection:
                if event.type == "snapshot":
                    known = dict(event.data["snapshot"])
                elif event.type != "viewers":
                    received.append(event)
                    known = dict(event.data)
                if known.get("sequence") == EVENTS:
                    happening.cancel()
                    return server, received, known
    raise AssertionError("the connection ended")


async def _happen(server: Unruly) -> None:
    for _ in range(EVENTS):
        await server.happen()
        await asyncio.sleep(0.001)
    while True:  # a viewer who joins again is counted
        await server.count_viewers()
        await asyncio.sleep(0.005)
