"""What the frames of the socket say, and which of them are news. Pure: no clock, no socket."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scorecast_client.errors import ScorecastError


@dataclass(frozen=True)
class Event:
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
    """The connection ended with a command still unanswered."""


class AnswerTimeout(ScorecastError):
    """A command was not answered in time: it may or may not have counted."""


class CommandRefused(ScorecastError):
    """The server answered a command with an error; `code` is one of the protocol's."""

    def __init__(self, error: Mapping[str, Any]) -> None:
        super().__init__(f"{error.get('code')}: {error.get('message')}")
        self.code = str(error.get("code"))
        self.retry_after_ms: int | None = error.get("retry_after_ms")
        self.data: Mapping[str, Any] = error.get("data") or {}


class Sequences:
    """The newest sequence number known of each match and tournament."""

    def __init__(self) -> None:
        self._newest: dict[tuple[str, str], int] = {}

    def learn(self, snapshot: Mapping[str, Any]) -> None:
        """Take a snapshot's numbers: what it holds already is no news afterwards."""
        self._is_newer(snapshot)
        for match in snapshot.get("matches") or ():
            self._is_newer(match)

    def is_news(self, event: Event) -> bool:
        """Say once of every event whether to tell it; at least once on the wire, once here."""
        # the sequence of `viewers` is that of the room's newest event, not its own
        return event.type == "viewers" or self._is_newer(event.data)

    def _is_newer(self, data: Mapping[str, Any]) -> bool:
        sequence, key = data.get("sequence"), _numbered_by(data)
        if sequence is None or key is None:
            return True
        if sequence <= self._newest.get(key, -1):
            return False
        self._newest[key] = sequence
        return True


def _numbered_by(data: Mapping[str, Any]) -> tuple[str, str] | None:
    """A frame that names a match carries the match's numbers, else the tournament's."""
    for key in ("match_id", "tournament_id"):
        if data.get(key):
            return key, data[key]
    return None


def acceptance(answer: Mapping[str, Any]) -> Acceptance:
    data = answer["data"]
    return Acceptance(match_id=data["match_id"], revision=data["revision"])


def goodbye(frame: Mapping[str, Any]) -> Goodbye:
    return Goodbye(
        code=frame["code"],
        reason=frame["reason"],
        reconnect=bool(frame.get("reconnect")),
        retry_after_ms=frame.get("retry_after_ms"),
    )
