"""Viewers of one process: connected at a rate, each noting what it receives."""

import asyncio
import os
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Final

from scorecast_client.connection import Connection, connect
from scorecast_client.errors import ConnectRefused, ScorecastError
from scorecast_client.load.load_stats import Delays, LoadStats, Viewer

CONNECTING_MAX: Final = 20
"""Handshakes at the same time, of one process. They begin with one, and each success allows one
more: functions that are not warm yet are not all started at once."""


@dataclass
class CrowdState:
    """What a crowd has seen until now; those of several add up."""

    stats: LoadStats = field(default_factory=LoadStats)
    is_complete: bool = False
    """Whether every viewer has been connected, or refused."""
    connected: int = 0
    gaps: int = 0
    reconnects: int = 0
    disconnected: Counter[str] = field(default_factory=Counter)
    refused: Counter[str] = field(default_factory=Counter)
    """Handshakes by the server's status or reason."""
    refusal: str = ""
    """A sentence about one of them."""
    handshakes: Delays = field(default_factory=Delays)
    memory_bytes: int = 0


@dataclass(frozen=True)
class Address:
    ws_url: str
    match_id: str


class Crowd:
    """`connect` once; `state` can be read meanwhile."""

    def __init__(
        self,
        address: Address,
        user_ids: list[str],
        *,
        token_for: Callable[[str], str | None],
        per_second: float,
    ) -> None:
        self._address = address
        self._user_ids = user_ids
        self._token_for = token_for
        self._per_second = per_second
        self._state = CrowdState()
        self._connections: list[Connection] = []
        self._receiving: list[asyncio.Task[None]] = []
        self._sockets = AsyncExitStack()

    @property
    def state(self) -> CrowdState:
        state, connections = self._state, self._connections
        state.connected = sum(connection.phase == "live" for connection in connections)
        state.gaps = sum(connection.gaps for connection in connections)
        state.reconnects = sum(connection.reconnects for connection in connections)
        state.disconnected = Counter(c.reason for c in connections if c.phase != "live")
        state.memory_bytes = memory_bytes()
        return state

    async def connect(self) -> None:
        """So many a second. One that is refused is counted."""
        at_once, allowed, begun = asyncio.Semaphore(1), 1, time.monotonic()

        async def one(number: int) -> None:
            nonlocal allowed
            await _sleep_until(begun + number / self._per_second)
            async with at_once:
                is_connected = await self._connect_one(self._user_ids[number])
            if is_connected and allowed < CONNECTING_MAX:
                allowed += 1
                at_once.release()

        await asyncio.gather(*(one(number) for number in range(len(self._user_ids))))
        self._state.is_complete = True

    async def _connect_one(self, user_id: str) -> bool:
        begun = time.monotonic()
        url, match_id = self._address.ws_url, self._address.match_id
        try:
            connecting = connect(url, token=self._token_for(user_id), match=match_id)
            connection = await self._sockets.enter_async_context(connecting)
        except ScorecastError as refused:
            self._state.refused[_code(refused)] += 1
            self._state.refusal = str(refused)
            return False
        self._state.handshakes.add((time.monotonic() - begun) * 1_000)
        viewer = Viewer()
        self._state.stats.viewers.append(viewer)
        self._connections.append(connection)
        self._receiving.append(asyncio.create_task(self._receive(connection, viewer)))
        return True

    async def _receive(self, connection: Connection, viewer: Viewer) -> None:
        async for event in connection:
            self._state.stats.receive(viewer, event)

    async def close(self) -> None:
        for task in self._receiving:
            task.cancel()
        await asyncio.gather(*self._receiving, return_exceptions=True)
        await self._sockets.aclose()


def _code(refused: ScorecastError) -> str:
    """The server's reason; else the handshake's status; else there was no answer."""
    if not isinstance(refused, ConnectRefused):
        return type(refused).__name__
    if refused.goodbye is not None:
        return refused.goodbye.reason
    return "no answer" if refused.status is None else str(refused.status)


def memory_bytes() -> int:
    """What this process holds now; 0 where that is not known."""
    try:
        with open("/proc/self/statm", encoding="ascii") as pages:
            return int(pages.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return 0


async def _sleep_until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.monotonic()))
