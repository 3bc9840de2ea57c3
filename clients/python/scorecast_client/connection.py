"""One WebSocket to Scorecast: commands out, each with its answer; events in, each once."""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, Final, Self
from urllib.parse import parse_qsl, urlencode, urlsplit
from uuid import uuid4

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    InvalidURI,
)

from scorecast_client.frames import (
    Acceptance,
    AnswerTimeout,
    CommandRefused,
    ConnectionLost,
    ConnectRefused,
    Event,
    Goodbye,
    Sequences,
    acceptance,
    goodbye,
)

OPEN_SECONDS: Final = 30
"""How long the handshake, and then the greeting, may take each."""
ANSWER_SECONDS: Final = 30
"""How long a command waits for its answer before AnswerTimeout."""

REFUSALS: Final = {
    401: "the token is missing, expired or not valid",
    403: "the token or the origin is not allowed",
    429: "the user or the address has too many connections open",
}


class Connection:
    """Made by `connect`. Iterate over it for the events; the loop ends when the socket does.

    An event of type `error` is one that answers no command.
    """

    def __init__(self, socket: ClientConnection) -> None:
        self.established: Mapping[str, Any] = {}
        """The data of `connection_established`, with the snapshot of the room in the URL."""
        self.goodbye: Goodbye | None = None
        self._socket = socket
        self._ids = itertools.count(1)
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._greeted = asyncio.Event()
        self._error = ""
        self._sequences = Sequences()
        self._revision = 0

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while event := await self._events.get():
            if self._sequences.is_news(event):
                return event
        self._events.put_nowait(None)  # the end stays the end for every later call
        raise StopAsyncIteration

    async def request(self, command: str, **fields: Any) -> dict[str, Any]:
        """Send one command and return its answer.

        Raises CommandRefused, ConnectionLost or AnswerTimeout.
        """
        ident = str(next(self._ids))
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[ident] = answer
        try:
            await self._send({"type": command, "id": ident, **fields})
            async with asyncio.timeout(ANSWER_SECONDS):
                return await answer
        except TimeoutError as fault:
            raise AnswerTimeout(f"{command} was not answered in {ANSWER_SECONDS} s.") from fault
        finally:
            del self._answers[ident]

    async def ping(self) -> dict[str, Any]:
        return await self.request("ping", timestamp=_now_ms())

    async def subscribe(
        self, *, match: str | None = None, tournament: str | None = None
    ) -> dict[str, Any]:
        """Join a room; returns the data of `subscribed`, with the room's snapshot."""
        fields = _given(match_id=match, tournament_id=tournament)
        answer = await self.request("subscribe", **fields)
        return dict(answer["data"])

    async def unsubscribe(self, *, match: str | None = None, tournament: str | None = None) -> None:
        await self.request("unsubscribe", **_given(match_id=match, tournament_id=tournament))

    async def start(self, match_id: str) -> Acceptance:
        return acceptance(await self.request("match_start", match_id=match_id))

    async def score(
        self,
        match_id: str,
        score: tuple[int, int],
        *,
        details: Mapping[str, Any] | None = None,
        update_id: str | None = None,
    ) -> Acceptance:
        """Report a score. Give the same `update_id` again to repeat an update of unknown fate."""
        answer = await self.request(
            "score_update",
            match_id=match_id,
            participant1_score=score[0],
            participant2_score=score[1],
            client_revision=self._next_revision(),
            update_id=update_id or uuid4().hex,
            **_given(details=details),
        )
        return acceptance(answer)

    async def complete(
        self,
        match_id: str,
        *,
        winner_id: str | None,
        score: tuple[int, int] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> Acceptance:
        """End a match. `winner_id` None is a draw; without `score` the last one reported stands."""
        first, second = score or (None, None)
        final = _given(participant1_score=first, participant2_score=second, details=details)
        fields = {"match_id": match_id, "winner_id": winner_id, **final}
        return acceptance(await self.request("match_complete", **fields))

    async def close(self) -> None:
        await self._socket.close()

    async def _greeting(self) -> None:
        """Wait for `connection_established`; it may be an error and a goodbye instead."""
        try:
            async with asyncio.timeout(OPEN_SECONDS):
                await self._greeted.wait()
        except TimeoutError as fault:
            raise ConnectRefused(f"No greeting came within {OPEN_SECONDS} s.") from fault
        if not self.established:
            raise ConnectRefused(self._last_words(), goodbye=self.goodbye)

    async def _listen(self) -> None:
        try:
            # how it ended is told by `goodbye`, or by nobody
            with suppress(ConnectionClosed, ConnectionLost):
                async for text in self._socket:
                    await self._hear(_frame(text))
        finally:
            self._end()

    def _end(self) -> None:
        for answer in self._answers.values():
            _settle(answer, ConnectionLost(self._last_words()))
        self._events.put_nowait(None)
        self._greeted.set()

    async def _hear(self, frame: dict[str, Any]) -> None:
        answer = self._answers.get(frame.get("id", ""))
        match frame.get("type"):
            case "connection_established":
                self.established = frame["data"]
                self._sequences.learn(frame["data"].get("snapshot") or {})
                self._greeted.set()
            case "ping":
                await self._send({"type": "pong"})
            case "goodbye":
                self.goodbye = goodbye(frame)
            case "error" if answer:
                _settle(answer, CommandRefused(frame))
            case str() if answer:
                self._sequences.learn((frame.get("data") or {}).get("snapshot") or {})
                _settle(answer, frame)
            case str(kind) if kind != "error":
                self._events.put_nowait(Event(kind, frame.get("data") or {}, _now_ms()))
            case _:  # an error of the whole connection; API Gateway's own have no type
                self._error = str(frame.get("message"))
                self._events.put_nowait(Event("error", frame, _now_ms()))

    async def _send(self, frame: Mapping[str, Any]) -> None:
        try:
            await self._socket.send(json.dumps(frame, ensure_ascii=False))
        except ConnectionClosed as fault:
            raise ConnectionLost(self._last_words()) from fault

    def _last_words(self) -> str:
        said = f" ({self._error.rstrip('.')})" if self._error else ""
        if self.goodbye is None:
            return f"The connection was closed without a goodbye{said}."
        return f"The server closed the connection: {self.goodbye.reason}{said}."

    def _next_revision(self) -> int:
        self._revision = max(self._revision + 1, int(_now_ms()))
        return self._revision


@asynccontextmanager
async def connect(
    url: str, *, token: str | None = None, match: str | None = None, tournament: str | None = None
) -> AsyncIterator[Connection]:
    """Open a connection, in a room if one is named, and wait until it is established.

    `token` goes into a header; None is for a URL that brings its own. Raises ConnectRefused.
    """
    socket = await _open(_in_room(url, match_id=match, tournament_id=tournament), token)
    connection = Connection(socket)
    listening = asyncio.create_task(connection._listen())
    try:
        await connection._greeting()
        yield connection
    finally:
        await socket.close()
        await listening


async def _open(url: str, token: str | None) -> ClientConnection:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    host = urlsplit(url).hostname
    try:
        return await open_socket(url, additional_headers=headers, open_timeout=OPEN_SECONDS)
    except InvalidStatus as refused:
        status = refused.response.status_code
        reason = REFUSALS.get(status, "no reason is known")
        raise ConnectRefused(
            f"{host} refused the connection with {status}: {reason}.", status=status
        ) from refused
    except (OSError, InvalidHandshake, InvalidURI, ValueError) as fault:
        raise ConnectRefused(f"No WebSocket connection to {host}: {fault}.") from fault


def _in_room(url: str, **room: str | None) -> str:
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query)) | _given(**room)
    return parts._replace(query=urlencode(query)).geturl()


def _frame(text: str | bytes) -> dict[str, Any]:
    try:
        frame = json.loads(text)
    except ValueError:
        frame = None
    return frame if isinstance(frame, dict) else {"message": "it sent what is not a frame"}


def _given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def _settle(answer: asyncio.Future[dict[str, Any]], outcome: dict[str, Any] | Exception) -> None:
    if answer.done():
        return  # its sender was cancelled meanwhile
    if isinstance(outcome, Exception):
        answer.set_exception(outcome)
        return
    answer.set_result(outcome)


def _now_ms() -> float:
    return time.time_ns() / 1e6
