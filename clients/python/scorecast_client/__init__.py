"""Python client of Scorecast."""

from scorecast_client.async_publisher import AsyncPublisher
from scorecast_client.connection import Connection, connect
from scorecast_client.errors import ScorecastError
from scorecast_client.exchange import PublishError, Retries
from scorecast_client.frames import (
    Acceptance,
    AnswerTimeout,
    CommandRefused,
    ConnectionLost,
    ConnectRefused,
    Event,
    Goodbye,
)
from scorecast_client.publisher import Publisher
from scorecast_client.timings import Timings

__all__ = [
    "Acceptance",
    "AnswerTimeout",
    "AsyncPublisher",
    "CommandRefused",
    "ConnectRefused",
    "Connection",
    "ConnectionLost",
    "Event",
    "Goodbye",
    "PublishError",
    "Publisher",
    "Retries",
    "ScorecastError",
    "Timings",
    "connect",
]
