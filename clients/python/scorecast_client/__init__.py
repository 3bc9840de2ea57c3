"""Python client of Scorecast."""

from scorecast_client.connection import Connection, connect
from scorecast_client.errors import ScorecastError
from scorecast_client.frames import (
    Acceptance,
    AnswerTimeout,
    CommandRefused,
    ConnectionLost,
    ConnectRefused,
    Event,
    Goodbye,
)
from scorecast_client.publisher import Publisher, PublishError

__all__ = [
    "Acceptance",
    "AnswerTimeout",
    "CommandRefused",
    "ConnectRefused",
    "Connection",
    "ConnectionLost",
    "Event",
    "Goodbye",
    "PublishError",
    "Publisher",
    "ScorecastError",
    "connect",
]
