"""What the HTTP API answers, as JSON Schema. Loaded with the document only."""

from typing import Final

from scorecast.domain.matches.tournament import COMPLETED, OPEN
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.errors import Code, Json
from scorecast.protocol.ids import ID_PATTERN
from scorecast.protocol.limits import BODY_BYTES_MAX, INTEGER_MAX
from scorecast.protocol.states import State

_ID: Final[Json] = {"type": "string", "pattern": ID_PATTERN}
_NAME: Final[Json] = {"type": "string"}
_COUNT: Final[Json] = {"type": "integer", "minimum": 0, "maximum": INTEGER_MAX}
_MOMENT: Final[Json] = _COUNT | {"description": "Milliseconds since 1970, UTC."}
_STATE: Final[Json] = {"type": "string", "enum": [str(state) for state in State]}


def _or_null(schema: Json) -> Json:
    return {"anyOf": [schema, {"type": "null"}]}


def _object(description: str, properties: Json, optional: Json | None = None) -> Json:
    return {
        "type": "object",
        "description": description,
        "properties": properties | (optional or {}),
        "required": list(properties),
        "additionalProperties": False,
    }


def _of(schema: str) -> Json:
    return {"$ref": f"#/components/schemas/{schema}"}


ANSWERS: Final[dict[str, Json]] = {
    "Participant": _object("A player or a team.", {"id": _ID, "name": _NAME}),
    "Match": _object(
        "A match's snapshot. `sequence` is the number of its newest event.",
        {
            "match_id": _ID,
            "tournament_id": _ID,
            "state": _STATE,
            "participants": {
                "type": "array",
                "items": _of("Participant"),
                "minItems": 2,
                "maxItems": 2,
            },
            "scheduled_at": {"type": "string", "format": "date-time"},
            "participant1_score": _COUNT,
            "participant2_score": _COUNT,
            "details": {"type": ["object", "null"]},
            "winner_id": _or_null(_ID),
            "revision": _COUNT,
            "sequence": _COUNT,
            "updated_at": _or_null(_MOMENT),
            "updated_by": _or_null({"type": "string"}),
        },
    ),
    "Tournament": _object(
        "A tournament with all of its matches, by their ids.",
        {
            "tournament_id": _ID,
            "name": _NAME,
            "organizers": {"type": "array", "items": _ID},
            "state": {"type": "string", "enum": [OPEN, COMPLETED]},
            "sequence": _COUNT,
            "matches": {"type": "array", "items": _of("Match")},
        },
    ),
    "Accepted": _object(
        "Stored, and on its way to the viewers. A dispute has an id.",
        {"match_id": _ID, "revision": _COUNT},
        {"dispute_id": {"type": "string"}},
    ),
    "Numbered": _object(
        "The event's number in its tournament.", {"tournament_id": _ID, "sequence": _COUNT}
    ),
    "Room": _object(
        "How many watch, and how many may.",
        {
            "room": {
                "type": "string",
                "enum": [str(match_room("m").kind), str(tournament_room("t").kind)],
            },
            "viewers": _COUNT,
            "capacity": _COUNT,
        },
    ),
    "Ticket": _object(
        "Good for one handshake, until `expires_at`.",
        {"ticket": {"type": "string"}, "expires_at": _MOMENT},
    ),
    "Disconnected": _object("How many connections were ended.", {"disconnected": _COUNT}),
    "OpenApi": {"type": "object", "description": "An OpenAPI 3.1 document."},
    "Page": {"type": "string", "description": "A page in HTML."},
}

PROBLEM: Final = _object(
    "What is wrong, as RFC 9457 has it. Programs read `code`; what stands beside it depends on it.",
    {
        "type": {"const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
        "detail": {"type": "string"},
    },
    {
        "errors": {
            "type": "object",
            "description": "By field, what it must be: with `invalid_schema`.",
            "additionalProperties": {"type": "string"},
        },
        "match_id": _ID,
        "state": _STATE,
        "revision": _COUNT,
        "participant1_score": _COUNT,
        "participant2_score": _COUNT,
        "correlation_id": {
            "type": "string",
            "description": "What our log can be searched for: with `internal_error`.",
        },
    },
)

CODES: Final[dict[Code, str]] = {
    Code.INVALID_JSON: "The body is not JSON in UTF-8, or the content type says so.",
    Code.INVALID_SCHEMA: "A field, the id or the key is missing, unknown or wrong: `errors`.",
    Code.UNSUPPORTED_MESSAGE_TYPE: "There is no such command, or not for this resource.",
    Code.PAYLOAD_TOO_LARGE: f"The body is larger than {BODY_BYTES_MAX // 1024} KiB.",
    Code.NOT_FOUND: "There is no such match, tournament or path.",
    Code.FORBIDDEN: "With 401 there is no good token; with 403 it does not allow this.",
    Code.TOKEN_EXPIRED: "The token was good: send a newer one.",
    Code.STALE: "A newer score is stored: `revision` and the scores tell which.",
    Code.MATCH_NOT_LIVE: "A score, while the match is neither live nor paused: `state`.",
    Code.INVALID_TRANSITION: "The state does not allow it: `state`.",
    Code.INTERNAL_ERROR: "Our fault: `correlation_id`. With 503 the database was too busy: send a"
    " `GET`, `PUT` or `DELETE` again; a tournament's event may then be told twice.",
}
