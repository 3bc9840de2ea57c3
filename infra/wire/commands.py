"""What clients may send, as JSON Schemas: made from the rules that the parser obeys."""

from dataclasses import dataclass
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from scorecast.protocol.commands import COMMANDS
from scorecast.protocol.fields import MessageId
from scorecast.protocol.limits import DETAILS_BYTES_MAX, DETAILS_DEPTH_MAX, JSON_DEPTH_MAX

type Schema = dict[str, Any]

MEANINGS: Final = {
    "id": "Repeated by the answer.",
    "timestamp": "Comes back as it was.",
    "match_id": "The match.",
    "tournament_id": "The tournament.",
    "since": "The newest number that the client knows of this room: asks for what came after it.",
    "participant1_score": "The first participant's score.",
    "participant2_score": "The second participant's score.",
    "details": (
        f"Whatever describes the score, up to {DETAILS_BYTES_MAX:,} bytes and "
        f"{DETAILS_DEPTH_MAX} levels; told with it."
    ),
    "client_revision": "The score's place in the order; greater than the last one of the match.",
    "update_id": "The score's name: sent again under it, the newest score is accepted once.",
    "winner_id": "A participant of the match; null for a draw.",
    "new_state": "The state that the match is to have; `completed` takes `match_complete`.",
    "reason": "Why, for people.",
    "token": "A good token of the same user.",
}


@dataclass(frozen=True)
class Asked:
    """What a command is for, and the type of its answer."""

    summary: str
    answer: str | None


_REPORT: Final = "accepted"
ASKED: Final = {
    "ping": Asked("Ask whether the connection works, and what time it is there.", "pong"),
    "pong": Asked("Say that the client is there. It has no answer.", None),
    "subscribe": Asked("Join a room: one of the two ids.", "subscribed"),
    "unsubscribe": Asked("Leave a room: one of the two ids.", "unsubscribed"),
    "score_update": Asked("Report a score of a match that is live or paused.", _REPORT),
    "match_start": Asked("Start a match, or have it go on.", _REPORT),
    "match_complete": Asked("End a match. Final scores come both or not at all.", _REPORT),
    "match_state_change": Asked("Give a match another state.", _REPORT),
    "dispute_create": Asked("Open a dispute. Participants may do so too.", _REPORT),
    "refresh": Asked("Go on with a newer token.", "refreshed"),
}


class Untitled(GenerateJsonSchema):
    """Fields have names; a title would repeat them."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False


def schema(kind: str) -> Schema:
    """The JSON Schema of a command's frame: what the parser takes, as far as a schema can say."""
    command = COMMANDS[kind]
    told = TypeAdapter(command).json_schema(schema_generator=Untitled)
    fields = {"type": {"const": kind}, "id": _nullable(TypeAdapter(MessageId).json_schema())}
    return {
        "title": command.__name__,
        "description": ASKED[kind].summary,
        "type": "object",
        "required": ["type", *told.get("required", [])],
        "additionalProperties": False,
        "properties": fields
        | {
            name: _described(name, _inline(each, told)) for name, each in told["properties"].items()
        },
        **(command.rule.schema() if command.rule else {}),
    }


def _nullable(rule: Schema) -> Schema:
    return {"anyOf": [rule, {"type": "null"}], "description": MEANINGS["id"]}


def _inline(field: Schema, shape: Schema) -> Schema:
    return shape["$defs"][field["$ref"].rpartition("/")[2]] if "$ref" in field else field


def _described(name: str, field: Schema) -> Schema:
    """A field left out means the same as null, so no default is told."""
    return {key: value for key, value in field.items() if key not in ("default", "title")} | {
        "description": MEANINGS[name]
    }


UNSAID: Final = (
    "A frame is I-JSON in UTF-8: no duplicate keys, no NaN, integers up to 9007199254740991.",
    f"A frame has at most {JSON_DEPTH_MAX} levels.",
    "An integer is written without a fraction or an exponent: `1.0` is none.",
    "`details` are within their limits.",
    "A frame takes at most `MessageBytesMax` bytes.",
)
"""What the parser refuses and a JSON Schema cannot."""
