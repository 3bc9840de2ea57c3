"""Keeps one socket open: reconnects, hands over ahead of the two-hour cut, renews the token."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, Literal

from scorecast_client.backoff import Backoff
from scorecast_client.credentials import Credentials
from scorecast_client.errors import (
    AddressError,
    ConnectionLost,
    ConnectRefused,
    NoNewerToken,
    ScorecastError,
)
from scorecast_client.messages import Event, Goodbye, data_of, whole_number
from scorecast_client.reconnect_policy import (
    FIRST_REFUSALS_MAX,
    REFUSALS_MAX,
    Decision,
    Retry,
    after_goodbye,
    after_refusal,
    counts,
)
from scorecast_client.refusals import explained
from scorecast_client.server_clock import ServerClock
from scorecast_client.socket import Socket, dial, now_ms
from scorecast_client.timings import Timings

Phase = Literal["connecting", "live", "waiting", "closed"]
LIFETIME_JITTER: Final = 0.1
logger = logging.getLogger("scorecast_client")


class Session:
    """Call `open` first, then keep `run` running. `enter_rooms` is awaited for every socket."""

    def __init__(
        self,
        url: str,
        *,
        credentials: Credentials,
        http_url: str | None,
        on_event: Callable[[Event], None],
        enter_rooms: Callable[[Socket], Awaitable[None]],
        timings: Timings,
        random: Callable[[], float],
    ) -> None:
        self.phase: Phase = "connecting"
        self.reason = ""
        """Why the last socket ended, or could not be opened."""
        self.goodbye: Goodbye | None = None
        self.reconnects = 0
        self.clock = ServerClock()
        self._url = url
        self._credentials = credentials
        self._http_url = http_url
        self._forward_event = on_event
        self._enter_rooms = enter_rooms
        self._timings = timings
        self._random = random
        self._backoff = self._new_backoff()
        self._refusals = 0
        self._explained: dict[int | None, ConnectRefused] = {}
        """Of the refusals since the last open socket, by status: each is asked about once."""
        self._socket: Socket | None = None
        self._opened = asyncio.Event()
        self._token_expired = asyncio.Event()
        self._retiring: set[asyncio.Task[None]] = set()

    async def open(self, url: str) -> Socket:
        """Open the first socket, at an address of its own. Raises ConnectRefused.

        A server that refuses for now is tried again; one that does not answer is an error.
        """
        deadline = time.monotonic() + self._timings.open_seconds
        after = Retry(None)
        while True:
            try:
                self._socket = await self._dial(url, after)
                return self._socket
            except ConnectRefused as refused:
                decision = self._after(refused, refusals_max=FIRST_REFUSALS_MAX)
                answered = refused.status is not None or refused.goodbye is not None
                if not isinstance(decision, Retry) or not answered:
                    raise
                self.reason = str(refused)
                seconds = self._pause_seconds(decision)
                if time.monotonic() + seconds > deadline:
                    raise
                after = decision
                # a warning, because the caller has nothing else to look at meanwhile
                logger.warning("%s Trying again in %.1f s.", refused, seconds)
                await asyncio.sleep(seconds)

    async def run(self) -> None:
        """Keep a socket open until reconnecting makes no sense."""
        socket = self._socket
        try:
            while socket is not None:
                socket = await self._serve(socket)
        finally:
            self._end()

    async def live(self) -> Socket:
        """Wait for an open socket. Raises ConnectionLost once there will be none."""
        while True:
            await self._opened.wait()
            if self._socket is None:
                raise ConnectionLost(self.reason)
            if not self._socket.ended.is_set():
                return self._socket
            self._opened.clear()

    @property
    def socket(self) -> Socket | None:
        """The open socket, if there is one now."""
        return None if self._socket is None or self._socket.ended.is_set() else self._socket

    async def close(self) -> None:
        """Close what is open; `run` has been cancelled."""
        socket, self._socket = self._socket, None
        for retiring in self._retiring:
            retiring.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)
        if socket is not None:
            await socket.close()
        self._end()

    def _end(self) -> None:
        self.phase = "closed"
        self._opened.set()

    def _on_event(self, event: Event) -> None:
        if event.type == "error" and event.data.get("code") == "token_expired":
            self._token_expired.set()
        self._forward_event(event)

    async def _serve(self, socket: Socket) -> Socket | None:
        """Look after a socket until it has ended; returns the one after it."""
        self._socket, self.phase, self.reason = socket, "live", ""
        self._opened.set()
        ended = asyncio.create_task(socket.ended.wait())
        successor = asyncio.create_task(self._successor())
        tasks: list[asyncio.Task[Any]] = [ended, successor]
        tasks.append(asyncio.create_task(self._refresh(socket)))
        tasks.append(asyncio.create_task(self._enter(socket)))
        try:
            await asyncio.wait({ended, successor}, return_when=asyncio.FIRST_COMPLETED)
            if successor.done():
                self._retire(socket)
                return successor.result()
        finally:
            await _cancel(tasks)
        return await self._replace(socket)

    async def _replace(self, socket: Socket) -> Socket | None:
        """Reconnect; None once that makes no sense."""
        self._opened.clear()
        self.goodbye, self.reason = socket.goodbye, socket.close_reason()
        await socket.close()
        if time.monotonic() - socket.opened_at >= self._timings.settled_seconds:
            self._backoff.reset()
        after = after_goodbye(socket.goodbye, renewable=self._credentials.renewable)
        while isinstance(after, Retry):
            self.phase = "waiting"
            await asyncio.sleep(self._pause_seconds(after))
            try:
                opened = await self._dial(self._url, after)
                self.reconnects += 1
                return opened
            except ConnectRefused as refused:
                self.reason, self.goodbye = str(refused), refused.goodbye or self.goodbye
                after = self._after(refused, refusals_max=REFUSALS_MAX)
        self._socket = None
        return None

    async def _dial(self, url: str, after: Retry) -> Socket:
        before = self._credentials.shown
        token = await self._token()
        if after.newer_token and token == before:
            sentence = self.reason or "The token is not accepted."
            raise NoNewerToken(f"{sentence} There is no newer token.", status=401)
        try:
            opened = await self._open(url, token)
        except ConnectRefused as refused:
            raise await self._explain(refused, token) from refused
        self._refusals = 0
        self._explained.clear()
        return opened

    async def _open(self, url: str, token: str | None) -> Socket:
        timings, clock = self._timings, self.clock
        return await dial(url, token=token, on_event=self._on_event, clock=clock, timings=timings)

    async def _explain(self, refused: ConnectRefused, token: str | None) -> ConnectRefused:
        if isinstance(refused, AddressError):
            return refused
        if refused.status not in self._explained:
            reason = await explained(refused, token=token, http_url=self._http_url)
            self._explained[refused.status] = reason
        return self._explained[refused.status]

    async def _token(self) -> str | None:
        try:
            return await self._credentials.token()
        except Exception as fault:  # anything that the application's own function raises
            raise ConnectRefused(f"The token function failed: {fault!r}.") from fault

    def _after(self, refused: ConnectRefused, *, refusals_max: int) -> Decision:
        self._refusals = self._refusals + 1 if counts(refused) else 0
        return after_refusal(
            refused,
            renewable=self._credentials.renewable,
            refusals=self._refusals,
            refusals_max=refusals_max,
        )

    def _pause_seconds(self, retry: Retry) -> float:
        if retry.after_seconds is None:
            return self._backoff.next_seconds()
        # jitter: the server may have given everybody the same pause
        return retry.after_seconds + self._random() * self._timings.backoff_base_seconds

    def _retire(self, socket: Socket) -> None:
        task = asyncio.create_task(socket.retire())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _enter(self, socket: Socket) -> None:
        with suppress(ConnectionLost):  # the next socket enters them
            await self._enter_rooms(socket)

    async def _successor(self) -> Socket:
        """Open a socket, in all rooms, that takes over from one that gets old."""
        # jitter: sockets that were opened together are not replaced together
        shorter = 1 - LIFETIME_JITTER * self._random()
        await asyncio.sleep(self._timings.lifetime_seconds * shorter)
        while True:
            with suppress(ConnectRefused, ConnectionLost):
                return await self._dial_and_enter()
            await asyncio.sleep(self._timings.overlap_again_seconds)

    async def _dial_and_enter(self) -> Socket:
        before = self._credentials.shown
        try:
            return await self._entered(await self._dial(self._url, Retry(None)))
        except BaseException:
            self._credentials.shown = before  # the socket that stands still needs a newer one
            raise

    async def _entered(self, socket: Socket) -> Socket:
        try:
            await self._enter_rooms(socket)
        except BaseException:
            await socket.close()
            raise
        return socket

    async def _refresh(self, socket: Socket) -> None:
        """Replace the token ahead of its expiry, if it comes from a function."""
        expires_at_ms = whole_number(socket.established.get("expires_at"))
        pause = self._new_backoff()
        while self._credentials.renewable and expires_at_ms is not None:
            await self._until_nearly(expires_at_ms)
            with suppress(ScorecastError):
                expires_at_ms = await self._renewed(socket)
                pause.reset()
                continue
            await asyncio.sleep(pause.next_seconds())

    async def _until_nearly(self, expires_at_ms: float) -> None:
        """Wait until shortly before the expiry, or until the server says that it has come."""
        server_ms = self.clock.now_ms()
        left_ms = expires_at_ms - (now_ms() if server_ms is None else server_ms)
        left_seconds = max(0.0, left_ms / 1000)
        ahead_seconds = min(self._timings.refresh_ahead_seconds, left_seconds / 2)
        with suppress(TimeoutError):
            async with asyncio.timeout(left_seconds - ahead_seconds):
                await self._token_expired.wait()

    async def _renewed(self, socket: Socket) -> int | None:
        """The new token's expiry. Raises ScorecastError if there is no new one, or no answer."""
        before = self._credentials.shown
        token = await self._token()
        if token is None or token == before:
            raise ScorecastError("There is no newer token.")
        within_seconds = self._timings.repeat_seconds
        try:
            answer = await socket.request("refresh", within_seconds=within_seconds, token=token)
        except BaseException:  # cancelled too, when the socket has ended meanwhile
            self._credentials.shown = before  # so that the same one may be tried again
            raise
        self._token_expired.clear()
        return whole_number(data_of(answer).get("expires_at"))

    def _new_backoff(self) -> Backoff:
        base, cap = self._timings.backoff_base_seconds, self._timings.backoff_cap_seconds
        return Backoff(self._random, base, cap)


async def _cancel(tasks: list[asyncio.Task[Any]]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
