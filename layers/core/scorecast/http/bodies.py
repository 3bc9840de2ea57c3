"""Request bodies: read by the parser of frames, so that HTTP refuses what the socket refuses."""

from typing import Any, Final

from scorecast.http.request import Request, is_json
from scorecast.protocol import messages, strict_json
from scorecast.protocol.commands import (
    ID_RULE,
    DisputeCreate,
    MatchCommand,
    MatchComplete,
    MatchStart,
    MatchStateChange,
    ScoreUpdate,
)
from scorecast.protocol.errors import Code, Json, Rejection
from scorecast.protocol.limits import BODY_BYTES_MAX

EVENTS: Final = (MatchStart, MatchStateChange, DisputeCreate, MatchComplete)
"""The commands that decide about a match, and are told as events."""

_NOT_JSON: Final = Rejection(Code.INVALID_JSON, "The body is not JSON in UTF-8.")
_NO_OBJECT: Final = Rejection(Code.INVALID_SCHEMA, "The body is not a JSON object.")
_TOO_LARGE: Final = Rejection(
    Code.PAYLOAD_TOO_LARGE, f"The body is larger than {BODY_BYTES_MAX} bytes."
)
_NO_COMMAND: Final = Rejection(
    Code.UNSUPPORTED_MESSAGE_TYPE, "This is no command that decides about a match."
)
NO_JSON_TYPE: Final = Rejection(Code.INVALID_JSON, "The content type is not application/json.")


def fields_of(request: Request) -> dict[str, Any] | Rejection:
    """A body's fields: one object of I-JSON."""
    if request.body is None:
        return _NOT_JSON
    if len(request.body.encode()) > BODY_BYTES_MAX:
        return _TOO_LARGE
    if not is_json(request.headers):
        return NO_JSON_TYPE
    try:
        value = strict_json.parse(request.body)
    except strict_json.InvalidJson:
        return _NOT_JSON
    return value if isinstance(value, dict) else _NO_OBJECT


def event(request: Request, match_id: str) -> MatchCommand | Rejection:
    """The command in a body with a `type`: one that decides about the match."""
    return _command(request, {"match_id": match_id}, among=EVENTS)


def score(request: Request, match_id: str) -> MatchCommand | Rejection:
    """A body without a type: a score. `Idempotency-Key` is its `update_id`."""
    key = request.headers.get("idempotency-key")
    if key is not None and not ID_RULE.accepts(key):
        return messages.invalid({"Idempotency-Key": ID_RULE.demand})
    given: Json = {"type": ScoreUpdate.type, "match_id": match_id}
    given |= {} if key is None else {"update_id": key}
    return _command(request, given, among=(ScoreUpdate,))


def _command(
    request: Request, given: Json, *, among: tuple[type[MatchCommand], ...]
) -> MatchCommand | Rejection:
    """`given` fields come from the path or a header, and only so."""
    fields = fields_of(request)
    if isinstance(fields, Rejection):
        return fields
    said_twice = [name for name in ("id", *given) if name in fields]
    if said_twice:
        return messages.invalid(dict.fromkeys(said_twice, "is not a field of this body"))
    fields |= given
    kind = fields.get("type")
    if isinstance(kind, str) and kind not in {command.type for command in among}:
        return _NO_COMMAND
    parsed = messages.parse_object(fields)
    if isinstance(parsed, messages.Malformed):
        return parsed.refused
    assert isinstance(parsed.command, MatchCommand)
    return parsed.command
