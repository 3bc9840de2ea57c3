"""One match's updates published in three ways: ours, each by itself, and by a pure debounce.

Ours is the real handlers in virtual time. The two others are worked out on the same arrivals and
with the same durations.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from random import Random
from typing import Final

from tests.benchmarks.virtual_stack import (
    CALL_MS,
    MATCH,
    POST_MS,
    POSTS_PER_SECOND,
    SQS_MS,
    VirtualStack,
    opened,
)

OURS: Final = "scorecast"
EACH: Final = "each update by itself"
DEBOUNCE: Final = "pure debounce of 100 ms"
QUIET_MS: Final = 100


@dataclass(frozen=True, slots=True)
class Course:
    """How a run went. Times are milliseconds from the first update."""

    emissions_ms: list[float]
    staleness_ms: list[float]
    writes: int
    sends: int
    last_is_last: bool

    @property
    def gap_ms_max(self) -> float:
        """The longest time from one emission to the next; of a single one, its time."""
        gaps = [later - earlier for earlier, later in pairwise(self.emissions_ms)]
        return max(gaps, default=self.emissions_ms[0])

    @property
    def staleness_ms_p99(self) -> float:
        return sorted(self.staleness_ms)[int(len(self.staleness_ms) * 0.99)]

    def figures(self) -> dict[str, float]:
        return {
            "emissions": len(self.emissions_ms),
            "first_ms": self.emissions_ms[0],
            "gap_ms_mean": self.emissions_ms[-1] / len(self.emissions_ms),
            "gap_ms_max": self.gap_ms_max,
            "staleness_ms_p99": self.staleness_ms_p99,
            "writes": self.writes,
            "sends": self.sends,
            "last_is_last": self.last_is_last,
        }


def arrivals_ms(count: int, *, every_ms: float, seed: int) -> list[float]:
    """Updates at a steady pace, each a little early or late."""
    rng = Random(seed)
    return sorted((number + rng.random() / 2) * every_ms for number in range(count))


def ours(moments_ms: Sequence[float], *, viewers: int, seed: int) -> Course:
    with opened(seed) as virtual_stack:
        virtual_stack.seat(viewers)
        sends, writes = virtual_stack.bill.calls["SendMessage"], _match_writes(virtual_stack)
        started_us = virtual_stack.system.now_us()
        for number, at_ms in enumerate(moments_ms, start=1):
            virtual_stack.system.after(at_ms, partial(virtual_stack.update, number))
        virtual_stack.system.run()
        return Course(
            emissions_ms=[
                (published.at_us - started_us) / 1_000 for published in virtual_stack.published
            ],
            staleness_ms=_staleness_ms(virtual_stack),
            writes=_match_writes(virtual_stack) - writes,
            sends=virtual_stack.bill.calls["SendMessage"] - sends,
            last_is_last=virtual_stack.published[-1].message["data"]["participant1_score"]
            == len(moments_ms),
        )


def _match_writes(virtual_stack: VirtualStack) -> int:
    return virtual_stack.bill.writes[f"M#{MATCH}/M"]


def _staleness_ms(virtual_stack: VirtualStack) -> list[float]:
    """Of each update: from its acceptance to the end of the first emission that holds it."""
    ages, published = [], iter(virtual_stack.published)
    newest = next(published)
    for at_us, revision in virtual_stack.accepted:
        while newest.message["data"]["revision"] < revision:
            newest = next(published)
        ages.append((newest.at_us - at_us) / 1_000)
    return ages


def each_by_itself(moments_ms: Sequence[float], *, viewers: int, seed: int) -> Course:
    """A write, a FIFO message and a fan-out per update, one fan-out after the other."""
    rng, free_at_ms = Random(seed), 0.0
    ends = []
    for at_ms in moments_ms:
        free_at_ms = max(free_at_ms, at_ms + rng.uniform(*SQS_MS)) + _emission_ms(viewers)
        ends.append(free_at_ms)
    return Course(
        emissions_ms=ends,
        staleness_ms=[end - at_ms for end, at_ms in zip(ends, moments_ms, strict=True)],
        writes=len(moments_ms),
        sends=len(moments_ms),
        last_is_last=True,
    )


def debounced(moments_ms: Sequence[float], *, viewers: int, seed: int) -> Course:
    """A write and a timer per update; the timer that no later update replaced emits."""
    followers = [*moments_ms[1:], float("inf")]
    fired = [
        at_ms for at_ms, next_ms in zip(moments_ms, followers, strict=True)
        if next_ms - at_ms >= QUIET_MS
    ]  # fmt: skip
    ends = [at_ms + QUIET_MS + _emission_ms(viewers) for at_ms in fired]
    staleness_ms = [next(end for end in ends if end > at_ms) - at_ms for at_ms in moments_ms]
    return Course(ends, staleness_ms, len(moments_ms), len(moments_ms), True)


def _emission_ms(viewers: int) -> float:
    return CALL_MS + POST_MS + viewers / POSTS_PER_SECOND * 1_000


WAYS: Final = {OURS: ours, EACH: each_by_itself, DEBOUNCE: debounced}
