"""Errors and last words: one model for each shape, and what each code means.

The meanings are docs/protocol.md's; a test compares them.
"""

from typing import Final, Literal, Self

from pydantic import ConfigDict, model_validator
from pydantic.experimental.missing_sentinel import MISSING

from infra.wire.answers import Response
from infra.wire.vocabulary import STRICT, Described, Id, Points, Text, Whole
from scorecast.protocol.errors import CloseReason as LastWord
from scorecast.protocol.errors import Code
from scorecast.protocol.states import State


class Refusal(Response):
    type: Literal["error"]
    message: Text
    """For people. It may change: programs read `code` and `data`."""


class BareError(Refusal):
    """Nothing more can be said."""

    code: Literal[
        Code.INVALID_JSON,
        Code.UNSUPPORTED_MESSAGE_TYPE,
        Code.PAYLOAD_TOO_LARGE,
        Code.NOT_FOUND,
        Code.FORBIDDEN,
        Code.TOKEN_EXPIRED,
    ]
    """What went wrong."""


class LaterError(Refusal):
    """Waiting helps."""

    code: Literal[Code.MESSAGE_RATE_LIMIT_EXCEEDED, Code.IP_RATE_LIMIT_EXCEEDED, Code.ROOM_FULL]
    """What went wrong."""
    retry_after_ms: Whole
    """When to try again."""


class WrongFields(Described):
    errors: dict[str, str]
    """By field, what it must be."""


class FieldError(Refusal):
    """The frame has wrong fields, or is no object."""

    code: Literal[Code.INVALID_SCHEMA]
    """What went wrong."""
    data: WrongFields | MISSING = MISSING
    """Left out if the frame is no object."""


class StoredScore(Described):
    match_id: Id
    """The match."""
    revision: Whole
    """How many of its scores have been accepted."""
    participant1_score: Points
    """The first participant's stored score."""
    participant2_score: Points
    """The second participant's stored score."""


class StaleError(Refusal):
    """The score came too late."""

    code: Literal[Code.STALE]
    """What went wrong."""
    data: StoredScore


class StoredState(Described):
    match_id: Id
    """The match."""
    state: State
    """Its state."""


class NotLiveError(Refusal):
    """The match takes no scores."""

    code: Literal[Code.MATCH_NOT_LIVE]
    """What went wrong."""
    data: StoredState


class TransitionError(Refusal):
    """The match's state forbids the command."""

    code: Literal[Code.INVALID_TRANSITION]
    """What went wrong."""
    data: StoredState | MISSING = MISSING
    """Left out if a match was to be completed by `match_state_change`."""


class Correlation(Described):
    correlation_id: Text
    """What the service's log can be searched for."""


class InternalError(Refusal):
    """Our fault."""

    code: Literal[Code.INTERNAL_ERROR]
    """What went wrong."""
    data: Correlation


type AnyError = (
    BareError
    | LaterError
    | FieldError
    | StaleError
    | NotLiveError
    | TransitionError
    | InternalError
)


def _one_of_the_last_words() -> dict[str, object]:
    fields = ("code", "reason", "reconnect")
    told = [
        {name: {"const": value} for name, value in zip(fields, word.value, strict=True)}
        for word in LastWord
    ]
    return {"oneOf": [{"properties": properties} for properties in told]}


class CloseReason(Described):
    """The server's last word; then it closes the connection."""

    model_config = STRICT | ConfigDict(json_schema_extra=_one_of_the_last_words())  # type: ignore[typeddict-item]

    type: Literal["goodbye"]
    code: int
    """What a close code would be, if API Gateway could send one."""
    reason: str
    """The same as a word; several may share a code."""
    reconnect: bool
    """Whether coming back can help."""
    retry_after_ms: Whole | MISSING = MISSING
    """How long to wait first: it spreads those who are ended together."""

    @model_validator(mode="after")
    def _is_one_of_ours(self) -> Self:
        if (self.code, self.reason, self.reconnect) not in {word.value for word in LastWord}:
            raise ValueError("is no goodbye of the service")
        return self


class GatewayError(Described):
    """API Gateway's own word when the service did not answer a frame. It has no `type`."""

    message: Text
    """For people, such as `Internal server error`."""
    connectionId: Text
    """This connection."""
    requestId: Text
    """API Gateway's name for the frame."""


ERRORS: Final[dict[Code, str]] = {
    Code.INVALID_JSON: "not JSON as above",
    Code.INVALID_SCHEMA: "a field is missing, unknown or wrong",
    Code.UNSUPPORTED_MESSAGE_TYPE: "no such command",
    Code.PAYLOAD_TOO_LARGE: "over 16 KiB; goodbye 4009 follows",
    Code.MESSAGE_RATE_LIMIT_EXCEEDED: (
        "over the user's 10 frames a second (20 at once); the frame is dropped"
    ),
    Code.IP_RATE_LIMIT_EXCEEDED: "over the address's 20 a second (40 at once); the same",
    Code.NOT_FOUND: "no such match or tournament",
    Code.FORBIDDEN: (
        "the role does not allow it; or too many rooms; or a `refresh` with a bad token"
    ),
    Code.STALE: "a newer score is stored",
    Code.MATCH_NOT_LIVE: "a score, while the match is neither live nor paused",
    Code.INVALID_TRANSITION: "the state does not allow it",
    Code.ROOM_FULL: "the room holds as many as it may",
    Code.TOKEN_EXPIRED: (
        "told once to a silent client, and to each frame but `refresh`; "
        "goodbye 4001 follows after 25 s"
    ),
    Code.INTERNAL_ERROR: "our fault; the same frame may be sent again",
}

GOODBYES: Final[dict[LastWord, str]] = {
    LastWord.BAD_REQUEST: "not sent by this version",
    LastWord.AUTHENTICATION_REQUIRED: "not sent by this version",
    LastWord.TOKEN_EXPIRED: "no `refresh` within 25 s",
    LastWord.FORBIDDEN: "not sent by this version",
    LastWord.DISCONNECTED_BY_SERVER: "`DELETE /users/{id}/connections`",
    LastWord.NOT_FOUND: "the URL's match or tournament does not exist",
    LastWord.HEARTBEAT_TIMEOUT: "silent for too long",
    LastWord.CONNECTION_LIMIT_EXCEEDED: (
        "the user's newer connection took this one's place (`replace_oldest`)"
    ),
    LastWord.RATE_LIMIT_EXCEEDED: "more than ten frames refused in ten seconds",
    LastWord.ROOM_FULL: "the URL's room is full",
    LastWord.SLOW_CONSUMER: ("the client reads too slowly: three throttled posts in a row"),
    LastWord.PAYLOAD_TOO_LARGE: "a frame over 16 KiB",
    LastWord.SERVER_DRAIN: "not sent by this version",
    LastWord.MAX_DURATION: (
        "5 to 20 minutes before API Gateway's cut at two hours, once the client is due to be pinged"
    ),
}
