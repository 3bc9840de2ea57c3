"""What a back-end registers over HTTP: tournaments and matches, as request bodies.

The one module with pydantic models: only `api` imports it.
"""

from datetime import datetime
from typing import Annotated, Any, Self

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, field_validator, model_validator

from scorecast.limits import (
    EVENT_DATA_BYTES_MAX,
    ID_CHARACTERS_MAX,
    NAME_CHARACTERS_MAX,
    ORGANIZERS_MAX,
)
from scorecast.matches import Match, Participant, Score
from scorecast.plain_json import compact
from scorecast.states import State
from scorecast.tournaments import OPEN, Tournament, TournamentEventType

Id = Annotated[str, Field(pattern=rf"^[A-Za-z0-9_-]{{1,{ID_CHARACTERS_MAX}}}$")]
Name = Annotated[str, Field(min_length=1, max_length=NAME_CHARACTERS_MAX)]


class Body(BaseModel):
    """A request body: unknown fields are refused, and nothing is converted."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class TournamentBody(Body):
    """A tournament's name and the users who may run its matches."""

    name: Name
    organizers: Annotated[list[Id], Field(max_length=ORGANIZERS_MAX)] = []

    def tournament(self, tournament_id: str) -> Tournament:
        return Tournament(
            id=tournament_id,
            name=self.name,
            organizers=tuple(self.organizers),
            state=OPEN,
            sequence=0,
        )


class TournamentEventBody(Body):
    """News of a bracket, or the end of the tournament. `data` is passed on to the room."""

    type: TournamentEventType
    data: dict[str, Any] = {}

    @field_validator("data")
    @classmethod
    def _fits(cls, data: dict[str, Any]) -> dict[str, Any]:
        if len(compact(data).encode()) > EVENT_DATA_BYTES_MAX:
            raise ValueError(f"must be at most {EVENT_DATA_BYTES_MAX} bytes")
        return data


class ParticipantBody(Body):
    """A player or a team. The id of a player is their user id."""

    id: Id
    name: Name


class MatchBody(Body):
    """A match: whose it is, who plays, and when it starts (with a UTC offset)."""

    tournament_id: Id
    participants: Annotated[list[ParticipantBody], Field(min_length=2, max_length=2)]
    scheduled_at: AwareDatetime

    @model_validator(mode="after")
    def _participants_differ(self) -> Self:
        first, second = self.participants
        if first.id == second.id:
            raise ValueError("a match has two different participants")
        return self

    def match(self, match_id: str) -> Match:
        first, second = (Participant(body.id, body.name) for body in self.participants)
        return Match(
            id=match_id,
            tournament_id=self.tournament_id,
            participants=(first, second),
            scheduled_at=_text(self.scheduled_at),
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


def _text(moment: datetime) -> str:
    return moment.isoformat()
