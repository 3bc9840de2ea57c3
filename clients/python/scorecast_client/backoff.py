"""How long to wait before the next attempt. Pure: randomness is an argument."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

BASE_SECONDS: Final = 0.5
CAP_SECONDS: Final = 20.0
SERVER_PAUSES_MAX: Final = 6
"""Maximum multiple of the pause that the server requests."""
DOUBLINGS_MAX: Final = 30
"""Above it the bound is the cap in any case, and the power stays small."""


@dataclass
class Backoff:
    """Full jitter: a random time up to a bound that doubles with each failure, up to the cap."""

    random: Callable[[], float]
    base_seconds: float = BASE_SECONDS
    cap_seconds: float = CAP_SECONDS
    failures: int = 0

    def next_seconds(self) -> float:
        bound = min(self.cap_seconds, self.base_seconds * 2.0 ** min(self.failures, DOUBLINGS_MAX))
        self.failures += 1
        return self.random() * bound

    def server_seconds(self, asked_seconds: float) -> float:
        """A pause that the server requests. It grows with each failure, as for a full room. Jitter
        is added, since the server may have sent the same pause to many clients.
        """
        self.failures += 1
        return asked_seconds * min(self.failures, SERVER_PAUSES_MAX) + self.random() * (
            self.base_seconds
        )

    def reset(self) -> None:
        self.failures = 0
