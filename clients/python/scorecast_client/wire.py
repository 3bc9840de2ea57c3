"""One WebSocket to Scorecast: commands out, each with its answer; everything else to the hearer."""

import asyncio
import itertools
import json
import re
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from websockets.asyncio.client import ClientConnection
from websockets.asyncio.client import connect as open_socket
from websockets.exceptions import (
    ConnectionClosed,
    InvalidHandshake,
    InvalidStatus,
    InvalidURI,
)

from scorecast_client.errors import ScorecastError
from scorecast_client.frames import (
    AnswerTimeout,
    CommandRefused,
    ConnectionLost,
    ConnectRefused,
    Event,
    Goodbye,
    data_of,
    event_of,
    goodbye,
    parse,
)
from scorecast_client.timings import Timings

TOKEN: Final = re.compile(r"[!-~]+")
REFUSALS: Final = {
    401: "the token is missing, expired or not valid",
    403: "the token or the origin is not allowed",
    429: "the user or the address has too many connections open",
}


class AddressError(ConnectRefused):
    """What was given is no address of a WebSocket, or no token."""


class Wire:
    """Made by `dial`. `ended` is set once nothing more will come."""

    def __init__(
        self, socket: ClientConnection, hear: Callable[[Event], None], timings: Timings
    ) -> None:
        self.established: Mapping[str, Any] = {}
        """The data of `connection_established`, with the snapshot of the room in the URL."""
        self.goodbye: Goodbye | None = None
        self.ahead_ms = 0.0
        """What to add to this machine's time to have the server's."""
        self.in_rooms = False
        """Whether the rooms that its predecessor was in have been joined."""
        self.ended = asyncio.Event()
        self._socket = socket
        self._hear = hear
        self._timings = timings
        self._ids = itertools.count(1)
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._greeted = asyncio.Event()
        self._error = ""
        self._heard_at = self.opened_at = time.monotonic()
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._watch())]

    async def request(
        self, command: str, *, within_seconds: float, **fields: Any
    ) -> dict[str, Any]:
        """Send one command and return its answer.

        Raises CommandRefused, ConnectionLost or AnswerTimeout.
        """
        ident = str(next(self._ids))
        answer: asyncio.Future[dict[str, Any]] = asyncio.get_running_loop().create_future()
        self._answers[ident] = answer
        try:
            async with asyncio.timeout(within_seconds):
                await self._send({"type": command, "id": ident, **fields})
                return await answer
        except TimeoutError as fault:
            raise AnswerTimeout(f"{command} was not answered in {within_seconds:g} s.") from fault
        finally:
            del self._answers[ident]

    async def greeting(self) -> None:
        """Wait for `connection_established`; it may be an error and a goodbye instead."""
        try:
            async with asyncio.timeout(self._timings.open_seconds):
                await self._greeted.wait()
        except TimeoutError as fault:
            seconds = self._timings.open_seconds
            raise ConnectRefused(f"No greeting came within {seconds:g} s.") from fault
        if not self.established:
            raise ConnectRefused(self.last_words(), goodbye=self.goodbye)

    async def retire(self) -> None:
        """Close once every command that is under way has its answer."""
        if self._answers:
            await asyncio.wait(self._answers.values(), timeout=self._timings.answer_seconds)
        await self.close()

    async def close(self) -> None:
        await self._socket.close()
        listening, watching = self._tasks
        watching.cancel()
        await asyncio.gather(listening, watching, return_exceptions=True)

    def last_words(self) -> str:
        said = f" ({self._error.rstrip('.')})" if self._error else ""
        if self.goodbye is None:
            return f"The connection was closed without a goodbye{said}."
        return f"The server closed the connection: {self.goodbye.reason}{said}."

    async def _listen(self) -> None:
        try:
            # how it ended is told by `goodbye`, or by nobody
            with suppress(ConnectionClosed, ConnectionLost):
                async for text in self._socket:
                    await self._take(parse(text))
        finally:
            self._end()

    def _end(self) -> None:
        self.ended.set()
        self._greeted.set()
        for answer in self._answers.values():
            _settle(answer, ConnectionLost(self.last_words()))

    async def _take(self, frame: dict[str, Any]) -> None:
        self._heard_at = time.monotonic()
        ident = frame.get("id")
        answer = self._answers.get(ident) if isinstance(ident, str) else None
        match frame.get("type"):
            case "connection_established":
                self._greet(data_of(frame))
            case "ping":
                await self._send({"type": "pong"})
            case "goodbye":
                self.goodbye = goodbye(frame)
            case "error" if answer:
                _settle(answer, CommandRefused(frame))
            case str() if answer:
                _settle(answer, frame)
            case str(kind) if kind != "error":
                if ident is None:  # else it answers what is no longer waited for
                    self._hear(event_of(frame, now_ms()))
            case _:  # an error of the whole connection; API Gateway's own have no type
                self._error = str(frame.get("message"))
                self._hear(Event("error", frame, now_ms()))

    def _greet(self, established: Mapping[str, Any]) -> None:
        self.established = established
        server_ms = established.get("server_time")
        self.ahead_ms = server_ms - now_ms() if isinstance(server_ms, int) else 0.0
        self._greeted.set()

    async def _send(self, frame: Mapping[str, Any]) -> None:
        if self.ended.is_set():
            raise ConnectionLost(self.last_words())
        try:
            await self._socket.send(_text(frame))
        except ConnectionClosed as fault:
            raise ConnectionLost(self.last_words()) from fault

    async def _watch(self) -> None:
        """Ask a quiet server for a sign of life; give a dead one up."""
        while not self.ended.is_set():
            quiet_seconds = time.monotonic() - self._heard_at
            if quiet_seconds < self._timings.quiet_seconds:
                await asyncio.sleep(self._timings.quiet_seconds - quiet_seconds)
            elif not await self._lives():
                self._error = "the server has fallen silent"
                self._socket.transport.abort()
                return

    async def _lives(self) -> bool:
        asked_at = time.monotonic()
        try:
            within_seconds = self._timings.pong_seconds
            await self.request("ping", within_seconds=within_seconds, timestamp=int(now_ms()))
        except (AnswerTimeout, ConnectionLost):
            return self._heard_at >= asked_at
        except CommandRefused:
            return True  # even a refusal is a sign of life
        return True


