"""Every message in and out as a line, for development and for the person on call."""

import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from scorecast_client.cli.output import print_line
from scorecast_client.messages import data_of, whole_number


@contextmanager
def tracing() -> Iterator[None]:
    """Print the messages of every socket that is opened meanwhile."""
    logger, handler = logging.getLogger("scorecast_client.messages"), TraceLines()
    before = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.DEBUG)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.level, logger.propagate = before


class TraceLines(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        direction, content = record.__dict__["direction"], record.__dict__["content"]
        print_line(trace_line(direction, content, now_ms=time.time_ns() / 1e6))


def trace_line(direction: str, message: Mapping[str, Any], *, now_ms: float) -> str:
    moment = datetime.fromtimestamp(now_ms / 1000)
    fields = [f"{moment:%H:%M:%S}.{moment.microsecond // 1000:03}", f"{direction:3}"]
    fields += [str(message.get("type")), *_details(message, now_ms)]
    return "  ".join(fields)


def _details(message: Mapping[str, Any], now_ms: float) -> Iterator[str]:
    data = data_of(message)
    for name in ("match_id", "tournament_id"):
        if isinstance(ident := data.get(name) or message.get(name), str):
            yield ident
    for name in ("sequence", "since", "revision", "merged", "count", "viewers", "recovered"):
        value = data.get(name, message.get(name))
        if isinstance(value, (int, bool)):
            yield f"{name} {value}"
    for name in ("code", "reason", "message"):
        if value := message.get(name):
            yield str(value)
    server_ms = whole_number(data.get("server_time"))
    if server_ms is not None:
        yield f"{now_ms - server_ms:.0f} ms after server_time"
