"""Viewers beyond the rooms' capacity: they read the snapshot, from a cache in front of the API.

As the clients do it: every two seconds and a little more, less often while nothing changes, with
the snapshot's tag. The API's answer may be kept for a second.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from infra.capacity.audience import Audience
from infra.cost import GIGABYTE, Use, dollars, of_operation, total
from scorecast_client.overflow import JITTER, SLOWDOWN
from scorecast_client.timings import Timings

CACHE_SECONDS: Final = 1.0
"""`public, max-age=1`."""

CACHES: Final = 13
"""CloudFront's regional caches, each of which asks for a snapshot once a second. A shared one
(Origin Shield) makes it one."""

SNAPSHOT_BYTES: Final = 900
UNCHANGED_BYTES: Final = 250
"""Assumed, with their headers: a match's snapshot, compressed, and an answer without one."""

DOLLARS_PER_REQUEST: Final = 1.00e-6
DOLLARS_PER_GB: Final = 0.085
"""CloudFront, HTTPS, in North America and Europe, after its free tier."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What one viewer of the snapshot asks for: requests a second, and how many have something new;
    how old a score is when it is seen, on average and at the most."""

    requests: float
    changed: float
    age_s: float
    age_s_max: float


def reading(scores_per_minute: float) -> Reading:
    """Between two scores the pauses grow; a score makes them short again."""
    timings = Timings()
    between_s = 60 / scores_per_minute if scores_per_minute else float("inf")
    asked, longest_s, at_s = 0, timings.poll_seconds, 0.0
    for pause_s in _pauses(timings):
        if at_s >= min(between_s, 3_600):
            break
        asked, longest_s, at_s = asked + 1, pause_s, at_s + pause_s
    average_s = at_s / asked
    most_s = longest_s / (1 + JITTER / 2) * (1 + JITTER)
    return Reading(
        requests=1 / average_s,
        changed=min(1 / average_s, scores_per_minute / 60),
        age_s=CACHE_SECONDS / 2 + longest_s / 2,
        age_s_max=CACHE_SECONDS + most_s,
    )


def _pauses(timings: Timings) -> Iterator[float]:
    """Mean pauses, from one change on."""
    seconds = timings.poll_seconds
    while True:
        yield seconds * (1 + JITTER / 2)
        seconds = min(seconds * SLOWDOWN, timings.poll_seconds_max)


def dollars_per_second(viewers: float, audience: Audience) -> float:
    """Of the cache for its viewers, and of the API for the cache."""
    if not viewers:
        return 0.0
    each = reading(audience.scores_per_minute)
    asked = viewers * each.requests
    new = viewers * each.changed
    sent_gb = (new * SNAPSHOT_BYTES + (asked - new) * UNCHANGED_BYTES) / 1e9
    cached = asked * DOLLARS_PER_REQUEST + sent_gb * DOLLARS_PER_GB
    return cached + dollars(_of_origin(min(asked, CACHES / CACHE_SECONDS * audience.matches)))


def _of_origin(requests: float) -> Use:
    sent: Use = {GIGABYTE: requests * SNAPSHOT_BYTES / 1e9}
    return total(of_operation("HTTP read of a match", times=requests, messages_in=1), sent)
