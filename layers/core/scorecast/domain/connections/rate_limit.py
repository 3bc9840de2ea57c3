"""Rate limits with the generic cell rate algorithm (GCRA, ITU-T I.371).

One number per bucket, the theoretical arrival time: when the bucket will be full again. One
attribute is enough, where a token bucket needs two.
"""

from dataclasses import dataclass
from typing import Final

from scorecast.protocol.limits import (
    FULL_READ_BURST,
    FULL_READ_SECONDS,
    HANDSHAKE_BURST,
    HANDSHAKES_PER_SECOND,
    PAGE_READ_BURST,
    PAGE_READS_PER_SECOND,
    PENALTY_SECONDS,
    PENALTY_SECONDS_MAX,
    SUBSCRIPTION_BURST,
    SUBSCRIPTIONS_PER_SECOND,
)


@dataclass(frozen=True, slots=True)
class Rate:
    """Messages per second on average, and messages in a burst."""

    per_second: float
    burst: int

    @property
    def interval_us(self) -> int:
        """What one message costs."""
        return int(1_000_000 / self.per_second)

    @property
    def tolerance_us(self) -> int:
        """How far ahead of now the arrival time may be for a message to pass."""
        return self.interval_us * (self.burst - 1)


HANDSHAKE_RATE: Final = Rate(HANDSHAKES_PER_SECOND, HANDSHAKE_BURST)
SUBSCRIPTION_RATE: Final = Rate(SUBSCRIPTIONS_PER_SECOND, SUBSCRIPTION_BURST)
FULL_READ_RATE: Final = Rate(1 / FULL_READ_SECONDS, FULL_READ_BURST)
PAGE_READ_RATE: Final = Rate(PAGE_READS_PER_SECOND, PAGE_READ_BURST)


@dataclass(frozen=True, slots=True)
class Acquired:
    """The message passes; the bucket's new arrival time."""

    arrival_us: int


@dataclass(frozen=True, slots=True)
class OverLimit:
    """The message is dropped; the same message passes after `retry_after_ms`."""

    retry_after_ms: int


def acquire(arrival_us: int | None, *, now_us: int, rate: Rate) -> Acquired | OverLimit:
    """One message now, against a bucket whose arrival time is `arrival_us` (None: never used)."""
    base_us = max(arrival_us or 0, now_us)
    ahead_us = base_us - now_us
    if ahead_us > rate.tolerance_us:
        return OverLimit(retry_after_ms=-(-(ahead_us - rate.tolerance_us) // 1_000))
    return Acquired(arrival_us=base_us + rate.interval_us)


def penalty_ms(times: int) -> int:
    """The wait after abuse: it doubles each time, up to its maximum."""
    return min(PENALTY_SECONDS_MAX, PENALTY_SECONDS << (times - 1)) * 1_000
