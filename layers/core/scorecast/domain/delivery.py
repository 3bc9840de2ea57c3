"""The outcome of posts to connections, and what follows from it. Pure."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scorecast.protocol.limits import SLOW_SUSPECTS_MIN, SLOW_SUSPECTS_SHARE


class Delivery(StrEnum):
    """The outcome of one post. Even `delivered` does not mean that the client read it."""

    DELIVERED = "delivered"
    GONE = "gone"
    """410: closed, not yet open, or a false alarm. It must be confirmed before anything is
    released."""
    THROTTLED = "throttled"
    """429: the account's quota, or the client's full buffer."""
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    FAILED = "failed"
    """5xx, time-out, or no connection to the gateway."""
    SKIPPED = "skipped"
    """Not attempted: the fan-out's time was up."""


UNDELIVERED: Final = (Delivery.THROTTLED, Delivery.SKIPPED, Delivery.FAILED)
"""A later post may succeed: the client may still be connected, and has not got the message."""

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
    """The numbers of posts by outcome, such as `PostsThrottled`."""
    counts = Counter(outcomes.values())
    return {f"Posts{outcome.title().replace('_', '')}": n for outcome, n in counts.items()}


@dataclass(frozen=True, slots=True)
class FanoutSummary:
    """What follows from a fan-out, all of it off the hot path.

    `gone` are to be verified, `slow` are suspected of reading nothing, `undelivered` are to be
    posted again. `quota_posts` counts posts that the account's quota held up.
    """

    gone: tuple[str, ...]
    slow: tuple[str, ...]
    undelivered: tuple[str, ...]
    quota_posts: int


def summarize(first: Mapping[str, Delivery], second: Mapping[str, Delivery]) -> FanoutSummary:
    """Separate the two meanings of 429 by a second post to those whose first was throttled.

    The account's quota refills within milliseconds, so a post that it held up passes the second
    time. A client's full buffer does not: it stays throttled. Many that stay throttled are the
    account after all, and then no client is suspected.
    """
    last = {**first, **second}
    stayed = _with(second, Delivery.THROTTLED)
    passed = len(_with(second, Delivery.DELIVERED))
    suspects_max = max(SLOW_SUSPECTS_MIN, int(SLOW_SUSPECTS_SHARE * len(first)))
    is_account = len(stayed) > suspects_max
    return FanoutSummary(
        gone=_with(last, Delivery.GONE),
        slow=() if is_account else stayed,
        undelivered=_with(last, *UNDELIVERED),
        quota_posts=passed + (len(stayed) if is_account else 0),
    )


def _with(outcomes: Mapping[str, Delivery], *wanted: Delivery) -> tuple[str, ...]:
    return tuple(each for each, outcome in outcomes.items() if outcome in wanted)
