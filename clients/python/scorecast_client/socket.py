"""One WebSocket to Scorecast: commands out, each with its answer; everything else to `on_event`."""

import asyncio
import itertools
import json
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from scorecast_client.errors import (
    AnswerTimeout,
    CommandRefused,
    ConnectionLost,
    ConnectRefused,
    ScorecastError,
)
from scorecast_client.messages import (
    Event,
    Goodbye,
    data_of,
    event_of,
    goodbye_of,
    parse,
    unpacked,
    whole_number,
)
from scorecast_client.rooms import Room
from scorecast_client.server_clock import ServerClock
from scorecast_client.timings import Timings

logger = logging.getLogger("scorecast_client.messages")
"""At the level DEBUG, every message in and out, without tokens."""


class Socket:
    """Made by `handshake.dial`. `ended` is set once nothing more will come."""

    def __init__(
        self,
        connection: ClientConnection,
        *,
        on_event: Callable[[Event], None],
        clock: ServerClock,
        timings: Timings,
    ) -> None:
        self.established: Mapping[str, Any] = {}
        """The data of `connection_established`, with the snapshot of the room in the URL."""
        self.goodbye: Goodbye | None = None
        self.rooms: set[Room] = set()
        """Those that the server may count this socket a member of."""
        self.ended = asyncio.Event()
        self._connection = connection
        self._on_event = on_event
        self._clock = clock
        self._timings = timings
        self._ids = itertools.count(1)
        self._answers: dict[str, asyncio.Future[dict[str, Any]]] = {}
        self._welcomed = asyncio.Event()
        self._error = ""
        self._received_at = self.opened_at = time.monotonic()
        self._tasks = [asyncio.create_task(self._receive()), asyncio.create_task(self._watch())]

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

    async def welcome(self) -> None:
        """Wait for `connection_established`; it may be an error and a goodbye instead."""
        try:
            async with asyncio.timeout(self._timings.open_seconds):
                await self._welcomed.wait()
        except TimeoutError as fault:
            seconds = self._timings.open_seconds
            raise ConnectRefused(f"No welcome came within {seconds:g} s.") from fault
        if not self.established:
            raise ConnectRefused(self.close_reason(), goodbye=self.goodbye)

    async def retire(self) -> None:
        """Close once every pending command has its answer."""
        if self._answers:
            await asyncio.wait(self._answers.values(), timeout=self._timings.answer_seconds)
        await self.close()

    async def close(self) -> None:
        await self._connection.close()
        receiving, watching = self._tasks
        watching.cancel()
        await asyncio.gather(receiving, watching, return_exceptions=True)

    def close_reason(self) -> str:
        """Why it ended, in a sentence."""
        error = f" ({self._error.rstrip('.')})" if self._error else ""
        if self.goodbye is None:
            return f"The connection was closed without a goodbye{error}."
        return f"The server closed the connection: {self.goodbye.reason}{error}."

    async def _receive(self) -> None:
        try:
            # why it ended is in `goodbye`, if anywhere
            with suppress(ConnectionClosed, ConnectionLost):
                async for text in self._connection:
                    for message in unpacked(parse(text)):
                        await self._take(message)
        finally:
            self._end()

    def _end(self) -> None:
        self.ended.set()
        self._welcomed.set()
        for answer in self._answers.values():
            _resolve(answer, ConnectionLost(self.close_reason()))

    async def _take(self, message: dict[str, Any]) -> None:
        _log("in", message)
        self._received_at = time.monotonic()
        self._observe_time(message)
        ident = message.get("id")
        answer = self._answers.get(ident) if isinstance(ident, str) else None
        match message.get("type"):
            case "connection_established":
                self.established = self.established or data_of(message)
                self._welcomed.set()
            case "ping":
                await self._send({"type": "pong"})
            case "goodbye":
                self.goodbye = goodbye_of(message)
            case "error" if answer:
                _resolve(answer, CommandRefused(message))
            case str() if answer:
                _resolve(answer, message)
            case str(kind) if kind != "error":
                if ident is None:  # else it answers a command that has timed out
                    self._on_event(event_of(message, now_ms()))
            case _:  # an error of the whole connection; API Gateway's own have no type
                self._error = str(message.get("message"))
                self._on_event(Event("error", message, now_ms()))

    def _observe_time(self, message: Mapping[str, Any]) -> None:
        """A pong carries the server's time itself, everything else in its data."""
        server_ms = whole_number(message.get("server_time"))
        server_ms = whole_number(data_of(message).get("server_time", server_ms))
        if server_ms is not None:
            self._clock.observe(server_ms)

    async def _send(self, message: Mapping[str, Any]) -> None:
        if self.ended.is_set():
            raise ConnectionLost(self.close_reason())
        _log("out", message)
        try:
            await self._connection.send(_serialized(message))
        except ConnectionClosed as fault:
            await asyncio.sleep(0)  # so that `ended` is set before the command is tried again
            raise ConnectionLost(self.close_reason()) from fault

    async def _watch(self) -> None:
        """Ping a quiet server, and abort the connection if it does not answer."""
        while not self.ended.is_set():
            # the monotonic clock: a device's time may be set back an hour meanwhile
            quiet_seconds = time.monotonic() - self._received_at
            if quiet_seconds < self._timings.quiet_seconds:
                await asyncio.sleep(self._timings.quiet_seconds - quiet_seconds)
            elif not await self._ping():
                self._error = "the server stopped answering"
                self._connection.transport.abort()
                return

    async def _ping(self) -> bool:
        asked_at = time.monotonic()
        try:
            within_seconds = self._timings.pong_seconds
            await self.request("ping", within_seconds=within_seconds, timestamp=int(now_ms()))
        except (AnswerTimeout, ConnectionLost):
            return self._received_at >= asked_at
        except CommandRefused:
            return True  # even a refusal shows that the server is there
        return True


def now_ms() -> float:
    """This machine's time, for `received_at_ms` alone."""
    return time.time_ns() / 1e6


def _log(direction: str, message: Mapping[str, Any]) -> None:
    if logger.isEnabledFor(logging.DEBUG):
        shown = {name: value for name, value in message.items() if name != "token"}
        logger.debug("%s %s", direction, shown, extra={"direction": direction, "content": shown})


def _serialized(message: Mapping[str, Any]) -> str:
    try:
        return json.dumps(message, ensure_ascii=False, allow_nan=False)
    except (TypeError, ValueError) as fault:
        raise ScorecastError(f"The command cannot be serialized as JSON: {fault}.") from fault


def _resolve(answer: asyncio.Future[dict[str, Any]], outcome: dict[str, Any] | Exception) -> None:
    if answer.done():
        return  # its caller was cancelled meanwhile
    if isinstance(outcome, Exception):
        answer.set_exception(outcome)
        return
    answer.set_result(outcome)
