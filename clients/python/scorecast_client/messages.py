"""The messages of the socket, parsed. Pure: no clock, no socket."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from scorecast_client.cells import Endpoint, endpoint_of

NUMBER_MAX: Final = 2**63
"""A longer number cannot become a float, which times and pauses are."""


@dataclass(frozen=True)
class Event:
    """One event by its wire name; `snapshot` after every join; `error` if it answers nothing."""

    type: str
    data: Mapping[str, Any]
    received_at_ms: float

    @property
    def match_id(self) -> str | None:
        match_id = self.data.get("match_id")
        return match_id if isinstance(match_id, str) else None


@dataclass(frozen=True)
class Acceptance:
    """The server's confirmation that a command counts."""

    match_id: str
    revision: int
    dispute_id: str | None = None


@dataclass(frozen=True)
class Goodbye:
    """The server's reason for closing, and whether reconnecting makes sense."""

    code: int
    reason: str
    reconnect: bool
    retry_after_ms: int | None
    endpoint: Endpoint | None = None
    """Where to connect instead."""


def parse(text: str | bytes) -> dict[str, Any]:
    """Parse a message. Anything but a JSON object becomes a message without a type."""
    try:
        message = json.loads(text)
    except (ValueError, RecursionError):
        message = None
    return message if isinstance(message, dict) else {"message": "it sent an invalid message"}


def unpacked(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages of a batch, in order; any other message alone."""
    if message.get("type") != "batch":
        return [message]
    packed = data_of(message).get("messages")
    return [each for each in packed if isinstance(each, dict)] if isinstance(packed, list) else []


def data_of(message: Mapping[str, Any]) -> Mapping[str, Any]:
    data = message.get("data")
    return data if isinstance(data, Mapping) else {}


def event_of(message: Mapping[str, Any], received_at_ms: float) -> Event:
    return Event(str(message.get("type")), data_of(message), received_at_ms)


def acceptance_of(answer: Mapping[str, Any]) -> Acceptance:
    data = data_of(answer)
    dispute_id = data.get("dispute_id")
    return Acceptance(
        match_id=str(data.get("match_id")),
        revision=whole_number(data.get("revision")) or 0,
        dispute_id=dispute_id if isinstance(dispute_id, str) else None,
    )


def goodbye_of(message: Mapping[str, Any]) -> Goodbye:
    return Goodbye(
        code=whole_number(message.get("code")) or 0,
        reason=str(message.get("reason")),
        reconnect=message.get("reconnect") is True,
        retry_after_ms=milliseconds(message.get("retry_after_ms")),
        endpoint=endpoint_of(message.get("endpoint")),
    )


def milliseconds(value: object) -> int | None:
    number = whole_number(value)
    return number if number is not None and number >= 0 else None


def whole_number(value: object) -> int | None:
    """None for everything else: `true`, and numbers that no time or counter reaches."""
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    return value if abs(value) < NUMBER_MAX else None
