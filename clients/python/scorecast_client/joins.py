"""Asks the server for rooms: at first, after every reconnect, and when something is missing."""

import asyncio
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from scorecast_client.backoff import Backoff
from scorecast_client.feed import Feed
from scorecast_client.frames import AnswerTimeout, CommandRefused, ConnectionLost, Event, data_of
from scorecast_client.line import Line
from scorecast_client.rooms import Room, rooms_of
from scorecast_client.timings import Timings
from scorecast_client.wire import Wire, now_ms


class Joins:
    def __init__(
        self,
        feed: Feed,
        tell: Callable[[list[Event]], None],
        *,
        timings: Timings,
        random: Callable[[], float],
    ) -> None:
        self.gaps = 0
        """How often something was missing, and asked for."""
        self._feed = feed
        self._tell = tell
        self._timings = timings
        self._random = random
        self._one_at_a_time = asyncio.Lock()
        self._wanted: set[Room] = set()
        self._asking: dict[Room, asyncio.Task[None]] = {}
        self._viewers: dict[Room, Event] = {}
        self._suspecting: dict[Room, asyncio.Task[None]] = {}

    async def join(self, wire: Wire, room: Room) -> Mapping[str, Any]:
        """Ask once; returns the data of `subscribed`. Events are held back until it is there."""
        async with self._one_at_a_time:
            self._feed.hold(room)
            since = self._feed.since(room)
            fields: dict[str, Any] = {**room.fields} | ({} if since is None else {"since": since})
            within_seconds = self._timings.repeat_seconds
            answer = await wire.request("subscribe", within_seconds=within_seconds, **fields)
            data = data_of(answer)
            self._tell(self._feed.joined(room, data, received_at_ms=now_ms()))
            return data

    async def rejoin(self, wire: Wire) -> None:
        """Join all rooms again. Raises ConnectionLost.

        Matches first: their answers hold what a tournament's snapshot only sums up.
        """
        for room in sorted(self._feed.rooms, key=lambda room: (room.kind, room.id)):
            await self._insist(wire, room)

    def ask(self, line: Line, room: Room) -> None:
        """Ask again for a room of which something is missing."""
        self.gaps += 1
        self._wanted.add(room)
        if room not in self._asking:
            task = self._asking[room] = asyncio.create_task(self._ask(line, room))
            task.add_done_callback(lambda _: self._asking.pop(room))

    def suspect(self, line: Line, viewers: Event) -> None:
        """Ask again, if what `viewers` numbers has not come a little later."""
        for room in rooms_of(viewers):
            self._viewers[room] = viewers
            if room not in self._suspecting:
                waiting = self._ask_if_missing(line, room)
                task = self._suspecting[room] = asyncio.create_task(waiting)
                task.add_done_callback(partial(self._suspected, room))

    def failed(self, line: Line, room: Room) -> None:
        """A call has ended without its answer, which events may be held back for."""
        if room in self._feed.rooms:
            self.ask(line, room)  # joined before, and still wanted
        else:
            self._forget(room)

    async def leave(self, room: Room) -> None:
        """Forget a room, once no answer is on its way that would bring it back."""
        async with self._one_at_a_time:
            self._forget(room)

    async def close(self) -> None:
        tasks = [*self._asking.values(), *self._suspecting.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _forget(self, room: Room) -> None:
        """Tell what was held back for an answer that will not come."""
        self._tell(self._feed.leave(room))

    def _suspected(self, room: Room, _: asyncio.Task[None]) -> None:
        del self._suspecting[room]

    async def _ask_if_missing(self, line: Line, room: Room) -> None:
        await asyncio.sleep(self._timings.late_seconds)
        if room in self._feed.rooms and self._feed.misses(self._viewers.pop(room)):
            self.ask(line, room)

    async def _ask(self, line: Line, room: Room) -> None:
        """Ask until nothing is wanted any more: an answer may show that more is missing."""
        while room in self._wanted and line.phase != "closed":
            with suppress(ConnectionLost):  # the next socket will do
                wire = await line.live()
                self._wanted.discard(room)
                await self._insist(wire, room)
                continue
            self._wanted.add(room)

    async def _insist(self, wire: Wire, room: Room) -> None:
        """Ask until there is an answer. A refusal for good ends the room, as an `error` event."""
        backoff = Backoff(
            self._random, self._timings.backoff_base_seconds, self._timings.backoff_cap_seconds
        )
        while room in self._feed.rooms:
            try:
                await self.join(wire, room)
                return
            except AnswerTimeout:
                continue
            except CommandRefused as refused:
                if not _may_be_granted_later(refused):
                    self._forget(room)
                    self._tell([_refusal(refused, room)])
                    return
                after_ms = refused.retry_after_ms
                pause_seconds = backoff.next_seconds() if after_ms is None else after_ms / 1000
            await asyncio.sleep(pause_seconds)


def _may_be_granted_later(refused: CommandRefused) -> bool:
    return refused.retry_after_ms is not None or refused.code in ("internal_error", "token_expired")


def _refusal(refused: CommandRefused, room: Room) -> Event:
    said = {"code": refused.code, "message": refused.message, "data": refused.data}
    return Event("error", {**said, **room.fields}, now_ms())
