"""Which rooms the client wants, and the commands that make each socket a member of them.

The newest wish counts. A command goes out only while its wish is the newest, and only when the
one before it has been answered or given up: API Gateway may process two at the same time.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Final
from weakref import WeakValueDictionary

from scorecast_client.backoff import Backoff
from scorecast_client.errors import (
    AnswerTimeout,
    CommandRefused,
    ConnectionLost,
    ScorecastError,
    Unsubscribed,
)
from scorecast_client.feed import Feed
from scorecast_client.messages import Event, data_of, milliseconds
from scorecast_client.rooms import Room, rooms_of
from scorecast_client.session import Session
from scorecast_client.socket import Socket, now_ms
from scorecast_client.timings import Timings

GAP_REQUESTS_PER_SECOND: Final = 500
"""A message that is lost to a whole room makes all its viewers ask. They spread over time."""
GAP_SPREAD_SECONDS_MAX: Final = 5.0

Tasks = dict[Room, asyncio.Task[None]]


class Wish:
    """One `subscribe` call."""

    withdrawn = False


class Memberships:
    def __init__(
        self,
        feed: Feed,
        emit: Callable[[list[Event]], None],
        *,
        timings: Timings,
        random: Callable[[], float],
    ) -> None:
        self.gaps = 0
        """How often an event was missing, and the room asked again."""
        self._feed = feed
        self._emit = emit
        self._timings = timings
        self._random = random
        self._locks = WeakValueDictionary[Room, asyncio.Lock]()
        self._wishes: dict[Room, set[Wish]] = {}
        """Of the `subscribe` calls that have no answer yet."""
        self._viewers: dict[Room, int] = {}
        self._behind: set[Room] = set()
        self._resyncing: Tasks = {}
        self._unconfirmed: dict[Room, Event] = {}
        self._checking: Tasks = {}
        self._leaving: Tasks = {}

    def entered(self, socket: Socket, room: Room) -> None:
        """The welcome of a socket has made it a member of the room in its URL."""
        socket.rooms.add(room)
        self._take_answer(room, socket.established)

    async def subscribe(self, session: Session, room: Room) -> Mapping[str, Any]:
        """Join a room, now and on every later socket; returns the data of `subscribed`."""
        wish = Wish()
        self._wishes.setdefault(room, set()).add(wish)
        try:
            data = await self._join_somewhere(session, room, wish)
        except BaseException:
            self._drop(room, wish)
            self._abandon(session, room)
            raise
        self._drop(room, wish)
        return data

    async def unsubscribe(self, session: Session, room: Room) -> None:
        """Leave a room, unless it is wanted again meanwhile."""
        for wish in self._wishes.pop(room, ()):
            wish.withdrawn = True
        self._forget(room)
        # where there is no socket, none is a member: a new one enters the wanted rooms only
        if socket := session.socket:
            with suppress(ConnectionLost):
                await self._leave_until_answered(socket, room)

    async def enter_all(self, socket: Socket) -> None:
        """Make a socket a member of the wanted rooms, and of no others. Raises ConnectionLost.

        Matches first: their answers hold what a tournament's snapshot only sums up.
        """
        for room in sorted(self._feed.rooms, key=lambda room: (room.kind, room.id)):
            if room not in socket.rooms:
                await self._join_until_answered(socket, room)
        for room in list(socket.rooms):
            with suppress(CommandRefused):
                await self._leave_until_answered(socket, room)

    def resync(self, session: Session, room: Room) -> None:
        """Ask again for a room of which something is missing."""
        self.gaps += 1
        self._behind.add(room)
        _start_once(self._resyncing, room, partial(self._resync, session, room))

    def check_later(self, session: Session, viewers: Event) -> None:
        """Ask again, if the event whose number `viewers` carries does not come soon."""
        for room in rooms_of(viewers):
            if self._feed.follows(room):
                self._unconfirmed[room] = viewers
                _start_once(self._checking, room, partial(self._check_arrival, session, room))

    def count_viewers(self, viewers: Event) -> None:
        count = milliseconds(viewers.data.get("count"))
        for room in rooms_of(viewers):
            if count is not None and self._feed.follows(room):
                self._viewers[room] = count

    async def close(self) -> None:
        tasks = [*self._resyncing.values(), *self._checking.values(), *self._leaving.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _join_somewhere(self, session: Session, room: Room, wish: Wish) -> Mapping[str, Any]:
        while True:
            socket = await session.live()
            try:
                data = await self._join(socket, room, lambda: not wish.withdrawn)
            except AnswerTimeout:
                continue
            except ConnectionLost:
                if session.phase == "closed":
                    raise
                continue
            if session.socket in (socket, None):
                return data  # else another socket took over before this answer came

    async def _join(
        self, socket: Socket, room: Room, is_wanted: Callable[[], bool]
    ) -> Mapping[str, Any]:
        """Ask once. Events are held back until the answer is there. Raises Unsubscribed."""
        async with self._turn(room):
            _check(is_wanted(), room)
            self._feed.hold(room)
            data = data_of(await self._request_join(socket, room))
            _check(is_wanted(), room)
            self._take_answer(room, data)
            return data

    def _turn(self, room: Room) -> asyncio.Lock:
        """Commands about one room go out one after the other."""
        lock = self._locks.get(room)
        if lock is None:
            lock = self._locks[room] = asyncio.Lock()
        return lock

    def _drop(self, room: Room, wish: Wish) -> None:
        wishes = self._wishes.get(room, set())
        wishes.discard(wish)
        if not wishes:
            self._wishes.pop(room, None)

    def _abandon(self, session: Session, room: Room) -> None:
        """A `subscribe` has ended without its answer, which events may be held back for."""
        if room in self._feed.rooms:
            self.resync(session, room)  # joined before, and still wanted
        elif room not in self._wishes:
            self._forget(room)
            socket = session.socket  # the server may have joined it all the same
            if socket is not None and room in socket.rooms:
                _start_once(self._leaving, room, partial(self._leave_quietly, socket, room))

    async def _request_join(self, socket: Socket, room: Room) -> dict[str, Any]:
        since = self._feed.since(room)
        fields: dict[str, Any] = {**room.fields} | ({} if since is None else {"since": since})
        was_member = room in socket.rooms
        socket.rooms.add(room)  # from now on the server may count it a member
        try:
            within_seconds = self._timings.repeat_seconds
            return await socket.request("subscribe", within_seconds=within_seconds, **fields)
        except CommandRefused:
            if not was_member:
                socket.rooms.discard(room)
            raise

    async def _join_until_answered(self, socket: Socket, room: Room) -> None:
        """A refusal for good ends the membership, as an `error` event. Raises ConnectionLost."""
        backoff = self._new_backoff()
        while room in self._feed.rooms:
            try:
                await self._join(socket, room, lambda: room in self._feed.rooms)
                return
            except AnswerTimeout:
                continue
            except Unsubscribed:
                return
            except CommandRefused as refused:
                if not _may_be_granted_later(refused):
                    self._end_membership(socket, room, refused)
                    return
                pause_seconds = _pause_seconds(refused, backoff)
            await asyncio.sleep(pause_seconds)

    async def _leave_until_answered(self, socket: Socket, room: Room) -> None:
        """Raises ConnectionLost, or CommandRefused for good."""
        backoff = self._new_backoff()
        while self._is_to_leave(socket, room):
            try:
                await self._leave(socket, room)
            except AnswerTimeout:
                continue
            except CommandRefused as refused:
                if not _may_be_granted_later(refused):
                    socket.rooms.discard(room)
                    raise
                await asyncio.sleep(_pause_seconds(refused, backoff))

    async def _leave(self, socket: Socket, room: Room) -> None:
        """Ask once, if the room is still to be left when the turn comes."""
        async with self._turn(room):
            if self._is_to_leave(socket, room):
                within_seconds = self._timings.repeat_seconds
                await socket.request("unsubscribe", within_seconds=within_seconds, **room.fields)
                socket.rooms.discard(room)

    async def _leave_quietly(self, socket: Socket, room: Room) -> None:
        with suppress(ScorecastError):  # nobody waits for it
            await self._leave_until_answered(socket, room)

    def _is_to_leave(self, socket: Socket, room: Room) -> bool:
        is_wanted = room in self._feed.rooms or room in self._wishes
        return room in socket.rooms and not is_wanted

    def _take_answer(self, room: Room, data: Mapping[str, Any]) -> None:
        self._viewers[room] = milliseconds(data.get("viewers")) or 0
        self._emit(self._feed.joined(room, data, received_at_ms=now_ms()))

    def _end_membership(self, socket: Socket, room: Room, refused: CommandRefused) -> None:
        socket.rooms.discard(room)
        self._forget(room)
        data = {"code": refused.code, "message": refused.message, "data": refused.data}
        self._emit([Event("error", {**data, **room.fields}, now_ms())])

    def _forget(self, room: Room) -> None:
        """Emit what was held back for an answer that will not come."""
        self._viewers.pop(room, None)
        self._unconfirmed.pop(room, None)
        self._emit(self._feed.leave(room))

    async def _check_arrival(self, session: Session, room: Room) -> None:
        await asyncio.sleep(self._timings.late_seconds)
        viewers = self._unconfirmed.pop(room, None)
        if viewers and room in self._feed.rooms and self._feed.misses(viewers):
            self.resync(session, room)

    async def _resync(self, session: Session, room: Room) -> None:
        """Ask until nothing is missing any more: an answer may show that more is."""
        while room in self._behind and session.phase != "closed":
            await asyncio.sleep(self._random() * self._gap_spread_seconds(room))
            with suppress(ConnectionLost):  # the next socket will do
                socket = await session.live()
                self._behind.discard(room)
                await self._join_until_answered(socket, room)
                continue
            self._behind.add(room)

    def _gap_spread_seconds(self, room: Room) -> float:
        viewers = self._viewers.get(room, 0)
        return min(viewers / GAP_REQUESTS_PER_SECOND, GAP_SPREAD_SECONDS_MAX)

    def _new_backoff(self) -> Backoff:
        base, cap = self._timings.backoff_base_seconds, self._timings.backoff_cap_seconds
        return Backoff(self._random, base, cap)


def _check(is_wanted: bool, room: Room) -> None:
    if not is_wanted:
        raise Unsubscribed(f"The {room.kind} {room.id} was unsubscribed meanwhile.")


def _start_once(tasks: Tasks, room: Room, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
    if room not in tasks:
        task = tasks[room] = asyncio.create_task(work())
        task.add_done_callback(lambda _: tasks.pop(room))


def _may_be_granted_later(refused: CommandRefused) -> bool:
    return refused.retry_after_ms is not None or refused.code in ("internal_error", "token_expired")


def _pause_seconds(refused: CommandRefused, backoff: Backoff) -> float:
    after_ms = refused.retry_after_ms
    return backoff.next_seconds() if after_ms is None else after_ms / 1000