async def dial(
    url: str, *, token: str | None, hear: Callable[[Event], None], timings: Timings
) -> Wire:
    """Open a socket and wait for the server's greeting. Raises ConnectRefused."""
    wire = Wire(await _open(url, token, timings), hear, timings)
    try:
        await wire.greeting()
    except BaseException:
        await wire.close()
        raise
    return wire


def at(url: str, fields: Mapping[str, str]) -> str:
    """The URL with these fields in its query."""
    parts = urlsplit(url)
    return parts._replace(query=urlencode({**dict(parse_qsl(parts.query)), **fields})).geturl()


def shown(url: str) -> str:
    """The URL as an error may show it: a query may hold a token."""
    return repr(url.partition("?")[0])


def now_ms() -> float:
    return time.time_ns() / 1e6


async def _open(url: str, token: str | None, timings: Timings) -> ClientConnection:
    if token and not TOKEN.fullmatch(token):
        raise AddressError("The token holds characters that no token has.")
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        host = urlsplit(url).hostname
        return await open_socket(
            url,
            additional_headers=headers,
            open_timeout=timings.open_seconds,
            close_timeout=timings.close_seconds,
            ping_interval=None,  # the protocol has its own, which the server counts as life
        )
    except InvalidStatus as refused:
        raise _refusal(refused.response.status_code, str(host)) from refused
    except (InvalidURI, ValueError) as fault:
        reason = fault.msg if isinstance(fault, InvalidURI) else fault
        raise AddressError(f"No WebSocket connection to {shown(url)}: {reason}.") from fault
    except (OSError, InvalidHandshake) as fault:
        raise ConnectRefused(f"No WebSocket connection to {host}: {fault}.") from fault


def _refusal(status: int, host: str) -> ConnectRefused:
    reason = REFUSALS.get(status, "no reason is known")
    return ConnectRefused(f"{host} refused the connection with {status}: {reason}.", status=status)


def _text(frame: Mapping[str, Any]) -> str:
    try:
        return json.dumps(frame, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as fault:
        raise ScorecastError(f"The command cannot be written as JSON: {fault}.") from fault


def _settle(answer: asyncio.Future[dict[str, Any]], outcome: dict[str, Any] | Exception) -> None:
    if answer.done():
        return  # its sender was cancelled meanwhile
    if isinstance(outcome, Exception):
        answer.set_exception(outcome)
        return
    answer.set_result(outcome)
