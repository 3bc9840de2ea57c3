"""The outcome of posts to connections, and what follows from it. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from scorecast.protocol.limits import THROTTLED_SHARE


class Delivery(StrEnum):
    """One post. `delivered` means that API Gateway took it, not that the client read it."""

    DELIVERED = "delivered"
    GONE = "gone"
    """410: closed, not yet open, or a false alarm: to be confirmed before anything is released."""
    THROTTLED = "throttled"
    """429: the account's quota or the client's full buffer. Skipped: the next message is newer."""
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    FAILED = "failed"
    """5xx, time-out, or no connection to the gateway."""
    SKIPPED = "skipped"
    """Not tried: the fan-out's time was up."""


OF_STATUS: Mapping[int, Delivery] = {
    200: Delivery.DELIVERED,
    204: Delivery.DELIVERED,
    400: Delivery.GONE,  # a malformed connection id, which no live connection has
    403: Delivery.REFUSED,
    410: Delivery.GONE,
    413: Delivery.TOO_LARGE,
    429: Delivery.THROTTLED,
}


def of_status(status: int) -> Delivery:
    return OF_STATUS.get(status, Delivery.FAILED)


def metrics_of(outcomes: Mapping[str, Delivery]) -> dict[str, int]:
    """Posts by what became of them, such as `PostsThrottled`."""
    counts = Counter(outcomes.values())
    return {f"Posts{outcome.title().replace('_', '')}": n for outcome, n in counts.items()}


@dataclass(frozen=True, slots=True)
class FanoutSummary:
    """Ids to look at later, off the hot path. `at_limit`: the account's posts are throttled."""

    gone: tuple[str, ...]
    slow: tuple[str, ...]
    at_limit: bool


def summarize(outcomes: Mapping[str, Delivery]) -> FanoutSummary:
    """A few throttled posts are clients with full buffers; many are the account's quota.

    A storm of 429s is the quota: it disconnects no client.
    """
    gone = tuple(each for each, got in outcomes.items() if got is Delivery.GONE)
    throttled = tuple(each for each, got in outcomes.items() if got is Delivery.THROTTLED)
    at_limit = len(throttled) > THROTTLED_SHARE * len(outcomes) and len(throttled) > 1
    return FanoutSummary(gone, () if at_limit else throttled, at_limit)
