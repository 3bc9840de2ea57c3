"""The newest sequence number known of each match and tournament. Pure."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from scorecast_client.messages import whole_number
from scorecast_client.rooms import Room, numbered_by

NUMBERS_MAX: Final = 20_000
"""Matches and tournaments whose numbers are kept; the one that was silent longest is forgotten."""


class Sequences:
    def __init__(self) -> None:
        self._newest: dict[Room, int] = {}

    def newest(self, numbered: Room) -> int | None:
        return self._newest.get(numbered)

    def is_newer(self, data: Mapping[str, Any]) -> bool:
        numbered, sequence = numbered_by(data), number(data)
        if numbered is None or sequence is None:
            return True
        return sequence > self._newest.get(numbered, -1)

    def skips(self, data: Mapping[str, Any]) -> bool:
        """Whether an event between this one and the newest known has not arrived."""
        numbered, sequence = numbered_by(data), number(data)
        if numbered is None or sequence is None or numbered not in self._newest:
            return False
        return sequence > self._newest[numbered] + 1

    def learn(self, data: Mapping[str, Any]) -> None:
        numbered, sequence = numbered_by(data), number(data)
        if numbered is not None and sequence is not None and self.is_newer(data):
            self._newest.pop(numbered, None)
            self._newest[numbered] = sequence
            if len(self._newest) > NUMBERS_MAX:
                del self._newest[next(iter(self._newest))]

    def forget(self, numbered: Room) -> None:
        self._newest.pop(numbered, None)


def number(data: Mapping[str, Any]) -> int | None:
    return whole_number(data.get("sequence"))


def numbered_parts(snapshot: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A match's snapshot is one; a tournament's is itself and its matches."""
    yield snapshot
    matches = snapshot.get("matches")
    for match in matches if isinstance(matches, list) else ():
        if isinstance(match, Mapping):
            yield match
