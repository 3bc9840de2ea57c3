"""What clients may ask for. A field's annotation is its rule: the parser and the schema read it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar

from scorecast.protocol.errors import Json
from scorecast.protocol.ids import is_id
from scorecast.protocol.limits import (
    DETAILS_BYTES_MAX,
    DETAILS_DEPTH_MAX,
    ID_CHARACTERS_MAX,
    INTEGER_MAX,
    REASON_CHARACTERS_MAX,
    SCORE_MAX,
    TOKEN_CHARACTERS_MAX,
)
from scorecast.protocol.states import State
from scorecast.protocol.strict_json import compact, is_deeper, is_number


@dataclass(frozen=True, slots=True)
class Rule:
    """What one field may hold: as a check, as JSON Schema, and as a sentence for people."""

    accepts: Callable[[Any], bool]
    demand: str
    schema: Json

    def __get_pydantic_json_schema__(self, _core_schema: object, _handler: object) -> Json:
        return self.schema


def _integer(low: int, high: int) -> Rule:
    def accepts(value: object) -> bool:
        return type(value) is int and low <= value <= high

    demand = f"must be an integer from {low} to {high}"
    return Rule(accepts, demand, {"type": "integer", "minimum": low, "maximum": high})


def _text(maximum: int) -> Rule:
    def accepts(value: object) -> bool:
        return isinstance(value, str) and 1 <= len(value) <= maximum

    demand = f"must be a string of 1 to {maximum} characters"
    return Rule(accepts, demand, {"type": "string", "minLength": 1, "maxLength": maximum})


def _fits(value: object) -> bool:
    if not isinstance(value, dict) or is_deeper(value, DETAILS_DEPTH_MAX):
        return False
    return len(compact(value).encode()) <= DETAILS_BYTES_MAX


ID_RULE = Rule(
    is_id,
    f"must be a string of 1 to {ID_CHARACTERS_MAX} of A-Z a-z 0-9 _ -",
    {"type": "string", "pattern": f"^[A-Za-z0-9_-]{{1,{ID_CHARACTERS_MAX}}}$"},
)
MESSAGE_ID_RULE = _text(ID_CHARACTERS_MAX)
_DETAILS_RULE = Rule(
    _fits,
    f"must be an object of at most {DETAILS_BYTES_MAX} bytes and {DETAILS_DEPTH_MAX} levels",
    {"type": "object"},
)
_NUMBER_RULE = Rule(is_number, "must be a number", {"type": "number"})
_STATE_RULE = Rule(
    lambda value: isinstance(value, str) and value in set(State),
    "must be one of " + ", ".join(State),
    {"type": "string", "enum": [str(state) for state in State]},
)

Id = Annotated[str, ID_RULE]
Score = Annotated[int, _integer(0, SCORE_MAX)]
Revision = Annotated[int, _integer(0, INTEGER_MAX)]
Sequence = Annotated[int, _integer(0, INTEGER_MAX)]
Details = Annotated[dict[str, Any], _DETAILS_RULE]
Number = Annotated[int | float, _NUMBER_RULE]
Reason = Annotated[str, _text(REASON_CHARACTERS_MAX)]
Token = Annotated[str, _text(TOKEN_CHARACTERS_MAX)]
NewState = Annotated[State, _STATE_RULE]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping:
    type: ClassVar = "ping"
    timestamp: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong:
    type: ClassVar = "pong"
    timestamp: Number | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe:
    """Join one room: exactly one of the two ids."""

    type: ClassVar = "subscribe"
    match_id: Id | None = None
    tournament_id: Id | None = None
    since: Sequence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribe:
    """Leave one room: exactly one of the two ids."""

    type: ClassVar = "unsubscribe"
    match_id: Id | None = None
    tournament_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreUpdate:
    type: ClassVar = "score_update"
    match_id: Id
    participant1_score: Score
    participant2_score: Score
    details: Details | None = None
    client_revision: Revision | None = None
    update_id: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchStart:
    type: ClassVar = "match_start"
    match_id: Id


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchComplete:
    """The end. Final scores are given both or not at all."""

    type: ClassVar = "match_complete"
    match_id: Id
    winner_id: Id | None
    participant1_score: Score | None = None
    participant2_score: Score | None = None
    details: Details | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchStateChange:
    type: ClassVar = "match_state_change"
    match_id: Id
    new_state: NewState


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeCreate:
    type: ClassVar = "dispute_create"
    match_id: Id
    reason: Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh:
    type: ClassVar = "refresh"
    token: Token


type RoomCommand = Ping | Pong | Subscribe | Unsubscribe | Refresh
MatchCommand = ScoreUpdate | MatchStart | MatchComplete | MatchStateChange | DisputeCreate
type Command = RoomCommand | MatchCommand

COMMANDS: dict[str, type[Command]] = {
    command.type: command
    for command in (
        Ping,
        Pong,
        Subscribe,
        Unsubscribe,
        ScoreUpdate,
        MatchStart,
        MatchComplete,
        MatchStateChange,
        DisputeCreate,
        Refresh,
    )
}
