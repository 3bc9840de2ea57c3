"""A tournament's groups and knockout rounds, as they are given, stored and read."""

from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, TypedDict

from annotated_types import Len, MaxLen, doc

from scorecast.protocol.fields import Id, Name, Sequence
from scorecast.protocol.shapes import ExactlyOne, FieldConflict, Shape

_PARTS_MAX = 256
_MATCHES_MAX = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Shape):
    """A group, whose table follows from its matches."""

    name: Name
    matches: Annotated[
        list[Id], MaxLen(_MATCHES_MAX), doc(f"must be a list of at most {_MATCHES_MAX} match ids")
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot(Shape):
    """A slot's participant: the winner or the loser of another match."""

    rule: ClassVar = ExactlyOne("winner_of", "loser_of")
    winner_of: Id | None = None
    loser_of: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnockoutMatch(Shape):
    """A match of a round. A slot is null for a participant from elsewhere."""

    match_id: Id
    slots: Annotated[list[Slot | None], Len(2, 2), doc("must be a list of two slots or nulls")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Round(Shape):
    """A knockout round. Rounds of a losers' bracket are rounds whose slots name losers."""

    name: Name
    matches: Annotated[
        list[KnockoutMatch],
        MaxLen(_MATCHES_MAX),
        doc(f"must be a list of at most {_MATCHES_MAX} matches"),
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class StructureBody(Shape):
    """Groups and rounds, in the order in which they are shown; single and double elimination."""

    groups: Annotated[
        list[Group], MaxLen(_PARTS_MAX), doc(f"must be a list of at most {_PARTS_MAX} groups")
    ]
    rounds: Annotated[
        list[Round], MaxLen(_PARTS_MAX), doc(f"must be a list of at most {_PARTS_MAX} rounds")
    ]

    def __post_init__(self) -> None:
        known: set[str] = set()
        for match in (match for each in self.rounds for match in each.matches):
            feeders = {slot.winner_of or slot.loser_of for slot in match.slots if slot}
            if match.match_id in known:
                raise FieldConflict("rounds", "must name each match once")
            if not feeders <= known:
                raise FieldConflict("rounds", "must have the matches that fill a slot before it")
            known.add(match.match_id)

    def stored(self) -> dict[str, Any]:
        return {
            "groups": [{"name": each.name, "matches": each.matches} for each in self.groups],
            "rounds": [
                {
                    "name": each.name,
                    "matches": [
                        {"match_id": match.match_id, "slots": list(map(_slot, match.slots))}
                        for match in each.matches
                    ],
                }
                for each in self.rounds
            ],
        }


def _slot(slot: Slot | None) -> dict[str, str] | None:
    if slot is None:
        return None
    if slot.winner_of is not None:
        return {"winner_of": slot.winner_of}
    assert slot.loser_of is not None
    return {"loser_of": slot.loser_of}


class Structure(TypedDict):
    """A tournament's structure, and the number of the event that published it."""

    tournament_id: Id
    """The tournament."""
    version: Sequence
    """The `sequence` of the `bracket_updated` that published it."""
    groups: list[dict[str, Any]]
    """Its groups: `name`, `matches` (their ids)."""
    rounds: list[dict[str, Any]]
    """Its rounds: `name`, `matches` (`match_id`, and two `slots`: `winner_of`, `loser_of` or
    null)."""


class StructureStored(TypedDict):
    """A structure is stored, and will be published."""

    tournament_id: Id
    """The tournament."""
    version: Sequence
    """The `sequence` of its `bracket_updated`."""
