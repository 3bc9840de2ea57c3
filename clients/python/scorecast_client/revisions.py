"""The `client_revision` of scores: their order, whatever order they arrive in."""

import threading
from collections.abc import Callable


class Revisions:
    """Milliseconds since 1970, made strictly increasing. Safe to share between threads."""

    def __init__(self, now_ms: Callable[[], float]) -> None:
        self._now_ms = now_ms
        self._newest = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        with self._lock:
            self._newest = max(self._newest + 1, int(self._now_ms()))
            return self._newest
