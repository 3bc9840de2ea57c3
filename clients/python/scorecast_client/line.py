"""Keeps one socket open: opens it again, hands over ahead of the cut, renews its token."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Literal

from scorecast_client.backoff import Backoff
from scorecast_client.credentials import Credentials
from scorecast_client.ending import Again, Ending, after_goodbye, after_refusal
from scorecast_client.errors import ScorecastError
from scorecast_client.frames import (
    ConnectionLost,
    ConnectRefused,
    Event,
    Goodbye,
    data_of,
)
from scorecast_client.timings import Timings
from scorecast_client.wire import AddressError, Wire, dial, now_ms

Phase = Literal["connecting", "live", "waiting", "closed"]


class Line:
    """`open` it first, then have `run` run. `rejoin` is awaited for every later socket."""

    def __init__(
        self,
        url: str,
        *,
        credentials: Credentials,
        hear: Callable[[Event], None],
        rejoin: Callable[[Wire], Awaitable[None]],
        timings: Timings,
        random: Callable[[], float],
    ) -> None:
        self.phase: Phase = "connecting"
        self.reason = ""
        """Why the last socket ended, or could not be opened."""
        self.goodbye: Goodbye | None = None
        self.reconnects = 0
        self._url = url
        self._credentials = credentials
        self._hear_event = hear
        self._rejoin = rejoin
        self._timings = timings
        self._random = random
        self._backoff = self._new_backoff()
        self._wire: Wire | None = None
        self._opened = asyncio.Event()
        self._token_expired = asyncio.Event()
        self._retiring: set[asyncio.Task[None]] = set()

    async def open(self, url: str) -> Wire:
        """Open the first socket, at an address of its own. Raises ConnectRefused.

        Who is merely to come later comes later; who does not answer at all is an error.
        """
        deadline = time.monotonic() + self._timings.open_seconds
        after = Again(None)
        while True:
            try:
                self._wire = await self._dial(url, after)
                self._wire.in_rooms = True
                return self._wire
            except ConnectRefused as refused:
                again = self._after(refused, after)
                answered = refused.status is not None or refused.goodbye is not None
                if not isinstance(again, Again) or not answered:
                    raise
                self.reason = str(refused)
                seconds = self._pause_seconds(again)
                if time.monotonic() + seconds > deadline:
                    raise
                after = again
                await asyncio.sleep(seconds)

    async def run(self) -> None:
        """Until no socket can be had any more."""
        wire = self._wire
        try:
            while wire is not None:
                wire = await self._serve(wire)
        finally:
            self._end()

    async def live(self) -> Wire:
        """The socket; wait for it if need be. Raises ConnectionLost once there will be none."""
        while True:
            await self._opened.wait()
            if self._wire is None:
                raise ConnectionLost(self.reason)
            if not self._wire.ended.is_set():
                return self._wire
            self._opened.clear()

    def server_ms(self) -> float:
        """The time by the server's clock; by this machine's, while there is no socket."""
        return now_ms() + (self._wire.ahead_ms if self._wire else 0)

    async def close(self) -> None:
        """Close what is open; `run` has been cancelled."""
        wire, self._wire = self._wire, None
        for retiring in self._retiring:
            retiring.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)
        if wire is not None:
            await wire.close()
        self._end()

    def _end(self) -> None:
        self.phase = "closed"
        self._opened.set()

    def _hear(self, event: Event) -> None:
        if event.type == "error" and event.data.get("code") == "token_expired":
            self._token_expired.set()
        self._hear_event(event)

    async def _serve(self, wire: Wire) -> Wire | None:
        """Attend to a socket until it has ended; returns the one after it."""
        self._wire, self.phase, self.reason = wire, "live", ""
        self._opened.set()
        ended = asyncio.create_task(wire.ended.wait())
        successor = asyncio.create_task(self._successor())
        chores: list[asyncio.Task[Any]] = [ended, successor]
        chores.append(asyncio.create_task(self._refresh(wire)))
        if not wire.in_rooms:
            chores.append(asyncio.create_task(self._enter(wire)))
        try:
            await asyncio.wait({ended, successor}, return_when=asyncio.FIRST_COMPLETED)
            if successor.done():
                self._retire(wire)
                return successor.result()
        finally:
            await _cancelled(chores)
        return await self._replace(wire)

    async def _replace(self, wire: Wire) -> Wire | None:
        """Open sockets until one stays open; None once that makes no sense."""
        self._opened.clear()
        self.goodbye, self.reason = wire.goodbye, wire.last_words()
        await wire.close()
        if time.monotonic() - wire.opened_at >= self._timings.settled_seconds:
            self._backoff.reset()
        after: Ending | None = after_goodbye(wire.goodbye, renewable=self._credentials.renewable)
        while isinstance(after, Again):
            self.phase = "waiting"
            await asyncio.sleep(self._pause_seconds(after))
            try:
                opened = await self._dial(self._url, after)
                self.reconnects += 1
                return opened
            except ConnectRefused as refused:
                self.reason, self.goodbye = str(refused), refused.goodbye or self.goodbye
                after = self._after(refused, after)
        self._wire = None
        return None

    async def _dial(self, url: str, after: Again) -> Wire:
        before = self._credentials.shown
        token = await self._token()
        if after.newer_token and token == before:
            sentence = self.reason or "The token is not accepted."
            raise ConnectRefused(f"{sentence} There is no newer token.", status=401)
        return await dial(url, token=token, hear=self._hear, timings=self._timings)

    async def _token(self) -> str | None:
        try:
            return await self._credentials.token()
        except Exception as fault:  # whatever the application's own code may raise
            raise ConnectRefused(f"No token was to be had: {fault!r}.") from fault

    def _after(self, refused: ConnectRefused, after: Again) -> Ending | None:
        """One refusal may be the token's; a second one in a row, with a newer token, is not."""
        if isinstance(refused, AddressError):
            return None
        renewable = self._credentials.renewable and not after.newer_token
        return after_refusal(refused, renewable=renewable)

    def _pause_seconds(self, again: Again) -> float:
        given = again.after_seconds
        return self._backoff.next_seconds() if given is None else given

    def _retire(self, wire: Wire) -> None:
        task = asyncio.create_task(wire.retire())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _enter(self, wire: Wire) -> None:
        with suppress(ConnectionLost):  # then the next socket's turn comes
            await self._rejoin(wire)

    async def _successor(self) -> Wire:
        """A socket, in all rooms, that takes over from one that gets old."""
        await asyncio.sleep(self._timings.lifetime_seconds)
        while True:
            with suppress(ConnectRefused, ConnectionLost):
                return await self._dial_and_enter()
            await asyncio.sleep(self._timings.overlap_again_seconds)

    async def _dial_and_enter(self) -> Wire:
        before = self._credentials.shown
        try:
            return await self._entered(await self._dial(self._url, Again(None)))
        except BaseException:
            self._credentials.shown = before  # the socket that stands still needs a newer one
            raise

    async def _entered(self, wire: Wire) -> Wire:
        try:
            await self._rejoin(wire)
        except BaseException:
            await wire.close()
            raise
        wire.in_rooms = True
        return wire

    async def _refresh(self, wire: Wire) -> None:
        """Replace the token ahead of its expiry, where there is someone to ask for another."""
        expires_at_ms = wire.established.get("expires_at")
        pause = self._new_backoff()
        while self._credentials.renewable and isinstance(expires_at_ms, int):
            await self._nearly(expires_at_ms - wire.ahead_ms)
            with suppress(ScorecastError):
                expires_at_ms = await self._renewed(wire)
                pause.reset()
                continue
            await asyncio.sleep(pause.next_seconds())

    async def _nearly(self, expires_at_ms: float) -> None:
        """Wait until it is time, or until the server says that it is."""
        left_seconds = max(0.0, (expires_at_ms - now_ms()) / 1000)
        ahead_seconds = min(self._timings.refresh_ahead_seconds, left_seconds / 2)
        with suppress(TimeoutError):
            async with asyncio.timeout(left_seconds - ahead_seconds):
                await self._token_expired.wait()

    async def _renewed(self, wire: Wire) -> int | None:
        """The new token's expiry. Raises ScorecastError if there is no new one, or no answer."""
        before = self._credentials.shown
        token = await self._token()
        if token is None or token == before:
            raise ScorecastError("There is no newer token.")
        within_seconds = self._timings.repeat_seconds
        try:
            answer = await wire.request("refresh", within_seconds=within_seconds, token=token)
        except BaseException:  # cancelled too, when the socket has ended meanwhile
            self._credentials.shown = before  # so that the same one may be tried again
            raise
        self._token_expired.clear()
        expires_at_ms = data_of(answer).get("expires_at")
        return expires_at_ms if isinstance(expires_at_ms, int) else None

    def _new_backoff(self) -> Backoff:
        base, cap = self._timings.backoff_base_seconds, self._timings.backoff_cap_seconds
        return Backoff(self._random, base, cap)


async def _cancelled(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
