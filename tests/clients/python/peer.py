"""A server that a test leads, one part for each socket that is opened."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import jwt
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from scorecast_client import Timings

Json = dict[str, Any]
CONDITION_SECONDS_MAX = 10
FRESH = jwt.encode({"sub": "u1", "exp": 2**40}, "a secret for tests, of 32 bytes or more")
QUICK = Timings(
    open_seconds=2, late_seconds=0.001, backoff_base_seconds=0.001, backoff_cap_seconds=0.01
)


class Peer:
    """The server's end of one socket."""

    def __init__(self, socket: ServerConnection) -> None:
        self._socket = socket

    async def send(self, kind: str, **fields: Any) -> None:
        await self._socket.send(json.dumps({"type": kind, **fields}))

    async def score(self, match_id: str, sequence: int, **data: Any) -> None:
        await self.send("score_updated", data={"match_id": match_id, "sequence": sequence, **data})

    async def goodbye(self, reason: str, *, code: int = 4012, **fields: Any) -> None:
        await self.send("goodbye", code=code, reason=reason, **{"reconnect": True, **fields})

    async def welcome(self, *, expires_in_ms: int | None = None, **snapshot: Any) -> None:
        data: Json = {"connection_id": "c1", "snapshot": snapshot or None, "server_time": 0}
        await self.send("connection_established", data={**data, "expires_at": expires_in_ms})

    async def receive(self) -> Json:
        return dict(json.loads(await self._socket.recv()))

    async def answer(self, command: Json, kind: str, **data: Any) -> None:
        await self.send(kind, id=command["id"], data=data)

    async def joined(self, command: Json, sequence: int, *events: Json, **data: Any) -> None:
        """Answer `subscribe` to a match; `recovered` unless given otherwise."""
        assert command["type"] == "subscribe"
        snapshot = {"match_id": command["match_id"], "sequence": sequence}
        answer = {"snapshot": snapshot, "recovered": True, "events": events, "viewers": 1, **data}
        await self.answer(command, "subscribed", sequence=sequence, **answer)

    async def raw(self, text: str) -> None:
        await self._socket.send(text)

    async def until_closed(self) -> None:
        """Receive nothing more, and send nothing."""
        await self._socket.wait_closed()

    def cut(self) -> None:
        self._socket.transport.abort()

    @property
    def path(self) -> str:
        assert self._socket.request is not None
        return self._socket.request.path

    @property
    def authorization(self) -> str | None:
        assert self._socket.request is not None
        return self._socket.request.headers.get("Authorization")


Part = Callable[[Peer], Awaitable[None]]


async def until(condition: Callable[[], bool]) -> None:
    """For changes without an event."""
    async with asyncio.timeout(CONDITION_SECONDS_MAX):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.001)


@asynccontextmanager
async def serving(*parts: Part | int) -> AsyncIterator[str]:
    """A part for each handshake in turn, a number refuses it; all later ones get 403.

    A part that returns closes its socket. Yields the URL.
    """
    waiting = list(parts)
    admitted: list[Part] = []

    def admit(socket: ServerConnection, request: Request) -> Response | None:
        part = waiting.pop(0) if waiting else 403
        if isinstance(part, int):
            return socket.respond(part, "")
        admitted.append(part)
        return None

    async def play(socket: ServerConnection) -> None:
        await admitted.pop(0)(Peer(socket))

    async with serve(play, "127.0.0.1", 0, process_request=admit) as server:
        port = next(iter(server.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}/stage"


def decisive(sequence: int, kind: str = "match_started") -> Json:
    return {"type": kind, "data": {"match_id": "m1", "sequence": sequence}}
