import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecast.domain.matches.window import (
    Load,
    Pace,
    due_at_ms,
    floor_ms,
    remaining_ms,
    widened_ms,
)
from scorecast.protocol.limits import WINDOW_MS_MAX
from tests.examples import NOW_MS, window

PACE = Pace(quiet_ms=100, wait_ms_max=250, posts_per_second=10_000)
NO_LOAD = Load()


def test_a_lone_update_is_published_after_the_quiet_time() -> None:
    assert due_at_ms(window(), PACE, NO_LOAD) == NOW_MS + 100


def test_a_further_update_moves_the_deadline() -> None:
    assert due_at_ms(window(updated_at_ms=NOW_MS + 60), PACE, NO_LOAD) == NOW_MS + 160


def test_the_deadline_never_moves_past_the_longest_wait() -> None:
    for updated_at_ms in (NOW_MS + 150, NOW_MS + 249):
        assert due_at_ms(window(updated_at_ms=updated_at_ms), PACE, NO_LOAD) == NOW_MS + 250


@pytest.mark.parametrize(
    ("viewers", "live", "floor"), [(0, 1, 0), (1, 1, 1), (2_000, 1, 250), (8_000, 1, 1_000),
                                   (400, 40, 2_000),
                                   (2_000, 4, 1_000), (2_000, 0, 250)],
)  # fmt: skip
def test_the_floor_keeps_the_posts_of_all_live_matches_within_the_budget(
    viewers: int, live: int, floor: int
) -> None:
    assert floor_ms(Load(viewers=viewers, live=live), PACE) == floor


@pytest.mark.parametrize(
    ("viewers", "live", "floor"), [(2_000, 4, 500), (2_000, 1, 250), (8_000, 4, 1_000)]
)
def test_the_lanes_of_a_large_room_spare_its_matches_wider_windows(
    viewers: int, live: int, floor: int
) -> None:
    assert floor_ms(Load(viewers=viewers, live=live, is_large=True), PACE) == floor


@pytest.mark.parametrize(("throttle_level", "floor"), [(1, 200), (2, 400), (5, 3_200), (9, 5_000)])
def test_pressure_doubles_a_window_up_to_a_limit(throttle_level: int, floor: int) -> None:
    assert floor_ms(Load(viewers=1, throttle_level=throttle_level), PACE) == floor
    assert WINDOW_MS_MAX == 5_000


@pytest.mark.parametrize(
    ("published_ago_ms", "due_ms"), [(None, 250), (101, 250), (100, 135), (60, 175), (15, 220)]
)
def test_in_a_steady_stream_viewers_wait_since_the_last_publication(
    published_ago_ms: int | None, due_ms: int
) -> None:
    """A stream is steady if the window opened within a quiet time of the last claim."""
    notified_at_ms = None if published_ago_ms is None else NOW_MS - published_ago_ms
    opened = window(updated_at_ms=NOW_MS + 240, previous_flush_at_ms=notified_at_ms)
    assert due_at_ms(opened, PACE, NO_LOAD) == NOW_MS + due_ms


def test_a_claim_by_a_clock_that_is_ahead_makes_no_longer_wait() -> None:
    opened = window(updated_at_ms=NOW_MS + 240, previous_flush_at_ms=NOW_MS + 500)
    assert due_at_ms(opened, PACE, NO_LOAD) == NOW_MS + 250


def test_a_large_room_waits_for_its_floor_and_longer_than_the_longest_wait() -> None:
    assert due_at_ms(window(), PACE, Load(viewers=8_000)) == NOW_MS + 1_000


def test_a_small_room_does_not_wait_for_a_floor() -> None:
    assert due_at_ms(window(), PACE, Load(viewers=10)) == NOW_MS + 100


LEADING = Pace(quiet_ms=100, wait_ms_max=250, posts_per_second=10_000, is_leading=True)


@pytest.mark.parametrize(
    ("flushed_ago_ms", "due_ms"), [(None, 0), (250, 0), (60_000, 0), (249, 100), (101, 100)]
)
def test_leading_publishes_the_first_update_after_a_pause(
    flushed_ago_ms: int | None, due_ms: int
) -> None:
    flushed_at_ms = None if flushed_ago_ms is None else NOW_MS - flushed_ago_ms
    opened = window(previous_flush_at_ms=flushed_at_ms)
    assert due_at_ms(opened, LEADING, NO_LOAD) == NOW_MS + due_ms


def test_leading_waits_while_a_large_rooms_last_message_takes_its_time() -> None:
    opened = window(previous_flush_at_ms=NOW_MS - 999)
    assert due_at_ms(opened, LEADING, Load(viewers=8_000)) == NOW_MS + 1_000
    opened = window(previous_flush_at_ms=NOW_MS - 1_000)
    assert due_at_ms(opened, LEADING, Load(viewers=8_000)) == NOW_MS


def test_a_fifth_of_the_budget_stays_in_hand() -> None:
    pace = Pace(quiet_ms=100, wait_ms_max=250, posts_per_second=8_000)
    assert floor_ms(Load(viewers=2_000), pace) == 313


def test_clients_are_notified_of_a_widened_window_and_of_no_other() -> None:
    assert widened_ms(Load(viewers=2_000), PACE) is None
    assert widened_ms(Load(viewers=8_000), PACE) == 1_000


def _remaining(now_ms: int, waited_ms: int = 0, viewers: int = 0) -> int:
    load = Load(viewers=viewers)
    return remaining_ms(window(), PACE, load, now_ms=now_ms, waited_ms=waited_ms)


def test_what_remains_is_the_time_until_the_window_is_due() -> None:
    assert _remaining(NOW_MS + 30) == 70
    assert _remaining(NOW_MS + 100) == 0
    assert _remaining(NOW_MS + 5_000) == 0


def test_an_openers_fast_clock_holds_a_window_no_longer_than_the_longest_wait() -> None:
    hour_behind_ms = NOW_MS - 3_600_000
    assert _remaining(hour_behind_ms) == 250
    assert _remaining(hour_behind_ms + 250, waited_ms=250) == 0


def test_a_skewed_clock_never_shortens_a_large_rooms_bound_below_its_floor() -> None:
    assert _remaining(NOW_MS - 3_600_000, viewers=8_000) == 1_000


@given(
    st.integers(NOW_MS - 10_000_000, NOW_MS + 10_000_000),
    st.integers(0, 3_000),
    st.integers(0, 20_000),
)
def test_a_flush_waits_at_most_the_longest_wait_or_the_floor(
    now_ms: int, waited_ms: int, viewers: int
) -> None:
    remaining = _remaining(now_ms, waited_ms, viewers)
    assert 0 <= remaining
    assert waited_ms + remaining <= max(waited_ms, 250, floor_ms(Load(viewers=viewers), PACE))
