"""Replies and events in, messages out: the JSON text of everything that clients receive."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from scorecast.protocol import strict_json
from scorecast.protocol.errors import CloseReason, Code, Json, Rejection
from scorecast.protocol.limits import REFUSAL_BYTES_MAX

VERSION: Final = 1
_WRONG: Final = Rejection(Code.INVALID_SCHEMA, "Some fields are wrong.")


def message(kind: str, *, message_id: str | None = None, **fields: object) -> str:
    """A message as text. Fields that are None are left out, except those inside `data`."""
    body: Json = {"type": kind, "id": message_id, **fields}
    return strict_json.compact({key: value for key, value in body.items() if value is not None})


def pong(timestamp: float | None, *, now_ms: int, message_id: str | None) -> str:
    body: Json = {"type": "pong", "timestamp": timestamp, "server_time": now_ms}
    return strict_json.compact(body if message_id is None else body | {"id": message_id})


def error(refused: Rejection, message_id: str | None = None) -> str:
    """An error message. It names as many of the wrong fields as fit."""
    text = message(
        "error",
        message_id=message_id,
        code=refused.code,
        message=refused.message,
        retry_after_ms=refused.retry_after_ms,
        data=refused.data,
    )
    errors = (refused.data or {}).get("errors")
    if not isinstance(errors, dict) or len(text.encode()) <= REFUSAL_BYTES_MAX:
        return text
    fewer = dict(list(errors.items())[:-1])
    return error(replace(refused, data={"errors": fewer}) if fewer else _WRONG, message_id)


def goodbye(
    reason: CloseReason,
    *,
    retry_after_ms: int | None = None,
    endpoint: Mapping[str, object] | None = None,
) -> str:
    code, name, reconnect = reason.value
    return message(
        "goodbye",
        code=code,
        reason=name,
        reconnect=reconnect,
        retry_after_ms=retry_after_ms,
        endpoint=endpoint,
    )


def event(kind: str, data: Mapping[str, object]) -> str:
    """An event as text, the same for every member of its rooms."""
    return message(kind, data=data)


def batch(texts: Sequence[str]) -> str:
    """Several messages in one, in order; a single one as it is."""
    if len(texts) == 1:
        return texts[0]
    return '{"type":"batch","data":{"messages":[' + ",".join(texts) + "]}}"
