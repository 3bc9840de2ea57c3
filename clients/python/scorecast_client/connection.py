"""A connection that reconnects by itself: commands, each with its reply, and events, each once."""

import asyncio
import random as randomness
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Self, Unpack
from uuid import uuid4

from scorecast_client.cells import MOVED, MOVING
from scorecast_client.credentials import Credentials, Token
from scorecast_client.errors import AnswerTimeout, CommandRefused, ConnectionLost, ConnectRefused
from scorecast_client.feed import Feed
from scorecast_client.memberships import Memberships
from scorecast_client.messages import Acceptance, Event, Goodbye, acceptance_of
from scorecast_client.overflow import Overflow
from scorecast_client.reconnect_policy import is_room_full
from scorecast_client.results import (
    KEPT,
    ReopenedState,
    Resolution,
    ResultFields,
    given,
    result,
)
from scorecast_client.revisions import Revisions
from scorecast_client.rooms import Room, room, room_or_none
from scorecast_client.session import Phase, Session
from scorecast_client.socket import Socket, now_ms
from scorecast_client.timings import Timings
from scorecast_client.urls import room_in, with_query, without_room

EVENTS_WAITING_MAX: Final = 10_000
"""Unread events. With more, all are dropped, and each room starts again from a snapshot."""

MOVED_PAUSE_MS: Final = 100
"""Pause before a command is repeated that was refused because its tournament has moved."""

POLLS: Final = "The room is full; it is read over HTTP until there is a place."


