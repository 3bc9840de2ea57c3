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
    """An error that waiting helps against."""

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
    """The data of `stale` and of `conflict`: what is stored, and all that stands beside it."""

    match_id: Id
    """The match."""
    revision: Revision
    """How many of its scores have been accepted."""


class StaleError(Error):
    """The score came too late, or upon another one than its sender saw."""

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
    """Left out if `match_state_change` was to complete a match. Of a tournament to complete: a
    match that is in play."""


class NewHome(TypedDict):
    """The data of `moved`."""

    tournament_id: Id
    """The tournament."""
    endpoint: Endpoint
    """Where it lives now."""


class MovedError(Error):
    """The tournament lives in another cell."""

    code: Literal[Code.MOVED]
    """What went wrong."""
    data: NewHome


class Correlation(TypedDict):
    """The data of `internal_error`."""

    correlation_id: Text
    """The id to search the service's log for."""


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
