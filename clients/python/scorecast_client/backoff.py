"""How long to wait before the next attempt. Pure: randomness is an argument."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

BASE_SECONDS: Final = 0.5
CAP_SECONDS: Final = 20.0
SERVER_PAUSES_MAX: Final = 6
"""Up to so many times the pause that the server asks for."""
DOUBLINGS_MAX: Final = 30
"""Past it the bound is the cap in any case, and the power stays small."""


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
        """A pause that the server asks for, which grows where that does not help, as before a full
        room. Jitter: the server may have given everybody the same pause.
        """
        self.failures += 1
        return asked_seconds * min(self.failures, SERVER_PAUSES_MAX) + self.random() * (
            self.base_seconds
        )

    def reset(self) -> None:
        self.failures = 0
