"""Conditions that last: what a service does to its callers between two moments.

A fault strikes one attempt (see `calls`); an outage strikes all that it matches while it lasts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

type Request = dict[str, Any]


def _any(_request: Request) -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Attempts of these operations are throttled, left without an answer, or answered 5xx.

    `lost_reply` is left without an answer, too, but it has worked. `unprocessed` is what
    BatchGetItem does when it is throttled: it succeeds and returns the keys.
    """

    service: Literal["dynamodb", "sqs"]
    begins_us: int
    ends_us: int
    operations: frozenset[str] = frozenset()
    """None of them means all."""
    kind: Literal["throttle", "hang", "lost_reply", "server_error", "unprocessed"] = "throttle"
    share: float = 1.0
    matches: Callable[[Request], bool] = _any

    def strikes(self, service: str, operation: str, request: Request, now_us: int) -> bool:
        return (
            service == self.service
            and self.begins_us <= now_us < self.ends_us
            and (not self.operations or operation in self.operations)
            and self.matches(request)
        )


@dataclass(slots=True)
class TokenBucket:
    """A rate with a burst, as AWS's quotas are enforced."""

    per_second: float
    burst: float
    _left: float = 0.0
    _at_us: int = 0

    def take(self, now_us: int) -> bool:
        """One token, if there is one."""
        if self._at_us == 0:
            self._left, self._at_us = self.burst, now_us
        gained = (now_us - self._at_us) / 1_000_000 * self.per_second
        self._left, self._at_us = min(self.burst, self._left + gained), now_us
        if self._left < 1:
            return False
        self._left -= 1
        return True
