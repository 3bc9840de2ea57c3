"""The server's time, from its answers and a clock that never jumps."""

import threading
import time
from collections.abc import Callable
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Final

STEP_BACK_MS: Final = 30_000
"""An answer further behind than this is not a slow one: the server's own clock was set back."""


class ServerClock:
    """Never reads the machine's wall clock, which may be an hour wrong. Safe between threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._ahead_ms: float | None = None
        self._lock = threading.Lock()

    def observe(self, server_ms: float) -> None:
        """Take the time in an answer that has just arrived.

        It is older than the server's clock by the answer's way, and `Date` by up to a second
        more. So the answer that is furthest ahead is the most exact.
        """
        ahead_ms = server_ms - self._monotonic() * 1000
        with self._lock:
            known_ms = self._ahead_ms
            if known_ms is None or ahead_ms > known_ms or ahead_ms < known_ms - STEP_BACK_MS:
                self._ahead_ms = ahead_ms

    def now_ms(self) -> float | None:
        """None until an answer has been observed."""
        return None if self._ahead_ms is None else self._ahead_ms + self._monotonic() * 1000


def date_ms(header: str | None) -> float | None:
    """The time in an HTTP `Date`, or None."""
    if header is None:
        return None
    try:
        date = parsedate_to_datetime(header)
        return date.replace(tzinfo=date.tzinfo or UTC).timestamp() * 1000
    except (ValueError, OverflowError):
        return None
