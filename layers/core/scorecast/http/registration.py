"""What a back-end registers over HTTP: tournaments and matches, as request bodies.

A field's annotation is its rule, as in a command.
"""

from dataclasses import dataclass, field
from typing import Annotated

from annotated_types import Len, MaxLen, doc

from scorecast.domain.matches.match import Match, Participant, Score
from scorecast.domain.matches.tournament import OPEN, Tournament, TournamentEventType
from scorecast.protocol.fields import ByValue, DateTime, EventData, Id, Name, parse_date_time
from scorecast.protocol.limits import ORGANIZERS_MAX
from scorecast.protocol.shapes import FieldConflict, Shape
from scorecast.protocol.states import State


@dataclass(frozen=True, slots=True, kw_only=True)
class TournamentBody(Shape):
    """A tournament's name and the users who may run its matches."""

    name: Name
    organizers: Annotated[
        list[Id], MaxLen(ORGANIZERS_MAX), doc(f"must be a list of at most {ORGANIZERS_MAX} ids")
    ] = field(default_factory=list)

    def tournament(self, tournament_id: str) -> Tournament:
        return Tournament(
            id=tournament_id,
            name=self.name,
            organizers=tuple(self.organizers),
            state=OPEN,
            sequence=0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TournamentEventBody(Shape):
    """News of a bracket, or the end of the tournament. `data` is passed on to the room."""

    type: Annotated[TournamentEventType, ByValue()]
    data: EventData | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantBody(Shape):
    """A player or a team. The id of a player is their user id."""

    id: Id
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchBody(Shape):
    """A match: whose it is, who plays, and when it starts (with a UTC offset)."""

    tournament_id: Id
    participants: Annotated[
        list[ParticipantBody], Len(2, 2), doc("must be a list of two objects with an id and a name")
    ]
    scheduled_at: DateTime

    def __post_init__(self) -> None:
        if self.participants[0].id == self.participants[1].id:
            raise FieldConflict("participants", "must be two different participants")

    def match(self, match_id: str) -> Match:
        first, second = (Participant(each.id, each.name) for each in self.participants)
        return Match(
            id=match_id,
            tournament_id=self.tournament_id,
            participants=(first, second),
            scheduled_at=parse_date_time(self.scheduled_at).isoformat(),
            state=State.SCHEDULED,
            score=Score(
                participant1=0,
                participant2=0,
                details=None,
                revision=0,
                updated_at_ms=None,
                updated_by=None,
            ),
            sequence=0,
            last_event_sequence=0,
        )
