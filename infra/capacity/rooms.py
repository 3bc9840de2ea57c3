"""What a room of some size is sent, how often, and how old it is when the last viewer has it.

Windows, lanes and batches are computed by the service's own rules.
"""

from dataclasses import dataclass
from typing import Final

from infra import layer  # noqa: F401
from infra.capacity.audience import Audience
from infra.capacity.bounds import Bounds
from infra.capacity.timeline import Moment
from infra.cost import POSTS_PER_SECOND
from scorecast.domain.matches.window import Load, Pace, floor_ms
from scorecast.domain.publication import buckets_for
from scorecast.protocol.limits import (
    FANOUT_LANES,
    PLANNED_SHARE,
    SHARD_MEMBERS_MAX,
    VIEWERS_CHANGE_PERCENT,
    VIEWERS_DELAY_SECONDS,
    VIEWERS_DELAY_SECONDS_LARGE,
    VIEWERS_QUICK_MAX,
)

QUEUE_MS: Final = 30
"""Assumed: from sending a record to the start of the function that gets it."""

OPEN_WINDOWS_ROUNDS: Final = 5
"""A window's length depends on how many are open, and that on their length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """Rates are a second, and of one of these `number` rooms."""

    number: int
    viewers: float
    flushes: float
    window_ms: float
    usual_window_ms: float
    looks: float
    """How often its viewer count is looked at, and `counts` of them publish it."""
    counts: float
    pace: float
    """Posts a second to its viewers, while a message goes out."""

    @property
    def is_large(self) -> bool:
        return self.viewers > SHARD_MEMBERS_MAX

    @property
    def messages(self) -> float:
        return self.flushes + self.counts

    @property
    def posts(self) -> float:
        return self.viewers * self.messages

    @property
    def batches(self) -> float:
        """Sent to the fan-out queue."""
        return self.messages * buckets_for(round(self.viewers)) if self.is_large else 0.0

    @property
    def posting_s(self) -> float:
        """From the first post of a message to the last."""
        return self.viewers / self.pace

    @property
    def flush_posting_s(self) -> float:
        """What of that the flush does itself."""
        return 0.0 if self.is_large else self.posting_s

    @property
    def first_ms(self) -> float:
        """Age of a score when the first viewer has it."""
        hops = 2 if self.is_large else 1
        return self.window_ms + hops * QUEUE_MS

    @property
    def last_ms(self) -> float:
        """Age of a score when the last viewer has it."""
        return self.first_ms + self.posting_s * 1_000

    @property
    def middle_ms(self) -> float:
        return (self.first_ms + self.last_ms) / 2

    @property
    def fanouts_running(self) -> float:
        """Lanes that post at the same time, on average."""
        if not self.is_large:
            return 0.0
        return min(1.0, self.messages * self.posting_s) * FANOUT_LANES


def rooms_at(moment: Moment, audience: Audience, bounds: Bounds) -> tuple[Room, ...]:
    capacity = bounds["RoomCapacity"]
    sizes = [(number, min(each, capacity)) for number, each in audience.rooms(moment.wanted)]
    full = sum(number * viewers for number, viewers in sizes)
    # Those who wait for a handshake are missing everywhere alike.
    share = min(1.0, moment.viewers / full) if full else 0.0
    return tuple(
        _room(number, viewers * share, moment, audience, bounds) for number, viewers in sizes
    )


def _room(number: int, viewers: float, moment: Moment, audience: Audience, bounds: Bounds) -> Room:
    scores = audience.scores_per_minute / 60
    window_ms = _window_ms(viewers, audience, bounds)
    part = viewers / moment.viewers if moment.viewers else 0.0
    looks = _looks(viewers, changes=(moment.connects + moment.disconnects) * part)
    large_pace = bounds["PostsPerSecondBudget"] * PLANNED_SHARE
    return Room(
        number=number,
        viewers=viewers,
        flushes=min(scores, 1_000 / window_ms) if window_ms else scores,
        window_ms=window_ms,
        usual_window_ms=min(window_ms, bounds["CoalesceWindowMs"]),
        looks=looks,
        counts=_counts(
            viewers,
            looks,
            growth=abs(moment.connects - moment.disconnects) * part,
            changes=(moment.connects + moment.disconnects) * part,
        ),
        pace=large_pace if viewers > SHARD_MEMBERS_MAX else POSTS_PER_SECOND,
    )


def _window_ms(viewers: float, audience: Audience, bounds: Bounds) -> float:
    pace = Pace(
        quiet_ms=int(bounds["CoalesceWindowMs"]),
        wait_ms_max=int(bounds["CoalesceMaxWaitMs"]),
        posts_per_second=int(bounds["PostsPerSecondBudget"]),
    )
    open_windows = audience.matches * audience.scores_per_minute / 60
    window_ms = float(pace.quiet_ms)
    for _ in range(OPEN_WINDOWS_ROUNDS):
        live = max(1, round(min(audience.matches, open_windows * window_ms / 1_000)))
        load = Load(viewers=round(viewers), is_large=viewers > SHARD_MEMBERS_MAX, live=live)
        window_ms = float(max(pace.quiet_ms, floor_ms(load, pace)))
    return window_ms


def _looks(viewers: float, *, changes: float) -> float:
    """A first change is looked at after a pause, together with all that follow in it."""
    if not changes:
        return 0.0
    is_small = viewers <= VIEWERS_QUICK_MAX
    pause_s = VIEWERS_DELAY_SECONDS if is_small else VIEWERS_DELAY_SECONDS_LARGE
    return 1 / (pause_s + 1 / changes)


def _counts(viewers: float, looks: float, *, growth: float, changes: float) -> float:
    """A large room is sent its count once it has changed by a percentage: by growth, or by chance
    as viewers come and go."""
    if viewers <= VIEWERS_QUICK_MAX:
        return looks
    noticeable = viewers * VIEWERS_CHANGE_PERCENT / 100
    return min(looks, growth / noticeable + changes / noticeable**2)
