"""When a window of updates closes by itself. All times are milliseconds."""

from dataclasses import dataclass

from scorecast.matches import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How updates are told together.

    `quiet_ms` after the last update, but at most `wait_ms_max` after the first: a pure debounce
    tells nothing at all under a steady stream. `posts_per_second` is what the account can post.
    """

    quiet_ms: int
    wait_ms_max: int
    posts_per_second: int


def floor_ms(viewers: int, pace: Pace) -> int:
    """The shortest window that keeps this room's posts within the budget."""
    return -(-viewers * 1_000 // pace.posts_per_second)


def due_at_ms(window: Window, pace: Pace, *, viewers: int = 0) -> int:
    earliest = min(window.updated_at_ms + pace.quiet_ms, window.opened_at_ms + pace.wait_ms_max)
    return max(earliest, window.opened_at_ms + floor_ms(viewers, pace))


def remaining_ms(
    window: Window, pace: Pace, *, now_ms: int, waited_ms: int, viewers: int = 0
) -> int:
    """How long to wait on, given what this flush has waited; 0: close it now.

    The Lambda that opened the window has another clock than the one that closes it. What has
    been waited bounds the wait, so that a skewed clock can delay a window but never hold it.
    """
    longest = max(pace.wait_ms_max, floor_ms(viewers, pace)) - waited_ms
    return max(0, min(due_at_ms(window, pace, viewers=viewers) - now_ms, longest))
