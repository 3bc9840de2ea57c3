"""What a back-end registers over HTTP: tournaments and matches, as request bodies.

A field's annotation is its rule, as in a command.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

from scorecast.domain.matches.match import Match, Participant, Score
from scorecast.domain.matches.tournament import OPEN, Tournament, TournamentEventType
from scorecast.protocol import messages
from scorecast.protocol.commands import ID_RULE, Id, Rule
from scorecast.protocol.errors import Json
from scorecast.protocol.limits import EVENT_DATA_BYTES_MAX, NAME_CHARACTERS_MAX, ORGANIZERS_MAX
from scorecast.protocol.states import State
from scorecast.protocol.strict_json import compact

_PARTICIPANTS: Final = 2
_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)", re.ASCII
)


def _is_moment(value: object) -> bool:
    if not isinstance(value, str) or not _MOMENT.fullmatch(value):
        return False
    try:
        _moment(value)
    except ValueError:
        return False
    return True


def _moment(text: str) -> datetime:
    """A moment of RFC 3339; digits after the microseconds are dropped."""
    return datetime.fromisoformat(text.upper())


def _is_name(value: object) -> bool:
    return isinstance(value, str) and 1 <= len(value) <= NAME_CHARACTERS_MAX


def _are_ids(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) <= ORGANIZERS_MAX
        and all(map(ID_RULE.accepts, value))
    )


def _are_two_objects(value: object) -> bool:
    return (
        isinstance(value, list)
        and len(value) == _PARTICIPANTS
        and all(isinstance(each, dict) for each in value)
    )


def _fits(value: object) -> bool:
    return isinstance(value, dict) and len(compact(value).encode()) <= EVENT_DATA_BYTES_MAX


_NAME_RULE: Final = Rule(
    _is_name,
    f"must be a string of 1 to {NAME_CHARACTERS_MAX} characters",
    {"type": "string", "minLength": 1, "maxLength": NAME_CHARACTERS_MAX},
)
_ORGANIZERS_RULE: Final = Rule(
    _are_ids,
    f"must be a list of at most {ORGANIZERS_MAX} ids",
    {"type": "array", "items": ID_RULE.schema, "maxItems": ORGANIZERS_MAX},
)
_PARTICIPANTS_RULE: Final = Rule(
    _are_two_objects,
    "must be a list of two objects with an id and a name",
    {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {"id": ID_RULE.schema, "name": _NAME_RULE.schema},
            "required": ["id", "name"],
            "additionalProperties": False,
        },
        "minItems": _PARTICIPANTS,
        "maxItems": _PARTICIPANTS,
    },
)
_MOMENT_RULE: Final = Rule(
    _is_moment,
    "must be a date and time with a UTC offset, such as 2026-06-11T13:00:00-06:00",
    {"type": "string", "format": "date-time"},
)
_EVENT_TYPE_RULE: Final = Rule(
    lambda value: isinstance(value, str) and value in set(TournamentEventType),
    "must be one of " + ", ".join(TournamentEventType),
    {"type": "string", "enum": [str(kind) for kind in TournamentEventType]},
)
_EVENT_DATA_RULE: Final = Rule(
    _fits, f"must be an object of at most {EVENT_DATA_BYTES_MAX} bytes", {"type": "object"}
)

Name = Annotated[str, _NAME_RULE]


@dataclass(frozen=True, slots=True, kw_only=True)
class TournamentBody:
    """A tournament's name and the users who may run its matches."""

    name: Name
    organizers: Annotated[Sequence[str], _ORGANIZERS_RULE] = ()

    def tournament(self, tournament_id: str) -> Tournament:
        return Tournament(
            id=tournament_id,
            name=self.name,
            organizers=tuple(self.organizers),
            state=OPEN,
            sequence=0,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class TournamentEventBody:
    """News of a bracket, or the end of the tournament. `data` is passed on to the room."""

    type: Annotated[str, _EVENT_TYPE_RULE]
    data: Annotated[Json, _EVENT_DATA_RULE] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantBody:
    """A player or a team. The id of a player is their user id."""

    id: Id
    name: Name


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchBody:
    """A match: whose it is, who plays, and when it starts (with a UTC offset)."""

    tournament_id: Id
    participants: Annotated[Sequence[Mapping[str, Any]], _PARTICIPANTS_RULE]
    scheduled_at: Annotated[str, _MOMENT_RULE]

    def match(self, match_id: str) -> Match:
        first, second = (Participant(each["id"], each["name"]) for each in self.participants)
        return Match(
            id=match_id,
            tournament_id=self.tournament_id,
            participants=(first, second),
            scheduled_at=_moment(self.scheduled_at).isoformat(),
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


def field_errors(model: type[Any], fields: Mapping[str, Any]) -> dict[str, str]:
    errors = messages.field_errors(model, fields)
    if model is MatchBody and not errors:
        return _participant_errors(fields["participants"])
    return errors


def _participant_errors(participants: Sequence[Mapping[str, object]]) -> dict[str, str]:
    errors = {
        f"participants.{number}.{name}": demand
        for number, each in enumerate(participants)
        for name, demand in messages.field_errors(ParticipantBody, each).items()
    }
    if not errors and participants[0]["id"] == participants[1]["id"]:
        return {"participants": "must be two different participants"}
    return errors
