"""The rooms that a client can watch: a match, or a tournament with all its matches. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from scorecast_client.errors import ScorecastError
from scorecast_client.messages import Event

Kind = Literal["match", "tournament"]
OF_TOURNAMENT: Final = ("bracket_", "tournament_")
"""The prefixes of the types of events that are numbered per tournament."""


@dataclass(frozen=True)
class Room:
    kind: Kind
    id: str

    @property
    def fields(self) -> dict[str, str]:
        """As a command or a URL names it."""
        return {f"{self.kind}_id": self.id}


def room(*, match: str | None, tournament: str | None) -> Room:
    if (match is None) == (tournament is None):
        raise ScorecastError("Name a room: either a match or a tournament.")
    return Room("match", match) if match is not None else Room("tournament", str(tournament))


def room_or_none(*, match: str | None, tournament: str | None) -> Room | None:
    if match is None and tournament is None:
        return None
    return room(match=match, tournament=tournament)


def rooms_of(event: Event) -> tuple[Room, ...]:
    """The rooms that receive an event, the one with the better recovery first."""
    return tuple(_named(numbering(event)))


def numbering(event: Event) -> Mapping[str, Any]:
    """The data that say whose number an event has.

    A bracket event's data are its sender's, who may have named a match in them.
    """
    if event.type.startswith(OF_TOURNAMENT):
        return {**event.data, "match_id": None}
    return event.data


def numbered_by(data: Mapping[str, Any]) -> Room | None:
    """Whose sequence an event or snapshot carries: its match's, else its tournament's."""
    return next(iter(_named(data)), None)


def _named(data: Mapping[str, Any]) -> list[Room]:
    kinds: tuple[Kind, ...] = ("match", "tournament")
    named = ((kind, data.get(f"{kind}_id")) for kind in kinds)
    return [Room(kind, ident) for kind, ident in named if isinstance(ident, str)]
