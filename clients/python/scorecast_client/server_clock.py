"""The server's time, from its answers and a clock that never jumps."""

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any, Final

STEP_BACK_MS: Final = 30_000
"""An answer further behind than this is not a slow one: the server's own clock was set back."""
WINDOW_SECONDS: Final = 300.0
"""Answers of one or two windows count. Over a day, two good clocks drift apart by seconds."""


class ServerClock:
    """Never reads the machine's wall clock, which may be an hour wrong. Safe between threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._windows: list[float] = []
        """The server's lead over this clock, at most, in the current and the last window."""
        self._began_at = 0.0
        self._lock = threading.Lock()

    def observe(self, server_ms: float) -> None:
        """Take the time in an answer that has just arrived.

        It is older than the server's clock by the answer's way, and `Date` by up to a second
        more. So the answer that is furthest ahead is the most exact.
        """
        at = self._monotonic()
        ahead_ms = server_ms - at * 1000
        with self._lock:
            self._forget_old(at)
            if self._windows and ahead_ms < max(self._windows) - STEP_BACK_MS:
                self._windows = []
            if not self._windows or at - self._began_at >= WINDOW_SECONDS:
                self._windows, self._began_at = [ahead_ms, *self._windows[:1]], at
            else:
                self._windows[0] = max(self._windows[0], ahead_ms)

    def observe_match(self, snapshot: Mapping[str, Any]) -> None:
        """Take the time at which a match's last score was accepted, from an answer just arrived.

        A `Date` knows no parts of a second: a score reported by another process within the same
        one might else seem newer than the next.
        """
        accepted_ms = snapshot.get("updated_at")
        if isinstance(accepted_ms, int):
            self.observe(accepted_ms)

    def now_ms(self) -> float | None:
        """None without a recent answer."""
        at = self._monotonic()
        with self._lock:
            self._forget_old(at)
            return max(self._windows) + at * 1000 if self._windows else None

    def _forget_old(self, at: float) -> None:
        if at - self._began_at >= 2 * WINDOW_SECONDS:
            self._windows = []


def date_ms(header: str | None) -> float | None:
    """The time in an HTTP `Date`, or None."""
    if header is None:
        return None
    try:
        date = parsedate_to_datetime(header)
        return date.replace(tzinfo=date.tzinfo or UTC).timestamp() * 1000
    except (ValueError, OverflowError):
        return None
