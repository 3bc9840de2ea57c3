"""The bodies that register matches."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Literal

from annotated_types import Len, doc

from scorecast.domain.matches.changes import NOT_STARTED
from scorecast.domain.matches.match import BYE, Match, Participant
from scorecast.protocol.fields import (
    BestOf,
    DateTime,
    Id,
    Metadata,
    Name,
    Scale,
    Unit,
    parse_date_time,
)
from scorecast.protocol.shapes import FieldConflict, OneKind, Shape
from scorecast.protocol.snapshots import Scoring
from scorecast.protocol.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantBody(Shape):
    """A player or a team (`id`, `name`), the text shown until it is known (`placeholder`), or no
    opponent (`bye`)."""

    rule: ClassVar = OneKind((("id", "name"), ("placeholder",), ("bye",)), beside=("metadata",))
    id: Id | None = None
    """The id of a player is their user id."""
    name: Name | None = None
    """The name to show."""
    metadata: Metadata | None = None
    """Any data about it, such as a colour, a crest or a country."""
    placeholder: Name | None = None
    """What to show until the participant is known, such as "Winner of QF1"."""
    bye: Annotated[Literal[True], doc("must be true")] | None = None
    """The other participant advances without playing."""

    def participant(self) -> Participant:
        if self.id is None:
            return BYE if self.bye else Participant(None, placeholder=self.placeholder)
        return Participant(self.id, self.name or "", self.metadata)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoringBody(Shape):
    """How to interpret a match's scores."""

    scale: Scale = 0
    """Decimal places: scores are integers in units of 10^-scale."""
    negative: bool = False
    """Whether scores may be below zero."""
    unit: Unit = "points"
    """What a score counts, such as goals, points, sets, maps or games."""
    best_of: BestOf | None = None
    """How many sets, maps or games there are at most."""

    def scoring(self) -> Scoring:
        scoring: Scoring = {"scale": self.scale, "negative": self.negative, "unit": self.unit}
        if self.best_of is not None:
            scoring["best_of"] = self.best_of
        return scoring


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationFields(Shape):
    """The participants, and the start (with a UTC offset)."""

    participants: Annotated[
        list[ParticipantBody], Len(2, 2), doc("must be a list of two objects, each a participant")
    ]
    scheduled_at: DateTime | None
    """Null: not known yet."""
    scoring: ScoringBody | None = None
    """How to interpret its scores; omitted: unchanged, at first whole numbers from 0."""
    metadata: Metadata | None = None
    """Any data about the match, such as a venue or a round; omitted: unchanged."""

    def __post_init__(self) -> None:
        first, second = self.participants
        if (first.bye and second.bye) or (first.id is not None and first.id == second.id):
            raise FieldConflict("participants", "must be two different participants")

    def match(self, match_id: str, tournament_id: str) -> Match:
        first, second = (each.participant() for each in self.participants)
        return Match(
            id=match_id,
            tournament_id=tournament_id,
            participants=(first, second),
            scheduled_at=_iso(self.scheduled_at),
            state=State.SCHEDULED,
            score=NOT_STARTED,
            sequence=0,
            last_event_sequence=0,
            scoring=None if self.scoring is None else self.scoring.scoring(),
            metadata=self.metadata,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchBody(RegistrationFields):
    """A match: its tournament, its participants, and its start (with a UTC offset)."""

    tournament_id: Id


def _iso(date_time: str | None) -> str | None:
    return None if date_time is None else parse_date_time(date_time).isoformat()
