"""The wire: text frames in, commands out; answers and events in, frames out.

The only module that knows the JSON of PROTOCOL.md.
"""

import dataclasses
import types
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

from scorecast.protocol import strict_json
from scorecast.protocol.commands import (
    COMMANDS,
    ID_RULE,
    MESSAGE_ID_RULE,
    Command,
    MatchComplete,
    Rule,
    Subscribe,
    Unsubscribe,
)
from scorecast.protocol.errors import CloseReason, Code, Json, Rejection
from scorecast.protocol.limits import REFUSAL_BYTES_MAX

VERSION: Final = 1
_ERRORS_TOLD_MAX: Final = 8
_WRONG: Final = Rejection(Code.INVALID_SCHEMA, "Some fields are wrong.")


@dataclass(frozen=True, slots=True)
class Request:
    """One good frame. `id` is the client's own and is echoed in the answer."""

    command: Command
    id: str | None


@dataclass(frozen=True, slots=True)
class Malformed:
    """One bad frame, and the `id` it carried if that was good."""

    refused: Rejection
    id: str | None = None


def parse(message: str) -> Request | Malformed:
    """The command in a frame."""
    try:
        fields = strict_json.parse(message)
    except strict_json.InvalidJson:
        return Malformed(Rejection(Code.INVALID_JSON, "The frame is not JSON in UTF-8."))
    if not isinstance(fields, dict):
        return Malformed(Rejection(Code.INVALID_SCHEMA, "A frame is a JSON object."))
    return parse_object(fields)


def parse_object(fields: dict[str, Any]) -> Request | Malformed:
    """The command that these fields are, its `type` and perhaps an `id` among them."""
    message_id = fields.pop("id", None)
    if message_id is not None and not MESSAGE_ID_RULE.accepts(message_id):
        return Malformed(invalid({"id": MESSAGE_ID_RULE.demand}))
    assert message_id is None or isinstance(message_id, str)
    kind = fields.pop("type", None)
    if not isinstance(kind, str):
        wrong = {"type": "is missing or not a string"}
        return Malformed(invalid(wrong), message_id)
    if kind not in COMMANDS:
        refused = Rejection(Code.UNSUPPORTED_MESSAGE_TYPE, "There is no command of this type.")
        return Malformed(refused, message_id)
    command: type[Any] = COMMANDS[kind]
    errors = field_errors(command, fields)
    if errors:
        return Malformed(invalid(errors), message_id)
    return Request(command(**fields), message_id)


def field_errors(command: Any, fields: Mapping[str, object]) -> dict[str, str]:
    """What is wrong with a command's fields, by name. Unknown fields are named as far as ids go."""
    known = field_rules(command)
    errors = {
        (name if ID_RULE.accepts(name) else "(unknown)"): "is not a known field"
        for name in fields.keys() - known.keys()
    }
    for name, field in known.items():
        if name not in fields:
            if field.required:
                errors[name] = "is missing"
        elif not (field.nullable and fields[name] is None) and not field.rule.accepts(fields[name]):
            errors[name] = field.rule.demand
    return errors or _cross_field_errors(command, fields)


def _cross_field_errors(command: type[Any], fields: Mapping[str, object]) -> dict[str, str]:
    if command in (Subscribe, Unsubscribe):
        if (fields.get("match_id") is None) == (fields.get("tournament_id") is None):
            return {"match_id": "or tournament_id is needed, and not both"}
    if command is MatchComplete:
        scores = fields.get("participant1_score"), fields.get("participant2_score")
        if (scores[0] is None) != (scores[1] is None):
            return {"participant1_score": "and participant2_score come together or not at all"}
    return {}


@dataclass(frozen=True, slots=True)
class FieldRule:
    rule: Rule
    required: bool
    nullable: bool


@cache
def field_rules(command: Any) -> dict[str, FieldRule]:
    """A command's fields by name, read from its annotations."""
    hints = get_type_hints(command, include_extras=True)
    return {
        field.name: _field_rule(hints[field.name], field.default is dataclasses.MISSING)
        for field in dataclasses.fields(command)
    }


def _field_rule(hint: Any, required: bool) -> FieldRule:
    nullable = isinstance(hint, types.UnionType) or get_origin(hint) is not Annotated
    annotated = (
        next(arg for arg in get_args(hint) if get_origin(arg) is Annotated) if nullable else hint
    )
    rule = get_args(annotated)[1]
    assert isinstance(rule, Rule)
    return FieldRule(rule, required, nullable)


def invalid(errors: dict[str, str]) -> Rejection:
    """Names the fields, never their values."""
    told = dict(list(errors.items())[:_ERRORS_TOLD_MAX])
    first, demand = next(iter(told.items()))
    return Rejection(Code.INVALID_SCHEMA, f"{first} {demand}.", data={"errors": told})


def message(kind: str, *, message_id: str | None = None, **fields: object) -> str:
    """A frame as text. Fields that are None are left out, but for those inside `data`."""
    body: Json = {"type": kind, "id": message_id, **fields}
    return strict_json.compact({key: value for key, value in body.items() if value is not None})


def pong(timestamp: float | None, *, now_ms: int, message_id: str | None) -> str:
    body: Json = {"type": "pong", "timestamp": timestamp, "server_time": now_ms}
    return strict_json.compact(body if message_id is None else body | {"id": message_id})


def error(refused: Rejection, message_id: str | None = None) -> str:
    """An error's frame. Of wrong fields it names as many as there is room for."""
    told = message(
        "error",
        message_id=message_id,
        code=refused.code,
        message=refused.message,
        retry_after_ms=refused.retry_after_ms,
        data=refused.data,
    )
    errors = (refused.data or {}).get("errors")
    if not isinstance(errors, dict) or len(told.encode()) <= REFUSAL_BYTES_MAX:
        return told
    fewer = dict(list(errors.items())[:-1])
    return error(replace(refused, data={"errors": fewer}) if fewer else _WRONG, message_id)


def goodbye(reason: CloseReason, *, retry_after_ms: int | None = None) -> str:
    code, name, reconnect = reason.value
    return message(
        "goodbye", code=code, reason=name, reconnect=reconnect, retry_after_ms=retry_after_ms
    )


def event(kind: str, data: Json) -> bytes:
    """An event's frame, ready to post to everyone."""
    return message(kind, data=data).encode()
