from collections.abc import Sequence

from hypothesis import given
from hypothesis import strategies as st

from scorecast.domain.drift import (
    Finding,
    InSync,
    Observation,
    Overcounted,
    Suspected,
    Undercounted,
    compare,
)
from scorecast.protocol.limits import RECONCILE_LOOKS, RECONCILE_SECONDS

MINUTE_MS = RECONCILE_SECONDS * 1_000


def _looks(*surpluses: int, joins: int = 10) -> tuple[Observation, ...]:
    return tuple(
        Observation(at_ms=number * MINUTE_MS, joins=joins, surplus=surplus)
        for number, surplus in enumerate(surpluses)
    )


def _compare(
    counter: int, counted: int, looks: Sequence[Observation], *, joins: int = 10
) -> Finding:
    return compare(counter, counted, joins=joins, looks=looks, now_ms=len(looks) * MINUTE_MS)


def test_a_right_counter_is_left_alone() -> None:
    assert _compare(3, 3, ()) == InSync()


def test_a_surplus_is_first_remembered() -> None:
    assert _compare(4, 3, ()) == Suspected(_looks(1))
    assert _compare(4, 3, _looks(1)) == Suspected(_looks(1, 1))


def test_a_surplus_is_repaired_at_the_third_look() -> None:
    assert _compare(4, 3, _looks(1, 1)) == Overcounted(1)


def test_looks_closer_than_a_minute_count_once() -> None:
    looks = _looks(1)
    assert compare(4, 3, joins=10, looks=looks, now_ms=MINUTE_MS - 1) == InSync()


def test_a_repair_takes_the_least_that_was_seen() -> None:
    """Two of three looks met somebody who was leaving; only one place is really lost."""
    assert _compare(6, 3, _looks(1, 2)) == Overcounted(1)


def test_a_surplus_that_is_gone_is_forgotten() -> None:
    assert _compare(3, 3, _looks(1)) == Suspected(())


def test_more_items_than_the_counter_says_is_a_deficit() -> None:
    assert _compare(2, 3, ()) == Undercounted(1)
    assert _compare(2, 4, _looks(1, 1)) == Undercounted(2)


def test_members_counted_in_since_the_first_look_may_have_no_item_yet() -> None:
    assert _compare(6, 3, _looks(3, 3), joins=12) == Overcounted(1)
    assert _compare(6, 3, _looks(3, 3), joins=13) == Suspected((Observation(2 * MINUTE_MS, 13, 3),))


@given(st.integers(0, 50), st.integers(0, 50), st.integers(0, 20), st.integers(0, 20))
def test_a_repair_never_makes_a_counter_too_low(
    present: int, surplus: int, joined_since: int, without_item: int
) -> None:
    """Of those who joined since the first look, some may not have written their item yet."""
    without_item = min(without_item, joined_since)
    counter = present + surplus + joined_since
    counted = present + joined_since - without_item
    finding = _compare(counter, counted, _looks(surplus, surplus), joins=10 + joined_since)
    if isinstance(finding, Overcounted):
        assert counter - finding.surplus >= present + joined_since


@given(
    st.integers(1, 5),
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 5)), max_size=RECONCILE_LOOKS - 1),
    st.integers(0, 5),
    st.integers(0, MINUTE_MS),
)
def test_a_counter_at_rest_is_right_after_twice_as_many_looks(
    surplus: int, earlier: list[tuple[int, int]], joined_since: int, since_ms: int
) -> None:
    """Whatever was seen before, however many have joined since, and however soon the first is."""
    joins, now_ms = 0, 0
    looks: tuple[Observation, ...] = ()
    for joined, too_many in earlier:
        joins, now_ms = joins + joined, now_ms + MINUTE_MS
        looks += (Observation(now_ms, joins, too_many),)
    joins, now_ms = joins + joined_since, now_ms + since_ms
    for _ in range(2 * RECONCILE_LOOKS):
        match compare(3 + surplus, 3, joins=joins, looks=looks, now_ms=now_ms):
            case Suspected(seen):
                looks = seen
            case Overcounted(repaired):
                surplus, looks = surplus - repaired, ()
        now_ms += MINUTE_MS
    assert surplus == 0
