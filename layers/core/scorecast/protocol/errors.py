"""What can go wrong for a client: rejections of one command, and reasons to close.

The text below each member says when it is sent; the documents show it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

type Json = dict[str, object]


class Code(StrEnum):
    """Why one command was rejected. The connection stays open unless a goodbye follows."""

    INVALID_JSON = "invalid_json"
    """Not I-JSON in UTF-8."""
    INVALID_SCHEMA = "invalid_schema"
    """A field is missing, unknown or wrong."""
    UNSUPPORTED_MESSAGE_TYPE = "unsupported_message_type"
    """There is no such command."""
    PAYLOAD_TOO_LARGE = "payload_too_large"
    """The message is over 16 KiB; goodbye 4009 follows."""
    MESSAGE_RATE_LIMIT_EXCEEDED = "message_rate_limit_exceeded"
    """Over the user's 10 messages a second (20 at once); the message is dropped."""
    IP_RATE_LIMIT_EXCEEDED = "ip_rate_limit_exceeded"
    """Over the address's 20 messages a second (40 at once); the message is dropped."""
    NOT_FOUND = "not_found"
    """There is no such match or tournament."""
    FORBIDDEN = "forbidden"
    """The role does not allow it; or too many rooms; or a `refresh` with an invalid token; or a
    dispute, if the user has one open or the match has had ten."""
    STALE = "stale"
    """A newer score is stored."""
    CONFLICT = "conflict"
    """The stored score is not that of `base_revision`: another report came first."""
    MATCH_NOT_LIVE = "match_not_live"
    """A score for a match that is not live, paused or disputed."""
    INVALID_TRANSITION = "invalid_transition"
    """The match's state does not allow it; or a tournament has live matches and cannot end."""
    ROOM_FULL = "room_full"
    """The room is at its capacity."""
    TOURNAMENT_MOVING = "tournament_moving"
    """The tournament is being moved to another cell, which takes some seconds."""
    MOVED = "moved"
    """The tournament belongs to another cell, at `data.endpoint`; goodbye 4013 follows."""
    TOKEN_EXPIRED = "token_expired"
    """Sent once to a silent client, and in reply to every message but `refresh`; goodbye 4001
    follows after 25 s."""
    CONNECTION_LIMIT_EXCEEDED = "connection_limit_exceeded"
    """The user has reached its connection limit."""
    IP_CONNECTION_LIMIT_EXCEEDED = "ip_connection_limit_exceeded"
    """The client's address has reached its connection limit."""
    RATE_LIMIT_EXCEEDED = "rate_limit_exceeded"
    """Too many handshakes, or the wait after a goodbye is not over."""
    INTERNAL_ERROR = "internal_error"
    """A fault of the service; the same message may be sent again."""


TICKET_CODES: Final = (
    Code.CONNECTION_LIMIT_EXCEEDED,
    Code.IP_CONNECTION_LIMIT_EXCEEDED,
    Code.RATE_LIMIT_EXCEEDED,
)
"""Codes that only `POST /tickets` returns. No message on the WebSocket has them."""


@dataclass(frozen=True, slots=True)
class Rejection:
    """The rejection of one command. `retry_after_ms` is set if a later retry can succeed."""

    code: Code
    message: str
    retry_after_ms: int | None = None
    data: Mapping[str, object] | None = None


_FIELDS_NAMED_MAX: Final = 8


def invalid(errors: dict[str, str]) -> Rejection:
    """Names the wrong fields, never their values."""
    named = dict(list(errors.items())[:_FIELDS_NAMED_MAX])
    first, requirement = next(iter(named.items()))
    return Rejection(Code.INVALID_SCHEMA, f"{first} {requirement}.", data={"errors": named})


TOKEN_EXPIRED = Rejection(
    Code.TOKEN_EXPIRED, "The token has expired: send refresh with a newer one."
)


class CloseReason(Enum):
    """Why the server closes a connection: code, reason, and whether to reconnect.

    API Gateway cannot send a close code, so a goodbye message carries it.
    """

    BAD_REQUEST = (4000, "bad_request", False)
    """Not sent by this version."""
    AUTHENTICATION_REQUIRED = (4001, "authentication_required", True)
    """Not sent by this version."""
    TOKEN_EXPIRED = (4001, "token_expired", True)
    """No `refresh` within 25 s."""
    FORBIDDEN = (4003, "forbidden", False)
    """Not sent by this version."""
    DISCONNECTED_BY_SERVER = (4003, "disconnected_by_server", False)
    """`DELETE /users/{id}/connections`."""
    NOT_FOUND = (4004, "not_found", False)
    """The URL's match or tournament does not exist."""
    HEARTBEAT_TIMEOUT = (4004, "heartbeat_timeout", True)
    """Silent for too long."""
    CONNECTION_LIMIT_EXCEEDED = (4008, "connection_limit_exceeded", True)
    """The user's newer connection replaced this one (`replace_oldest`)."""
    RATE_LIMIT_EXCEEDED = (4008, "rate_limit_exceeded", True)
    """More than ten messages were dropped in ten seconds."""
    ROOM_FULL = (4008, "room_full", True)
    """The URL's room is full."""
    SLOW_CONSUMER = (4008, "slow_consumer", True)
    """The client reads nothing: it accepted no ping in four rounds."""
    PAYLOAD_TOO_LARGE = (4009, "payload_too_large", False)
    """A message over 16 KiB."""
    SERVER_DRAIN = (4012, "server_drain", True)
    """The tournament of the URL is being moved to this cell."""
    MOVED = (4013, "moved", True)
    """The tournament of one of the client's rooms belongs to another cell, at `endpoint`."""
    MAX_DURATION = (4012, "max_duration", True)
    """5 to 20 minutes before API Gateway's limit of two hours, when the client is next due to be
    pinged."""