class Connection:
    """Made by `connect`. Iterate over it for the events, until it is closed for good.

    After every join and every reconnect comes an event `snapshot`, with all that the room holds.
    An event `error` is one that answers no command.
    """

    def __init__(
        self, url: str, token: Token, *, http_url: str | None, timings: Timings, random: Any
    ) -> None:
        self.established: Mapping[str, Any] = {}
        """The data of the first `connection_established`, with the snapshot of its room."""
        self._timings = timings
        self._feed = Feed()
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        credentials = Credentials(token)
        self._overflow = Overflow(
            http_url,
            self._feed,
            self._emit,
            credentials=credentials,
            timings=timings,
            random=random,
        )
        self._memberships = Memberships(
            self._feed, self._emit, overflow=self._overflow, timings=timings, random=random
        )
        self._session = Session(
            without_room(url),
            credentials=credentials,
            http_url=http_url,
            on_event=self._on_event,
            enter_rooms=self._memberships.enter_all,
            timings=timings,
            random=random,
        )
        # the server's time: officials whose clocks differ may report on one match
        self._revisions = Revisions(self._session.clock)
        self._running: asyncio.Task[None] | None = None

    @property
    def phase(self) -> Phase:
        """`live`, `waiting` (for a new socket), `polling` (a full room), or `closed` for good."""
        is_polling = self._overflow.rooms and self._session.phase != "closed"
        return "polling" if is_polling else self._session.phase

    @property
    def reason(self) -> str:
        """The reason why it waits, polls or is closed, as a sentence."""
        return POLLS if self.phase == "polling" else self._session.reason

    @property
    def goodbye(self) -> Goodbye | None:
        """The server's reason for closing the last socket that ended."""
        return self._session.goodbye

    @property
    def reconnects(self) -> int:
        return self._session.reconnects

    @property
    def gaps(self) -> int:
        """How often an event was missing, and the room requested again."""
        return self._memberships.resync.gaps

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        if event := await self._events.get():
            return event
        self._events.put_nowait(None)  # the end stays the end for every later call
        raise StopAsyncIteration

    async def ping(self) -> dict[str, Any]:
        return await self._repeated("ping", timestamp=int(now_ms()))

    async def subscribe(
        self, *, match: str | None = None, tournament: str | None = None
    ) -> Mapping[str, Any]:
        """Join a room, now and after every reconnect; returns the data of `subscribed`."""
        joined = room(match=match, tournament=tournament)
        async with self._until_deadline("subscribe"):
            return await self._memberships.subscribe(self._session, joined)

    async def unsubscribe(self, *, match: str | None = None, tournament: str | None = None) -> None:
        """Leave a room. A later `subscribe` counts, whatever the outcome of this command."""
        left = room(match=match, tournament=tournament)
        async with self._until_deadline("unsubscribe"):
            await self._memberships.unsubscribe(self._session, left)

    async def score(
        self,
        match_id: str,
        score: tuple[int, int],
        *,
        details: Mapping[str, Any] | None = None,
        update_id: str | None = None,
        base_revision: int | None = None,
    ) -> Acceptance:
        """Report a score, again and again until it is answered.

        That is safe: all repetitions carry one `update_id`, and count once. CommandRefused with
        the code `stale` says that a newer score stands. With `base_revision`, the revision of the
        score that the sender saw, `conflict` says that another one is stored, and nothing changed.
        """
        answer = await self._repeated(
            "score_update",
            match_id=match_id,
            participant1_score=score[0],
            participant2_score=score[1],
            update_id=update_id or uuid4().hex,
            **given(
                client_revision=self._revisions.next(),
                details=details,
                base_revision=base_revision,
            ),
        )
        return acceptance_of(answer)

    async def start(self, match_id: str) -> Acceptance:
        return acceptance_of(await self._once("match_start", match_id=match_id))

    async def change_state(self, match_id: str, state: str) -> Acceptance:
        answer = await self._once("match_state_change", match_id=match_id, new_state=state)
        return acceptance_of(answer)

    async def dispute(self, match_id: str, reason: str) -> Acceptance:
        return acceptance_of(await self._once("dispute_create", match_id=match_id, reason=reason))

    async def resolve(
        self, match_id: str, dispute_id: str, resolution: Resolution, *, note: str | None = None
    ) -> Acceptance:
        """Close a dispute; the match and its result do not change."""
        fields = {"match_id": match_id, "dispute_id": dispute_id, "resolution": resolution}
        return acceptance_of(await self._once("dispute_resolve", **fields, **given(note=note)))

    async def complete(
        self, match_id: str, *, winner_id: str | None, **fields: Unpack[ResultFields]
    ) -> Acceptance:
        """End a match. `winner_id` None means a draw, or no winner. By default the last
        reported score is final, and the outcome is `played`."""
        final = result(winner_id, fields)
        return acceptance_of(await self._once("match_complete", match_id=match_id, **final))

    async def amend(
        self,
        match_id: str,
        *,
        reason: str,
        winner_id: str | None = KEPT,
        **fields: Unpack[ResultFields],
    ) -> Acceptance:
        """Correct the result of a completed match. Omitted fields are unchanged; `winner_id` None
        means that there is no winner."""
        corrected = result(winner_id, fields)
        answer = await self._once("match_amend", match_id=match_id, reason=reason, **corrected)
        return acceptance_of(answer)

    async def reopen(self, match_id: str, state: ReopenedState, *, reason: str) -> Acceptance:
        """Take back the end of a completed or cancelled match."""
        fields = {"match_id": match_id, "new_state": state, "reason": reason}
        return acceptance_of(await self._once("match_reopen", **fields))

    async def close(self) -> None:
        """Close it for good. Unanswered commands raise ConnectionLost."""
        if self._running is not None:
            self._running.cancel()
            await asyncio.gather(self._running, return_exceptions=True)
        await self._memberships.close()
        await self._session.close()
        self._events.put_nowait(None)

    async def _open(self, url: str, first: Room | None) -> None:
        if first is None:
            socket = await self._session.open(url)
        else:
            socket = await self._open_in(url, first)
        self.established = socket.established
        self._running = asyncio.create_task(self._run())

    async def _open_in(self, url: str, first: Room) -> Socket:
        """Open the first WebSocket in a room; if that is full, in no room, and wait for a place."""
        self._feed.hold(first)
        awaits_place = not self._overflow.is_possible
        try:
            inside = with_query(url, first.fields)
            socket = await self._session.open(inside, awaits_place=awaits_place)
        except ConnectRefused as refused:
            if awaits_place or not is_room_full(refused):
                raise
            self._clear_events()  # of the refusal
            socket = await self._session.open(url)
            self._memberships.await_place(first)
            self._overflow.start(first)
        else:
            self._memberships.entered(socket, first)
        return socket

    async def _run(self) -> None:
        try:
            await self._session.run()
        finally:
            for held in list(self._feed.rooms):
                self._emit(self._feed.release(held))
            self._events.put_nowait(None)

    async def _once(self, command: str, **fields: Any) -> dict[str, Any]:
        """Send a command that must not be executed twice. After ConnectionLost it may have been
        executed.

        While there is no socket, it waits for one: until then nothing has been sent.
        """
        within_seconds = self._timings.answer_seconds
        async with self._until_deadline(command):
            while True:
                try:
                    async with asyncio.timeout(within_seconds):
                        socket = await self._session.live()
                except TimeoutError as fault:
                    raise ConnectionLost(f"{command} was not sent: {self.reason}") from fault
                try:
                    return await socket.request(command, within_seconds=within_seconds, **fields)
                except CommandRefused as refused:
                    await self._await_move(refused)

    async def _repeated(self, command: str, **fields: Any) -> dict[str, Any]:
        """Send a command that may be repeated until it is answered. Raises AnswerTimeout."""
        within_seconds = self._timings.repeat_seconds
        async with self._until_deadline(command):
            while True:
                socket = await self._session.live()
                try:
                    return await socket.request(command, within_seconds=within_seconds, **fields)
                except AnswerTimeout:
                    continue
                except CommandRefused as refused:
                    await self._await_move(refused)
                except ConnectionLost:
                    if self._session.phase == "closed":
                        raise

    async def _await_move(self, refused: CommandRefused) -> None:
        """Wait until what a tournament on the move has refused can be sent again: it did not count.

        Raises any other refusal.
        """
        if refused.code not in (MOVED, MOVING):
            raise refused
        # after `moved` a goodbye follows, and the next socket leads to the other cell
        await asyncio.sleep((refused.retry_after_ms or MOVED_PAUSE_MS) / 1000)

    @asynccontextmanager
    async def _until_deadline(self, command: str) -> AsyncIterator[None]:
        seconds = self._timings.deadline_seconds
        try:
            async with asyncio.timeout(seconds):
                yield
        except TimeoutError as fault:
            sentence = f"{command} was not answered in {seconds:g} s. {self.reason}"
            raise AnswerTimeout(sentence.strip()) from fault

    def _on_event(self, event: Event) -> None:
        if event.type == "viewers":
            self._memberships.resync.receive_viewers(self._session, event)
        self._emit(self._feed.take(event))

    def _emit(self, events: list[Event]) -> None:
        for event in events:
            self._events.put_nowait(event)
        if self._events.qsize() > EVENTS_WAITING_MAX:
            self._drop_unread()
        behind, self._feed.behind = self._feed.behind, set()
        for late in behind:
            self._memberships.resync.request(self._session, late)

    def _clear_events(self) -> None:
        while not self._events.empty():
            self._events.get_nowait()

    def _drop_unread(self) -> None:
        self._clear_events()
        data = {"code": "events_dropped", "message": "Unread events were dropped."}
        self._events.put_nowait(Event("error", data, now_ms()))
        self._feed.behind |= self._feed.rooms


@asynccontextmanager
async def connect(
    url: str,
    *,
    token: Token = None,
    match: str | None = None,
    tournament: str | None = None,
    http_url: str | None = None,
    timings: Timings | None = None,
    random: Any = randomness.random,
) -> AsyncIterator[Connection]:
    """Open a connection, in a room if one is named, and keep it open.

    `token` is a string, or a function, async or not, that is called for every socket and ahead of
    each expiry; None is for a URL that contains one, or for anonymous spectators. It is sent in a
    header. `http_url` is the HTTP API's address: there a client learns why a socket was refused,
    and which limit was reached, and reads the snapshots of a room that is full. Raises
    ConnectRefused if the first socket cannot be opened.
    """
    first = room_or_none(match=match, tournament=tournament) or room_in(url)
    timings = timings or Timings()
    connection = Connection(url, token, http_url=http_url, timings=timings, random=random)
    try:
        await connection._open(without_room(url), first)
        yield connection
    finally:
        await connection.close()
