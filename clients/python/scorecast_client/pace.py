"""How quickly one user may send without meeting the server's allowance. Pure."""

from typing import Final

COMMANDS_PER_SECOND: Final = 8.0
COMMANDS_AT_ONCE: Final = 15
"""Both stay below the default allowance of 10 per second and 20 at once."""


class Pace:
    """A theoretical arrival time, as the server itself counts."""

    def __init__(self) -> None:
        self._arrival = 0.0

    def wait_seconds(self, now: float) -> float:
        """Count one command in, and say how long to hold it back; `now` is in seconds."""
        self._arrival = max(self._arrival, now) + 1 / COMMANDS_PER_SECOND
        return max(0.0, self._arrival - COMMANDS_AT_ONCE / COMMANDS_PER_SECOND - now)
