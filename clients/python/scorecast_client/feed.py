"""What a reader is told: each event once, in the order of its match, snapshots in between. Pure.

A room that is being asked again has its events held back until the answer is there, so that
what the answer recovers comes before what is newer.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from scorecast_client.frames import Event, event_of
from scorecast_client.rooms import Room, numbered_by, numbering, rooms_of
from scorecast_client.sequences import Sequences, number, numbered_parts


class Feed:
    def __init__(self) -> None:
        self.rooms: set[Room] = set()
        """Those joined, which are joined again on every new socket."""
        self.behind: set[Room] = set()
        """Those of which something is missing: ask them again."""
        self._sequences = Sequences()
        self._held: dict[Room, list[Event]] = {}

    def since(self, room: Room) -> int | None:
        return self._sequences.newest(room)

    def take(self, event: Event) -> list[Event]:
        """Sort in what a socket has brought; returns what can be told now."""
        if event.type == "viewers" or number(event.data) is None:
            return [event]  # the sequence of `viewers` is that of its room's newest event
        room = self._source(event)
        if room is not None and room not in self._held and self._sequences.skips(numbering(event)):
            self.behind.add(room)
            self.hold(room)
        if room in self._held:
            self._held[room].append(event)
            return []
        return self._news([event])

    def misses(self, viewers: Event) -> bool:
        """Whether `viewers` tells of an event that has not come."""
        return bool(rooms_of(viewers)) and self._sequences.is_news(viewers.data)

    def hold(self, room: Room) -> None:
        self._held.setdefault(room, [])

    def joined(self, room: Room, data: Mapping[str, Any], *, received_at_ms: float) -> list[Event]:
        """Take the answer to a join; returns the missed events, the snapshot, then the news."""
        self.rooms.add(room)
        self.behind.discard(room)
        held = self._held.pop(room, [])
        snapshot = data.get("snapshot") or {}
        recovered = data.get("recovered") is True
        self._start_over_where_restored(room, snapshot)
        missed = [*_events(data, received_at_ms), *held] if recovered else []
        told = self._before(missed, self._own_parts(room, snapshot))
        told.append(_snapshot_event(room, data, received_at_ms))
        return told + self._retake(held)

    def release(self, room: Room) -> list[Event]:
        """Tell what was held back, gaps or not: there will be no answer."""
        self.behind.discard(room)
        return self._news(sorted(self._held.pop(room, []), key=_sequence))

    def leave(self, room: Room) -> list[Event]:
        """Forget a room, but not its numbers: whoever comes back is told what was missed."""
        self.rooms.discard(room)
        return self.release(room)

    def _source(self, event: Event) -> Room | None:
        """The joined or held room that answers for an event; a match's own knows more."""
        known = self.rooms | self._held.keys()
        return next((room for room in rooms_of(event) if room in known), None)

    def _own_parts(self, room: Room, snapshot: Mapping[str, Any]) -> list[Mapping[str, Any]]:
        """A tournament's snapshot does not speak for a match whose own room is joined."""
        return [
            part
            for part in numbered_parts(snapshot)
            if numbered_by(part) == room or numbered_by(part) not in self.rooms
        ]

    def _before(self, missed: Iterable[Event], parts: Iterable[Mapping[str, Any]]) -> list[Event]:
        """Those of the missed that the snapshot covers, and learn what it covers."""
        covered = {numbered_by(part): number(part) or 0 for part in parts}
        told = self._news(
            event
            for event in sorted(missed, key=_sequence)
            if _sequence(event) <= covered.get(numbered_by(numbering(event)), -1)
        )
        for numbered, sequence in covered.items():
            if numbered is not None:
                self._sequences.learn({**numbered.fields, "sequence": sequence})
        return told

    def _start_over_where_restored(self, room: Room, snapshot: Mapping[str, Any]) -> None:
        """Where the server counts from lower than before, the old numbers mean nothing.

        Each part by itself: a tournament's own number says nothing of its matches'.
        """
        for part in self._own_parts(room, snapshot):
            numbered, now = numbered_by(part), number(part)
            known = None if numbered is None else self._sequences.newest(numbered)
            if numbered is not None and now is not None and known is not None and now < known:
                self._sequences.forget(numbered)

    def _news(self, events: Iterable[Event]) -> list[Event]:
        """Those that are newer than the newest of their numbers, which they then are."""
        told = []
        for event in events:
            if self._sequences.is_news(numbering(event)):
                self._sequences.learn(numbering(event))
                told.append(event)
        return told

    def _retake(self, held: Iterable[Event]) -> list[Event]:
        return [told for event in sorted(held, key=_sequence) for told in self.take(event)]


def _events(data: Mapping[str, Any], received_at_ms: float) -> list[Event]:
    return [
        event_of(frame, received_at_ms)
        for frame in data.get("events") or ()
        if isinstance(frame, Mapping)
    ]


def _snapshot_event(room: Room, data: Mapping[str, Any], received_at_ms: float) -> Event:
    named = ("snapshot", "sequence", "viewers", "role", "is_participant")
    told = {name: data.get(name) for name in named}
    told |= {"room": room.kind, "match_id": None, "tournament_id": None, **room.fields}
    told |= {"recovered": data.get("recovered") is True, "established": "connection_id" in data}
    return Event("snapshot", told, received_at_ms)


def _sequence(event: Event) -> int:
    return number(event.data) or 0
