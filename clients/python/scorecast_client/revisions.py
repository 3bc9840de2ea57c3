"""The `client_revision` of scores: their order, independent of when they arrive."""

import threading
from typing import Final

from scorecast_client.server_clock import ServerClock

AHEAD_MS_MAX: Final = 30_000
"""The service refuses a revision that is 60 s ahead of its clock. Half of that is kept as a
reserve."""


class Revisions:
    """The server's milliseconds, made strictly increasing. Safe to share between threads."""

    def __init__(self, clock: ServerClock) -> None:
        self._clock = clock
        self._newest = 0
        self._lock = threading.Lock()

    def next(self) -> int | None:
        """None while the server's time is unknown: then its time of receipt decides."""
        with self._lock:
            now_ms = self._clock.now_ms()
            if now_ms is None:
                return None
            if self._newest > now_ms + AHEAD_MS_MAX:
                self._newest = 0  # the server's clock was set back
            self._newest = max(self._newest + 1, int(now_ms))
            return self._newest
