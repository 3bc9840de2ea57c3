"""Which rooms the client wants, and the commands that make each socket a member of them.

The newest wish counts. A command goes out only while its wish is the newest, and only when the
one before it has been answered or given up: API Gateway may process two at the same time.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import partial
from typing import Any
from weakref import WeakValueDictionary

from scorecast_client.backoff import Backoff
from scorecast_client.cells import MOVED
from scorecast_client.errors import (
    AnswerTimeout,
    CommandRefused,
    ConnectionLost,
    ScorecastError,
    Unsubscribed,
)
from scorecast_client.feed import Feed
from scorecast_client.messages import Event, data_of
from scorecast_client.overflow import Overflow
from scorecast_client.reconnect_policy import ROOM_FULL
from scorecast_client.resync import Resync
from scorecast_client.rooms import Room
from scorecast_client.session import Session
from scorecast_client.socket import Socket, now_ms
from scorecast_client.tasks import RoomTasks, cancel, start_once
from scorecast_client.timings import Timings


class Wish:
    """One `subscribe` call."""

    withdrawn = False


class Memberships:
    def __init__(
        self,
        feed: Feed,
        emit: Callable[[list[Event]], None],
        *,
        overflow: Overflow,
        timings: Timings,
        random: Callable[[], float],
    ) -> None:
        self._feed = feed
        self._emit = emit
        self._overflow = overflow
        self._timings = timings
        self._random = random
        self._locks = WeakValueDictionary[Room, asyncio.Lock]()
        self._wishes: dict[Room, set[Wish]] = {}
        """Of the `subscribe` calls that have no answer yet."""
        self.resync = Resync(feed, self._join_until_answered, timings=timings, random=random)
        self._leaving: RoomTasks = {}

    def entered(self, socket: Socket, room: Room) -> None:
        """The welcome of a socket has made it a member of the room in its URL."""
        socket.rooms.add(room)
        self._take_answer(room, socket.established)

    def await_place(self, room: Room) -> None:
        """It was full: every socket asks for it, as for a room that was joined."""
        self._feed.rooms.add(room)
        self._emit(self._feed.release(room))

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
        """Leave a room, unless it has been wanted again meanwhile."""
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

    async def close(self) -> None:
        await self._overflow.close()
        await self.resync.close()
        await cancel(*self._leaving.values())

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
        """Ask once. Events are held back for the answer. Raises Unsubscribed."""
        async with self._turn(room):
            _check(is_wanted(), room)
            with self._holding(room):
                data = data_of(await self._request_join(socket, room))
            _check(is_wanted(), room)
            self._take_answer(room, data)
            return data

    @contextmanager
    def _holding(self, room: Room) -> Iterator[None]:
        """Hold a room's events back, but no longer than a viewer may wait for a score."""
        self._feed.ask(room)
        loop = asyncio.get_running_loop()
        late = loop.call_later(
            self._timings.hold_seconds, lambda: self._emit(self._feed.give_up(room))
        )
        try:
            yield
        finally:
            late.cancel()

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
            self.resync.request(session, room)  # joined before, and still wanted
        elif room not in self._wishes:
            self._forget(room)
            socket = session.socket  # the server may have joined it all the same
            if socket is not None and room in socket.rooms:
                start_once(self._leaving, room, partial(self._leave_quietly, socket, room))

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
        """A final refusal ends the membership, as an `error` event. Raises ConnectionLost."""
        backoff = self._timings.backoff(self._random)
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
                if refused.code == ROOM_FULL:
                    self._overflow.start(room)
                pause_seconds = _pause_seconds(refused, backoff)
            await asyncio.sleep(pause_seconds)

    async def _leave_until_answered(self, socket: Socket, room: Room) -> None:
        """Raises ConnectionLost, or CommandRefused for good."""
        backoff = self._timings.backoff(self._random)
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
        with suppress(ScorecastError):  # no caller waits for it
            await self._leave_until_answered(socket, room)

    def _is_to_leave(self, socket: Socket, room: Room) -> bool:
        is_wanted = room in self._feed.rooms or room in self._wishes
        return room in socket.rooms and not is_wanted

    def _take_answer(self, room: Room, data: Mapping[str, Any]) -> None:
        self._overflow.stop(room)
        self.resync.learn(room, data.get("viewers"))
        self._emit(self._feed.joined(room, data, received_at_ms=now_ms()))

    def _end_membership(self, socket: Socket, room: Room, refused: CommandRefused) -> None:
        socket.rooms.discard(room)
        self._forget(room)
        data = {"code": refused.code, "message": refused.message, "data": refused.data}
        self._emit([Event("error", {**data, **room.fields}, now_ms())])

    def _forget(self, room: Room) -> None:
        """Emit the events that were held back for an answer that will not arrive."""
        self._overflow.stop(room)
        self.resync.forget(room)
        self._emit(self._feed.leave(room))


def _check(is_wanted: bool, room: Room) -> None:
    if not is_wanted:
        raise Unsubscribed(f"The {room.kind} {room.id} was unsubscribed meanwhile.")


def _may_be_granted_later(refused: CommandRefused) -> bool:
    passing = ("internal_error", "token_expired", MOVED)
    return refused.retry_after_ms is not None or refused.code in passing


def _pause_seconds(refused: CommandRefused, backoff: Backoff) -> float:
    after_ms = refused.retry_after_ms
    return backoff.next_seconds() if after_ms is None else after_ms / 1000
