"""The events for the reader: each once, in the order of its match, with snapshots. Pure.

A room that is being asked again has its events held back until the answer is there, so that
what the answer recovers comes before what is newer. If it does not come soon, they are emitted:
a late score is worse than a missing event.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from scorecast_client.messages import Event, data_of, event_of
from scorecast_client.rooms import Room, numbered_by, numbering, rooms_of
from scorecast_client.sequences import Sequences, number, numbered_parts

HELD_MAX: Final = 1000
"""Events held back for one room. Older ones are dropped, since the answer contains or recovers
them."""


class Feed:
    def __init__(self) -> None:
        self.rooms: set[Room] = set()
        """Joined rooms, which are joined again on every new WebSocket."""
        self.behind: set[Room] = set()
        """Rooms with a missing event: request them again."""
        self._sequences = Sequences()
        self._held: dict[Room, list[Event]] = {}
        self._late: set[Room] = set()
        """Those whose events were emitted ahead of the answer: it may be older than they are."""
        self._skipped: set[Room] = set()
        """Those whose events were emitted past what is missing: it is not recovered any more."""

    def follows(self, room: Room) -> bool:
        """Whether it is joined, or about to be."""
        return room in self.rooms or room in self._held

    def since(self, room: Room) -> int | None:
        return self._sequences.newest(room)

    def take(self, event: Event) -> list[Event]:
        """Take what a socket received; returns what can be emitted now."""
        if event.type == "viewers" or number(event.data) is None:
            return [event]  # the sequence of `viewers` is that of its room's newest event
        room = self._source(event)
        if room is not None and room not in self._held and self._sequences.skips(numbering(event)):
            self.behind.add(room)
            self.hold(room)
        if room in self._held:
            self._held[room] = [*self._held[room][1 - HELD_MAX :], event]
            return []
        return self._newer([event])

    def misses(self, viewers: Event) -> bool:
        """Whether the number in `viewers` is of an event that has not arrived."""
        return bool(rooms_of(viewers)) and self._sequences.is_newer(viewers.data)

    def hold(self, room: Room) -> None:
        self._held.setdefault(room, [])

    def ask(self, room: Room) -> None:
        """Hold a room's events back for the answer to what is asked now."""
        self.hold(room)
        self._late.discard(room)

    def joined(self, room: Room, data: Mapping[str, Any], *, received_at_ms: float) -> list[Event]:
        """Take the answer to a join; returns the missed events, the snapshot, and newer events."""
        self.rooms.add(room)
        self.behind.discard(room)
        snapshot = data_of({"data": data.get("snapshot")})
        if room in self._late and self._is_outdated(room, snapshot):
            emitted = self.release(room)
            self.behind.add(room)
            return emitted
        held = self._held.pop(room, [])
        recovered = data.get("recovered") is True and room not in self._skipped
        self._skipped.discard(room)
        self._start_over_where_restored(room, snapshot)
        missed = [*_events(data, received_at_ms), *held] if recovered else []
        emitted = self._before(missed, self._own_parts(room, snapshot))
        emitted.append(_snapshot_event(room, {**data, "recovered": recovered}, received_at_ms))
        return emitted + self._retake(held)

    def polled(
        self, room: Room, snapshot: Mapping[str, Any], *, received_at_ms: float
    ) -> list[Event]:
        """Take a snapshot of a full room. It says nothing of which events have been received."""
        data = {"snapshot": snapshot, "sequence": number(snapshot), "is_participant": False}
        return [_snapshot_event(room, data, received_at_ms)]

    def release(self, room: Room) -> list[Event]:
        """Emit the held back events, even with gaps: there will be no answer."""
        self.behind.discard(room)
        return self._newer(sorted(self._held.pop(room, []), key=_sequence))

    def give_up(self, room: Room) -> list[Event]:
        """Emit the events that were held back for a late answer."""
        if room not in self._held:
            return []
        self._late.add(room)
        self._skipped.add(room)
        return self.release(room)

    def leave(self, room: Room) -> list[Event]:
        """Forget a room, but not its numbers: a later join recovers from there."""
        self.rooms.discard(room)
        self._skipped.discard(room)
        return self.release(room)

    def _source(self, event: Event) -> Room | None:
        """The joined or held room that answers for an event; a match's own knows more."""
        return next((room for room in rooms_of(event) if self.follows(room)), None)

    def _own_parts(self, room: Room, snapshot: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """A tournament's snapshot does not speak for a match whose own room is joined."""
        return [
            part
            for part in numbered_parts(snapshot)
            if numbered_by(part) == room or numbered_by(part) not in self.rooms
        ]

    def _before(self, missed: Iterable[Event], parts: Iterable[Mapping[str, Any]]) -> list[Event]:
        """Return the missed events that the snapshot covers, and learn what it covers."""
        covered = {numbered_by(part): number(part) or 0 for part in parts}
        emitted = self._newer(
            event
            for event in sorted(missed, key=_sequence)
            if _sequence(event) <= covered.get(numbered_by(numbering(event)), -1)
        )
        for numbered, sequence in covered.items():
            if numbered is not None:
                self._sequences.learn({**numbered.fields, "sequence": sequence})
        return emitted

    def _start_over_where_restored(self, room: Room, snapshot: Mapping[str, Any]) -> None:
        """Where the server counts from lower than before, the old numbers mean nothing.

        Each part by itself: a tournament's own number says nothing of its matches'.
        """
        for part in self._own_parts(room, snapshot):
            numbered, now = numbered_by(part), number(part)
            known = None if numbered is None else self._sequences.newest(numbered)
            if numbered is not None and now is not None and known is not None and now < known:
                self._sequences.forget(numbered)

    def _is_outdated(self, room: Room, snapshot: Mapping[str, Any]) -> bool:
        """Whether something newer than the snapshot has been emitted."""
        return any(
            (number(part) or 0) < (self._sequences.newest(numbered) or 0)
            for part in self._own_parts(room, snapshot)
            if (numbered := numbered_by(part)) is not None
        )

    def _newer(self, events: Iterable[Event]) -> list[Event]:
        """Keep those that are newer than the newest of their numbers, which they then are."""
        emitted = []
        for event in events:
            if self._sequences.is_newer(numbering(event)):
                self._sequences.learn(numbering(event))
                emitted.append(event)
        return emitted

    def _retake(self, held: Iterable[Event]) -> list[Event]:
        return [taken for event in sorted(held, key=_sequence) for taken in self.take(event)]


def _events(data: Mapping[str, Any], received_at_ms: float) -> list[Event]:
    events = data.get("events")
    return [
        event_of(message, received_at_ms)
        for message in (events if isinstance(events, list) else ())
        if isinstance(message, Mapping)
    ]


def _snapshot_event(room: Room, data: Mapping[str, Any], received_at_ms: float) -> Event:
    names = ("snapshot", "sequence", "viewers", "role", "is_participant")
    fields = {name: data.get(name) for name in names}
    fields |= {"room": room.kind, "match_id": None, "tournament_id": None, **room.fields}
    fields |= {"recovered": data.get("recovered") is True, "established": "connection_id" in data}
    return Event("snapshot", fields, received_at_ms)


def _sequence(event: Event) -> int:
    return number(event.data) or 0
