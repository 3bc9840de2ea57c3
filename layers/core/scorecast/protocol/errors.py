"""What can go wrong for a client: rejections of one command, and reasons to close."""

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

type Json = dict[str, object]


class Code(StrEnum):
    """Why one command was rejected. The connection stays open unless a goodbye follows."""

    INVALID_JSON = "invalid_json"
    INVALID_SCHEMA = "invalid_schema"
    UNSUPPORTED_MESSAGE_TYPE = "unsupported_message_type"
    PAYLOAD_TOO_LARGE = "payload_too_large"
    MESSAGE_RATE_LIMIT_EXCEEDED = "message_rate_limit_exceeded"
    IP_RATE_LIMIT_EXCEEDED = "ip_rate_limit_exceeded"
    NOT_FOUND = "not_found"
    FORBIDDEN = "forbidden"
    STALE = "stale"
    MATCH_NOT_LIVE = "match_not_live"
    INVALID_TRANSITION = "invalid_transition"
    ROOM_FULL = "room_full"
    TOKEN_EXPIRED = "token_expired"
    INTERNAL_ERROR = "internal_error"


@dataclass(frozen=True, slots=True)
class Rejection:
    """No, to one command. `retry_after_ms` is set where waiting can help."""

    code: Code
    message: str
    retry_after_ms: int | None = None
    data: Json | None = None


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
    AUTHENTICATION_REQUIRED = (4001, "authentication_required", True)
    TOKEN_EXPIRED = (4001, "token_expired", True)
    FORBIDDEN = (4003, "forbidden", False)
    DISCONNECTED_BY_SERVER = (4003, "disconnected_by_server", False)
    NOT_FOUND = (4004, "not_found", False)
    HEARTBEAT_TIMEOUT = (4004, "heartbeat_timeout", True)
    CONNECTION_LIMIT_EXCEEDED = (4008, "connection_limit_exceeded", True)
    RATE_LIMIT_EXCEEDED = (4008, "rate_limit_exceeded", True)
    ROOM_FULL = (4008, "room_full", True)
    SLOW_CONSUMER = (4008, "slow_consumer", True)
    PAYLOAD_TOO_LARGE = (4009, "payload_too_large", False)
    SERVER_DRAIN = (4012, "server_drain", True)
    MAX_DURATION = (4012, "max_duration", True)
