"""When a window of updates closes by itself. All times are milliseconds."""

from dataclasses import dataclass

from scorecast.domain.matches.match import Window
from scorecast.protocol.limits import CLAIM_MS, WINDOW_MS_MAX


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How updates are told together.

    `quiet_ms` after the last update, but at most `wait_ms_max` after the first: a pure debounce
    tells nothing at all under a steady stream. `posts_per_second` is what the account can post.
    """

    quiet_ms: int
    wait_ms_max: int
    posts_per_second: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the account has to carry while a window is open.

    `viewers` of this match's rooms, `live` matches with an open window (this one among them), and
    `pressure`: how often lately API Gateway has throttled posts although windows were widened.
    """

    viewers: int = 0
    live: int = 1
    throttle_level: int = 0


def floor_ms(load: Load, pace: Pace) -> int:
    """The shortest window that keeps posts within the budget, which live matches share."""
    fair_ms = -(-load.viewers * max(1, load.live) * 1_000 // pace.posts_per_second)
    if load.throttle_level == 0:
        return fair_ms
    return min(WINDOW_MS_MAX, max(fair_ms, pace.quiet_ms) << load.throttle_level)


def widened_ms(load: Load, pace: Pace) -> int | None:
    """What clients are told of a window that is longer than configured."""
    floor = floor_ms(load, pace)
    return floor if floor > pace.wait_ms_max else None


def due_at_ms(window: Window, pace: Pace, load: Load) -> int:
    earliest = min(
        window.updated_at_ms + pace.quiet_ms, _begun_at_ms(window, pace) + pace.wait_ms_max
    )
    return max(earliest, window.opened_at_ms + floor_ms(load, pace))


def _begun_at_ms(window: Window, pace: Pace) -> int:
    """Since when viewers have waited: in a steady stream, since they were told the last time.

    A stream is steady if its next update came within a quiet window. What a claim takes is part
    of the wait, so that viewers are told at least once in every `wait_ms_max`.
    """
    notified_at_ms = window.previous_flush_at_ms
    if notified_at_ms is None or window.opened_at_ms - notified_at_ms > pace.quiet_ms:
        return window.opened_at_ms
    return min(window.opened_at_ms, notified_at_ms - CLAIM_MS)


def remaining_ms(window: Window, pace: Pace, load: Load, *, now_ms: int, waited_ms: int) -> int:
    """How long to wait on, given what this flush has waited; 0: close it now.

    The Lambda that opened the window has another clock than the one that closes it. What has
    been waited bounds the wait, so that a skewed clock can delay a window but never hold it.
    """
    longest = max(pace.wait_ms_max, floor_ms(load, pace)) - waited_ms
    return max(0, min(due_at_ms(window, pace, load) - now_ms, longest))
