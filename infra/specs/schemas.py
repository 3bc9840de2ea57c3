"""The JSON Schema of every message, made from the types that the service itself uses."""

from functools import cache
from types import ModuleType
from typing import Any, Final

from pydantic import TypeAdapter
from pydantic.json_schema import GenerateJsonSchema

from infra.specs import descriptions
from scorecast.protocol import (
    cells,
    error_messages,
    events,
    match_events,
    replies,
    session,
    snapshots,
)
from scorecast.protocol.commands import COMMANDS, Clock, Period, Shootout
from scorecast.protocol.errors import CloseReason
from scorecast.protocol.events import TournamentEventData
from scorecast.protocol.fields import MessageId
from scorecast.protocol.limits import JSON_DEPTH_MAX

type Schema = dict[str, Any]

GATEWAY_ERROR: Final = "gateway_error"
"""The documents' name for the one message without a type."""

EVENTS: Final[dict[str, Any]] = {
    "score_updated": match_events.ScoreUpdated,
    "match_started": match_events.MatchStarted,
    "match_state_changed": match_events.MatchStateChanged,
    "dispute_created": match_events.DisputeCreated,
    "dispute_resolved": match_events.DisputeResolved,
    "match_completed": match_events.MatchCompleted,
    "result_amended": match_events.ResultAmended,
    "match_reopened": match_events.MatchReopened,
    "match_registered": match_events.MatchRegistered,
    "match_updated": match_events.MatchUpdated,
    "match_deleted": match_events.MatchDeleted,
    "bracket_generated": events.BracketGenerated,
    "bracket_updated": events.BracketUpdated,
    "tournament_completed": events.TournamentCompleted,
    "tournament_reopened": events.TournamentReopened,
    "viewers": events.Viewers,
    "batch": events.Batch,
}
SENT: Final[dict[str, Any]] = {
    "connection_established": session.ConnectionEstablished,
    "subscribed": replies.Subscribed,
    "unsubscribed": replies.Unsubscribed,
    "accepted": replies.Accepted,
    "refreshed": replies.Refreshed,
    "pong": replies.Pong,
    "error": error_messages.AnyError,
    **EVENTS,
    "ping": session.Ping,
    "goodbye": session.Goodbye,
    GATEWAY_ERROR: session.GatewayError,
}
"""What the server sends, by `type`."""

COMMAND_PARTS: Final = (Period, Clock, Shootout)
"""The shapes of a command's fields."""

NOT_IN_SCHEMAS: Final = (
    "A message is I-JSON in UTF-8: no duplicate keys, no NaN, integers up to 9007199254740991.",
    f"A message nests at most {JSON_DEPTH_MAX} levels deep.",
    "An integer is written without a fraction or an exponent: not as `1.0`.",
    "`details` stay within their limits.",
    "Scores are negative only in a match whose `scoring` allows it.",
    "`corrects` is a revision of the match; `client_revision` and a clock's `at` are at most 60 s"
    " ahead of the server's time.",
    "A message has at most `MessageBytesMax` bytes.",
)
"""Rules of the service that a JSON Schema cannot express."""

_MODULES: Final[tuple[ModuleType, ...]] = (
    snapshots,
    match_events,
    events,
    session,
    replies,
    error_messages,
    cells,
)
_REFERENCE: Final = "#/components/schemas/{model}"


class _Closed(GenerateJsonSchema):
    """Objects have no other fields than those listed, and fields have no titles."""

    def field_title_should_be_set(self, _schema: Any) -> bool:
        return False

    def typed_dict_schema(self, schema: Any) -> Schema:
        is_open = schema["cls"] is TournamentEventData
        return super().typed_dict_schema(schema) | {"additionalProperties": is_open}


def summary(kind: str) -> str:
    if kind == "error":
        return "A command was rejected, or the token has expired. The connection stays open."
    return str(SENT[kind].__doc__)


def command_schema(kind: str) -> Schema:
    """What a client sends, with the fields that every command has."""
    command = COMMANDS[kind]
    made = _made(command)
    made.pop("$defs", None)  # `command_shapes` and `server_schemas` have them
    own = _described(made["properties"], descriptions.of_fields(command))
    common = {
        "type": {"const": kind},
        "id": {
            "anyOf": [TypeAdapter(MessageId).json_schema(), {"type": "null"}],
            "description": "Repeated by the reply.",
        },
    }
    required = ["type", *made.get("required", [])]
    return made | {"required": required, "properties": common | own}


@cache
def command_shapes() -> dict[str, Schema]:
    """The objects that fields of commands are made of."""
    found: dict[str, Schema] = {}
    for command in COMMANDS.values():
        found |= _made(command).get("$defs", {})
    for shape in COMMAND_PARTS:
        properties = found[shape.__name__]["properties"]
        found[shape.__name__]["properties"] = _described(properties, descriptions.of_fields(shape))
    return found


def _made(command: Any) -> Schema:
    return TypeAdapter(command).json_schema(schema_generator=_Closed, ref_template=_REFERENCE)


@cache
def server_schemas() -> tuple[dict[str, Schema], dict[str, Schema]]:
    """The schema of every message of the server by its type, and the shapes that they share."""
    asked: Any = [(kind, "validation", TypeAdapter(shape)) for kind, shape in SENT.items()]
    made, shared = TypeAdapter.json_schemas(
        asked, schema_generator=_Closed, ref_template=_REFERENCE
    )
    shapes: dict[str, Schema] = shared["$defs"]
    for name, shape in _shapes().items():
        if name in shapes:
            shapes[name]["properties"] = _described(
                shapes[name]["properties"], descriptions.of_fields(shape)
            )
    shapes["Goodbye"] |= {"oneOf": _goodbyes()}
    return {kind: made[kind, "validation"] for kind in SENT}, shapes


def _shapes() -> dict[str, type]:
    return {
        name: value
        for module in _MODULES
        for name, value in vars(module).items()
        if isinstance(value, type) and value.__module__ == module.__name__
    }


def _described(properties: dict[str, Schema], texts: dict[str, str]) -> dict[str, Schema]:
    """The fields with their descriptions. Left out means null, so no default is shown."""
    return {
        name: {key: value for key, value in field.items() if key not in ("default", "title")}
        | ({"description": texts[name]} if name in texts else {})
        for name, field in properties.items()
    }


def _goodbyes() -> list[Schema]:
    fields = ("code", "reason", "reconnect")
    return [
        {"properties": {n: {"const": v} for n, v in zip(fields, reason.value, strict=True)}}
        for reason in CloseReason
    ]
