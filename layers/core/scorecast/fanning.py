"""What follows from a fan-out: who may be gone, who is slow, is the account at its limit."""

from collections.abc import Mapping
from dataclasses import dataclass

from scorecast.delivery import Delivery
from scorecast.limits import THROTTLED_SHARE


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Ids to look at later, off the hot path. `at_limit`: the account's posts are throttled."""

    gone: tuple[str, ...]
    slow: tuple[str, ...]
    at_limit: bool


def aftermath(outcomes: Mapping[str, Delivery]) -> Aftermath:
    """A few throttled posts are clients with full buffers; many are the account's quota.

    Nobody is blamed for the quota: a storm of 429s shows nobody out.
    """
    gone = tuple(each for each, got in outcomes.items() if got is Delivery.GONE)
    throttled = tuple(each for each, got in outcomes.items() if got is Delivery.THROTTLED)
    at_limit = len(throttled) > THROTTLED_SHARE * len(outcomes) and len(throttled) > 1
    return Aftermath(gone, () if at_limit else throttled, at_limit)
