"""Keeps one socket open: reconnects, and switches to a new one before the two-hour limit."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any, Final, Literal

from scorecast_client.cells import may_follow
from scorecast_client.credentials import Credentials
from scorecast_client.dialer import Dialer
from scorecast_client.errors import ConnectionLost, ConnectRefused, NoNewerToken
from scorecast_client.messages import Event, Goodbye
from scorecast_client.reconnect_policy import (
    FIRST_REFUSALS_MAX,
    REFUSALS_MAX,
    Retry,
    after_goodbye,
    is_room_full,
)
from scorecast_client.server_clock import ServerClock
from scorecast_client.socket import Socket
from scorecast_client.tasks import cancel
from scorecast_client.timings import Timings
from scorecast_client.token_refresh import TokenRefresh
from scorecast_client.urls import at_address

Phase = Literal["connecting", "live", "waiting", "polling", "closed"]
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
        self._forward_event = on_event
        self._enter_rooms = enter_rooms
        self._timings = timings
        self._random = random
        self._backoff = timings.backoff(random)
        self._dialer = Dialer(
            credentials,
            http_url=http_url,
            on_event=self._on_event,
            clock=self.clock,
            timings=timings,
        )
        self._refresh = TokenRefresh(credentials, clock=self.clock, timings=timings, random=random)
        self._socket: Socket | None = None
        self._opened = asyncio.Event()
        self._retiring: set[asyncio.Task[None]] = set()

    async def open(self, url: str, *, awaits_place: bool = True) -> Socket:
        """Open the first socket, at an address of its own. Raises ConnectRefused.

        A server that refuses for now is tried again; one that does not answer is an error, and so
        is a full room unless its place is awaited.
        """
        deadline = time.monotonic() + self._timings.open_seconds
        after = Retry(None)
        while True:
            try:
                self._socket = await self._dialer.dial(url, after)
                return self._socket
            except ConnectRefused as refused:
                decision = self._dialer.after(refused, refusals_max=FIRST_REFUSALS_MAX)
                url = self._followed(url, refused.goodbye)
                answered = refused.status is not None or refused.goodbye is not None
                gives_up = is_room_full(refused) and not awaits_place
                if not isinstance(decision, Retry) or not answered or gives_up:
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
        await cancel(*self._retiring)
        if socket is not None:
            await socket.close()
        self._end()

    def _end(self) -> None:
        self.phase = "closed"
        self._opened.set()

    def _on_event(self, event: Event) -> None:
        self._refresh.notice(event)
        self._forward_event(event)

    async def _serve(self, socket: Socket) -> Socket | None:
        """Look after a socket until it has ended; returns the one after it."""
        self._socket, self.phase, self.reason = socket, "live", ""
        self._opened.set()
        ended = asyncio.create_task(socket.ended.wait())
        successor = asyncio.create_task(self._successor())
        tasks: list[asyncio.Task[Any]] = [ended, successor]
        tasks.append(asyncio.create_task(self._refresh.run(socket)))
        tasks.append(asyncio.create_task(self._enter(socket)))
        try:
            await asyncio.wait({ended, successor}, return_when=asyncio.FIRST_COMPLETED)
            if successor.done():
                self._retire(socket)
                return successor.result()
        finally:
            await cancel(*tasks)
        return await self._replace(socket)

    async def _replace(self, socket: Socket) -> Socket | None:
        """Reconnect; None once that makes no sense."""
        self._opened.clear()
        self.goodbye, self.reason = socket.goodbye, socket.close_reason()
        self._followed(self._url, socket.goodbye)
        await socket.close()
        if time.monotonic() - socket.opened_at >= self._timings.settled_seconds:
            self._backoff.reset()
        after = after_goodbye(socket.goodbye, renewable=self._credentials.renewable)
        while isinstance(after, Retry):
            self.phase = "waiting"
            await asyncio.sleep(self._pause_seconds(after))
            try:
                opened = await self._dialer.dial(self._url, after)
                self.reconnects += 1
                return opened
            except ConnectRefused as refused:
                self.goodbye = refused.goodbye or self.goodbye
                self._followed(self._url, refused.goodbye)
                before = f"{self.reason} " if isinstance(refused, NoNewerToken) else ""
                self.reason = f"{before}{refused}"
                after = self._dialer.after(refused, refusals_max=REFUSALS_MAX)
        self._socket = None
        return None

    def _followed(self, url: str, goodbye: Goodbye | None) -> str:
        """The address to dial next: another cell's, if the goodbye names one that may be used.

        Two cells that name each other do no harm: every goodbye is followed by a pause.
        """
        endpoint = goodbye.endpoint if goodbye is not None else None
        if endpoint is None or not may_follow(url, endpoint.socket_url):
            return url
        self._url = at_address(self._url, endpoint.socket_url)
        self._dialer.http_url = endpoint.http_url
        return at_address(url, endpoint.socket_url)

    def _pause_seconds(self, retry: Retry) -> float:
        if retry.after_seconds is None:
            return self._backoff.next_seconds()
        return self._backoff.server_seconds(retry.after_seconds)

    def _lifetime_seconds(self) -> float:
        # jitter: sockets that were opened together are not replaced together
        return self._timings.lifetime_seconds * (1 - LIFETIME_JITTER * self._random())

    def _retire(self, socket: Socket) -> None:
        task = asyncio.create_task(socket.retire())
        self._retiring.add(task)
        task.add_done_callback(self._retiring.discard)

    async def _enter(self, socket: Socket) -> None:
        with suppress(ConnectionLost):  # the next socket enters them
            await self._enter_rooms(socket)

    async def _successor(self) -> Socket:
        """Open a socket, in all rooms, that takes over from one that gets old."""
        await asyncio.sleep(self._lifetime_seconds())
        while True:
            with suppress(ConnectRefused, ConnectionLost):
                return await self._dial_and_enter()
            await asyncio.sleep(self._timings.overlap_again_seconds)

    async def _dial_and_enter(self) -> Socket:
        before = self._credentials.shown
        try:
            return await self._entered(await self._dialer.dial(self._url, Retry(None)))
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
