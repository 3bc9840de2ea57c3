"""Requests rooms with a missing event again, spread so that not all viewers ask at once."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Final

from scorecast_client.errors import ConnectionLost
from scorecast_client.feed import Feed
from scorecast_client.messages import Event, milliseconds
from scorecast_client.rooms import Room, rooms_of
from scorecast_client.session import Session
from scorecast_client.socket import Socket
from scorecast_client.tasks import RoomTasks, cancel, start_once
from scorecast_client.timings import Timings

GAP_REQUESTS_PER_SECOND: Final = 500
"""If a whole room misses a message, all its viewers ask. They are spread over time."""
GAP_SPREAD_SECONDS_MAX: Final = 5.0


class Resync:
    def __init__(
        self,
        feed: Feed,
        join: Callable[[Socket, Room], Awaitable[None]],
        *,
        timings: Timings,
        random: Callable[[], float],
    ) -> None:
        self.gaps = 0
        """How often an event was missing, and the room requested again."""
        self._feed = feed
        self._join = join
        self._timings = timings
        self._random = random
        self._viewers: dict[Room, int] = {}
        self._behind: set[Room] = set()
        self._asking: RoomTasks = {}
        self._unconfirmed: dict[Room, Event] = {}
        """By room, the `viewers` whose number has not arrived as an event."""
        self._checking: RoomTasks = {}

    def request(self, session: Session, room: Room) -> None:
        self.gaps += 1
        self._behind.add(room)
        start_once(self._asking, room, partial(self._ask, session, room))

    def receive_viewers(self, session: Session, viewers: Event) -> None:
        """Remember the room's size; ask if the event with its number does not arrive soon."""
        count = milliseconds(viewers.data.get("count"))
        for room in filter(self._feed.follows, rooms_of(viewers)):
            self._viewers[room] = self._viewers.get(room, 0) if count is None else count
            if self._feed.misses(viewers):
                self._unconfirmed[room] = viewers
                start_once(self._checking, room, partial(self._check, session, room))

    def learn(self, room: Room, viewers: object) -> None:
        """The room's size, as the answer to a join has it."""
        self._viewers[room] = milliseconds(viewers) or 0

    def forget(self, room: Room) -> None:
        self._viewers.pop(room, None)
        self._unconfirmed.pop(room, None)

    async def close(self) -> None:
        await cancel(*self._asking.values(), *self._checking.values())

    async def _check(self, session: Session, room: Room) -> None:
        await asyncio.sleep(self._timings.late_seconds)
        viewers = self._unconfirmed.pop(room, None)
        if viewers and room in self._feed.rooms and self._feed.misses(viewers):
            self.request(session, room)

    async def _ask(self, session: Session, room: Room) -> None:
        """Ask until nothing is missing: an answer may reveal further missing events."""
        while room in self._behind and session.phase != "closed":
            await asyncio.sleep(self._random() * self._spread_seconds(room))
            with suppress(ConnectionLost):  # the next WebSocket recovers it
                socket = await session.live()
                self._behind.discard(room)
                await self._join(socket, room)
                continue
            self._behind.add(room)

    def _spread_seconds(self, room: Room) -> float:
        viewers = self._viewers.get(room, 0)
        return min(viewers / GAP_REQUESTS_PER_SECOND, GAP_SPREAD_SECONDS_MAX)
