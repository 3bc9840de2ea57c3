"""The newest sequence number known of each match and tournament. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any

from scorecast_client.rooms import Room, numbered_by


class Sequences:
    def __init__(self) -> None:
        self._newest: dict[Room, int] = {}

    def newest(self, numbered: Room) -> int | None:
        return self._newest.get(numbered)

    def is_news(self, data: Mapping[str, Any]) -> bool:
        numbered, sequence = numbered_by(data), number(data)
        if numbered is None or sequence is None:
            return True
        return sequence > self._newest.get(numbered, -1)

    def skips(self, data: Mapping[str, Any]) -> bool:
        """Whether a frame between this one and the newest known has not arrived."""
        numbered, sequence = numbered_by(data), number(data)
        if numbered is None or sequence is None or numbered not in self._newest:
            return False
        return sequence > self._newest[numbered] + 1

    def learn(self, data: Mapping[str, Any]) -> None:
        numbered, sequence = numbered_by(data), number(data)
        if numbered is not None and sequence is not None and self.is_news(data):
            self._newest[numbered] = sequence

    def forget(self, numbered: Room) -> None:
        self._newest.pop(numbered, None)


def number(data: Mapping[str, Any]) -> int | None:
    sequence = data.get("sequence")
    return sequence if isinstance(sequence, int) and not isinstance(sequence, bool) else None


def numbered_parts(snapshot: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A match's snapshot is one; a tournament's is itself and its matches."""
    yield snapshot
    for match in snapshot.get("matches") or ():
        if isinstance(match, Mapping):
            yield match
