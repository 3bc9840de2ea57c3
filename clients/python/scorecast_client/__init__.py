"""Python client of Scorecast. Every name is imported on first use, so that importing is quick."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from scorecast_client.async_publisher import AsyncPublisher
    from scorecast_client.connection import Connection, connect
    from scorecast_client.errors import (
        AnswerTimeout,
        CommandRefused,
        ConnectionLost,
        ConnectRefused,
        PublishError,
        ScorecastError,
    )
    from scorecast_client.messages import Acceptance, Event, Goodbye
    from scorecast_client.publisher import Publisher
    from scorecast_client.retries import Retries
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

_MODULES = {
    "async_publisher": ("AsyncPublisher",),
    "connection": ("Connection", "connect"),
    "errors": (
        "AnswerTimeout",
        "CommandRefused",
        "ConnectRefused",
        "ConnectionLost",
        "PublishError",
        "ScorecastError",
    ),
    "messages": ("Acceptance", "Event", "Goodbye"),
    "publisher": ("Publisher",),
    "retries": ("Retries",),
    "timings": ("Timings",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> Any:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
