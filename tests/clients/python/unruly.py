"""A server of one match that drops, repeats, reorders and cuts, as a seed has it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from random import Random
from typing import Any

from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed

Json = dict[str, Any]
DECISIVE_EVERY = 3


class Unruly:
    def __init__(self, random: Random) -> None:
        self.state: Json = {"match_id": "m1", "state": "live", "sequence": 0, "revision": 0}
        self.decisive: list[Json] = []
        self._random = random
        self._late: list[Json] = []
        self._sockets: set[ServerConnection] = set()

    @asynccontextmanager
    async def serving(self) -> AsyncIterator[str]:
        async with serve(self._converse, "127.0.0.1", 0) as server:
            yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/stage"

    async def happen(self) -> None:
        """One more event, delivered as the dice fall."""
        message = self._next_event()
        dice = self._random.random()
        if dice < 0.15:
            pass  # lost
        elif dice < 0.3:
            self._late.append(message)
        elif dice < 0.4:
            for socket in list(self._sockets):
                socket.transport.abort()
        else:
            await self._publish(message, *(self._late if dice < 0.6 else ()))
            if dice < 0.6:
                self._late.clear()
            if dice > 0.9:
                await self._publish(message)

    async def count_viewers(self) -> None:
        data: Json = {"room": "match", "match_id": "m1", "tournament_id": None, "count": 1}
        await self._publish(
            {"type": "viewers", "data": {**data, "sequence": self.state["sequence"]}}
        )

    def _next_event(self) -> Json:
        sequence = self.state["sequence"] + 1
        decisive = self._random.randrange(DECISIVE_EVERY) == 0
        self.state |= {"sequence": sequence, "revision": sequence, "participant1_score": sequence}
        kind = "dispute_created" if decisive else "score_updated"
        message = {"type": kind, "data": {"match_id": "m1", "tournament_id": "t1", **self.state}}
        if decisive:
            self.decisive.append(message)
        return message

    async def _publish(self, *messages: Json) -> None:
        for socket in list(self._sockets):
            with suppress(ConnectionClosed):
                for message in messages:
                    await socket.send(json.dumps(message))

    async def _converse(self, socket: ServerConnection) -> None:
        assert socket.request is not None
        snapshot = None
        if "match_id=m1" in socket.request.path:
            self._sockets.add(socket)
            snapshot = self.state
        data = {"connection_id": "c", "snapshot": snapshot, "expires_at": None}
        await socket.send(json.dumps({"type": "connection_established", "data": data}))
        try:
            async for text in socket:
                await self._answer(socket, json.loads(text))
        finally:
            self._sockets.discard(socket)

    async def _answer(self, socket: ServerConnection, message: Json) -> None:
        self._sockets.add(socket)
        await asyncio.sleep(0)  # an event may slip in between the join and its answer
        events = [
            events for events in self.decisive if events["data"]["sequence"] > message["since"]
        ]
        data = {"match_id": "m1", "snapshot": self.state, "sequence": self.state["sequence"]}
        answer = {"type": "subscribed", "id": message["id"], "data": data}
        await socket.send(
            json.dumps(answer | {"data": {**data, "recovered": True, "events": events}})
        )
