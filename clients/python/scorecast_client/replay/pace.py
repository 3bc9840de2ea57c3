"""How fast one user may send within the server's rate limit. Pure."""

from typing import Final

COMMANDS_PER_SECOND: Final = 8.0
COMMANDS_AT_ONCE: Final = 15
"""Both stay below the default rate limit of 10 a second and 20 at once."""


class Pace:
    """A theoretical arrival time, as the server computes it."""

    def __init__(self) -> None:
        self._arrival = 0.0

    def wait_seconds(self, now: float) -> float:
        """Count one command, and return how long to delay it; `now` is in seconds."""
        self._arrival = max(self._arrival, now) + 1 / COMMANDS_PER_SECOND
        return max(0.0, self._arrival - COMMANDS_AT_ONCE / COMMANDS_PER_SECOND - now)
