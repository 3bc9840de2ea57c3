"""When a window of updates closes. All times are milliseconds."""

from dataclasses import dataclass

from scorecast.domain.matches.match import Window
from scorecast.protocol.limits import (
    CLAIM_MS,
    LANES_WINDOW_MS_MAX,
    PLANNED_SHARE,
    WINDOW_MS_MAX,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How updates are coalesced.

    A window closes `quiet_ms` after the last update, but at most `wait_ms_max` after the first: a
    pure debounce publishes nothing at all under a steady stream. `posts_per_second` is what the
    account can post. With `is_leading` the first update after a quiet period is published at once.
    """

    quiet_ms: int
    wait_ms_max: int
    posts_per_second: int
    is_leading: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """The load on the account while a window is open.

    `viewers` of this match's rooms, `is_large` if one of them is posted to in lanes, `live` matches
    with an open window (this one among them), and `throttle_level`: how often lately API Gateway
    has throttled posts although windows were widened.
    """

    viewers: int = 0
    is_large: bool = False
    live: int = 1
    throttle_level: int = 0


def floor_ms(load: Load, pace: Pace) -> int:
    """The shortest window that keeps posts within the planned budget, which live matches share."""
    planned = int(pace.posts_per_second * PLANNED_SHARE)
    own_ms = -(-load.viewers * 1_000 // max(1, planned))
    fair_ms = -(-load.viewers * max(1, load.live) * 1_000 // max(1, planned))
    if load.is_large:
        # The lanes of a large room combine their pending messages, so its other matches need no
        # wider windows.
        fair_ms = min(fair_ms, max(own_ms, LANES_WINDOW_MS_MAX))
    if load.throttle_level == 0:
        return fair_ms
    return min(WINDOW_MS_MAX, max(fair_ms, pace.quiet_ms) << load.throttle_level)


def widened_ms(load: Load, pace: Pace) -> int | None:
    """The length of a window that is longer than configured, which is published to clients."""
    floor = floor_ms(load, pace)
    return floor if floor > pace.wait_ms_max else None


def due_at_ms(window: Window, pace: Pace, load: Load) -> int:
    if pace.is_leading and _follows_quiet(window, pace, load):
        return window.opened_at_ms
    earliest = min(
        window.updated_at_ms + pace.quiet_ms, _begun_at_ms(window, pace) + pace.wait_ms_max
    )
    return max(earliest, window.opened_at_ms + floor_ms(load, pace))


def _follows_quiet(window: Window, pace: Pace, load: Load) -> bool:
    """Whether the last flush is so long ago that this one does not increase the rate of
    messages."""
    flushed_at_ms = window.previous_flush_at_ms
    bound_ms = max(pace.wait_ms_max, floor_ms(load, pace))
    return flushed_at_ms is None or window.opened_at_ms - flushed_at_ms >= bound_ms


def _begun_at_ms(window: Window, pace: Pace) -> int:
    """Since when viewers have waited: in a steady stream, since the flush before.

    A stream is steady if its next update came within a quiet window. The duration of a claim is
    part of the wait, so that viewers get a message at least once in every `wait_ms_max`.
    """
    flushed_at_ms = window.previous_flush_at_ms
    if flushed_at_ms is None or window.opened_at_ms - flushed_at_ms > pace.quiet_ms:
        return window.opened_at_ms
    return min(window.opened_at_ms, flushed_at_ms - CLAIM_MS)


def remaining_ms(window: Window, pace: Pace, load: Load, *, now_ms: int, waited_ms: int) -> int:
    """How much longer to wait, given how long this flush has waited; 0: close it now.

    The window may have been opened by a Lambda with a different clock. The time already waited
    bounds the wait, so that a skewed clock can delay a window but never keep it open.
    """
    longest = max(pace.wait_ms_max, floor_ms(load, pace)) - waited_ms
    return max(0, min(due_at_ms(window, pace, load) - now_ms, longest))
