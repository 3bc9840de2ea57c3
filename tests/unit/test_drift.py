from hypothesis import given
from hypothesis import strategies as st

from scorecast.domain.drift import InSync, Observation, Overcounted, Suspected, compare
from scorecast.protocol.limits import RECONCILE_SECONDS

MINUTE_MS = RECONCILE_SECONDS * 1_000
SEEN = Observation(at_ms=5 * MINUTE_MS, joins=10)
LATER_MS = SEEN.at_ms + MINUTE_MS


def test_a_right_counter_is_left_alone() -> None:
    assert compare(3, 3, joins=10, earlier=None, now_ms=0) == InSync()


def test_a_surplus_is_first_remembered() -> None:
    assert compare(4, 3, joins=10, earlier=None, now_ms=5) == Suspected(Observation(5, 10))


def test_a_surplus_is_repaired_when_it_is_seen_again_a_minute_later() -> None:
    assert compare(4, 3, joins=10, earlier=SEEN, now_ms=LATER_MS - 1) == InSync()
    assert compare(4, 3, joins=10, earlier=SEEN, now_ms=LATER_MS) == Overcounted(1)


def test_a_surplus_that_is_gone_is_forgotten() -> None:
    assert compare(3, 3, joins=10, earlier=SEEN, now_ms=SEEN.at_ms + 5) == Suspected(None)


def test_a_deficit_is_never_repaired() -> None:
    assert compare(2, 3, joins=10, earlier=None, now_ms=0) == InSync()
    assert compare(2, 3, joins=10, earlier=SEEN, now_ms=LATER_MS) == Suspected(None)


def test_whoever_came_since_may_have_no_row_yet() -> None:
    assert compare(6, 3, joins=12, earlier=SEEN, now_ms=LATER_MS) == Overcounted(1)
    later = Observation(LATER_MS, 13)
    assert compare(6, 3, joins=13, earlier=SEEN, now_ms=LATER_MS) == Suspected(later)


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 20), st.integers(0, 20))
def test_a_repair_never_makes_a_counter_too_low(
    present: int, surplus: int, joined_since: int, without_row: int
) -> None:
    """Of those who joined since the earlier look, some may not have written their row yet."""
    without_row = min(without_row, joined_since)
    counter = present + surplus + joined_since
    counted = present + joined_since - without_row
    joins = SEEN.joins + joined_since
    finding = compare(counter, counted, joins=joins, earlier=SEEN, now_ms=LATER_MS)
    if isinstance(finding, Overcounted):
        assert counter - finding.surplus >= present + joined_since
