"""The shapes of errors: which code comes with which data."""

from typing import Literal, NotRequired, TypedDict

from scorecast.protocol.cells import Endpoint
from scorecast.protocol.errors import Code
from scorecast.protocol.fields import Count, Id, Revision, Text
from scorecast.protocol.replies import Reply
from scorecast.protocol.snapshots import BriefScore, PlayState
from scorecast.protocol.states import State


class Error(Reply):
    """What every error carries."""

    type: Literal["error"]
    message: Text
    """For people. It may change: programs read `code` and `data`."""


class PlainError(Error):
    """An error without data."""

    code: Literal[
        Code.INVALID_JSON,
        Code.UNSUPPORTED_MESSAGE_TYPE,
        Code.PAYLOAD_TOO_LARGE,
        Code.NOT_FOUND,
        Code.FORBIDDEN,
        Code.TOKEN_EXPIRED,
    ]
    """What went wrong."""


class RetryError(Error):
    """An error for which a later retry can succeed."""

    code: Literal[
        Code.MESSAGE_RATE_LIMIT_EXCEEDED,
        Code.IP_RATE_LIMIT_EXCEEDED,
        Code.ROOM_FULL,
        Code.TOURNAMENT_MOVING,
    ]
    """What went wrong."""
    retry_after_ms: Count
    """When to try again."""


class WrongFields(TypedDict):
    """The data of `invalid_schema`."""

    errors: dict[str, str]
    """By field, what it must be."""


class SchemaError(Error):
    """The message has wrong fields, or is not an object."""

    code: Literal[Code.INVALID_SCHEMA]
    """What went wrong."""
    data: NotRequired[WrongFields]
    """Left out if the message is not an object."""


class StoredScore(BriefScore, PlayState):
    """The data of `stale` and `conflict`: the stored score, with periods, clock and shoot-out."""

    match_id: Id
    """The match."""
    revision: Revision
    """The number of its accepted scores."""


class StaleError(Error):
    """The score was too late, or was based on a score that is no longer stored."""

    code: Literal[Code.STALE, Code.CONFLICT]
    """What went wrong."""
    data: StoredScore


class StoredState(TypedDict):
    """The data of `match_not_live` and `invalid_transition`."""

    match_id: Id
    """The match."""
    state: State
    """Its state."""


class NotLiveError(Error):
    """The match's state allows no scores."""

    code: Literal[Code.MATCH_NOT_LIVE]
    """What went wrong."""
    data: StoredState


class TransitionError(Error):
    """The match's state does not allow the command."""

    code: Literal[Code.INVALID_TRANSITION]
    """What went wrong."""
    data: NotRequired[StoredState]
    """Omitted if `match_state_change` tried to complete a match. If a tournament cannot be
    completed: a match that is still live, paused or disputed."""


class NewHome(TypedDict):
    """The data of `moved`."""

    tournament_id: Id
    """The tournament."""
    endpoint: Endpoint
    """The addresses of its cell."""


class MovedError(Error):
    """The tournament belongs to another cell."""

    code: Literal[Code.MOVED]
    """What went wrong."""
    data: NewHome


class Correlation(TypedDict):
    """The data of `internal_error`."""

    correlation_id: Text
    """The id by which the service's log can be searched."""


class InternalError(Error):
    """A fault of the service."""

    code: Literal[Code.INTERNAL_ERROR]
    """What went wrong."""
    data: Correlation


type AnyError = (
    PlainError
    | RetryError
    | SchemaError
    | StaleError
    | NotLiveError
    | TransitionError
    | MovedError
    | InternalError
)
