"""What the frames of the socket say. Pure: no clock, no socket."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scorecast_client.errors import ScorecastError


@dataclass(frozen=True)
class Event:
    """One event by its wire name; `snapshot` after every join; `error` if it answers nothing."""

    type: str
    data: Mapping[str, Any]
    received_at_ms: float

    @property
    def match_id(self) -> str | None:
        return self.data.get("match_id")


@dataclass(frozen=True)
class Acceptance:
    """The server's word that a command counts."""

    match_id: str
    revision: int
    dispute_id: str | None = None


@dataclass(frozen=True)
class Goodbye:
    """The server's last word before it closes: why, and whether coming back makes sense."""

    code: int
    reason: str
    reconnect: bool
    retry_after_ms: int | None


class ConnectRefused(ScorecastError):
    """No connection came about. `status` is the handshake's, `goodbye` the server's last word."""

    def __init__(
        self, sentence: str, *, status: int | None = None, goodbye: Goodbye | None = None
    ) -> None:
        super().__init__(sentence)
        self.status = status
        self.goodbye = goodbye


class ConnectionLost(ScorecastError):
    """The connection ended with a command still unanswered: it may or may not have counted."""


class AnswerTimeout(ScorecastError):
    """A command was not answered in time: it may or may not have counted."""


class CommandRefused(ScorecastError):
    """The server answered a command with an error; `code` is one of the protocol's."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code = str(error.get("code"))
        self.message = str(error.get("message"))
        self.retry_after_ms = _milliseconds(error.get("retry_after_ms"))
        self.data: Mapping[str, Any] = error.get("data") or {}


def parse(text: str | bytes) -> dict[str, Any]:
    """A frame; what is none becomes one without a type."""
    try:
        frame = json.loads(text)
    except (ValueError, RecursionError):
        frame = None
    return frame if isinstance(frame, dict) else {"message": "it sent what is not a frame"}


def data_of(frame: Mapping[str, Any]) -> Mapping[str, Any]:
    data = frame.get("data")
    return data if isinstance(data, Mapping) else {}


def event_of(frame: Mapping[str, Any], received_at_ms: float) -> Event:
    return Event(str(frame.get("type")), data_of(frame), received_at_ms)


def acceptance(answer: Mapping[str, Any]) -> Acceptance:
    data = data_of(answer)
    return Acceptance(
        match_id=str(data.get("match_id")),
        revision=int(data.get("revision") or 0),
        dispute_id=data.get("dispute_id"),
    )


def goodbye(frame: Mapping[str, Any]) -> Goodbye:
    code = frame.get("code")
    return Goodbye(
        code=code if isinstance(code, int) else 0,
        reason=str(frame.get("reason")),
        reconnect=frame.get("reconnect") is True,
        retry_after_ms=_milliseconds(frame.get("retry_after_ms")),
    )


def _milliseconds(value: object) -> int | None:
    return value if isinstance(value, int) and value >= 0 else None
