from hypothesis import given
from hypothesis import strategies as st

from scorecast.domain.connections.rate_limit import Acquired, OverLimit, Rate, acquire

RATE = Rate(per_second=10, burst=20)
T_US = 1_795_360_000_000_000

rates = st.builds(Rate, per_second=st.integers(1, 1_000), burst=st.integers(1, 100))
pauses_us = st.lists(st.integers(0, 2_000_000), min_size=1, max_size=200)


def _passing(rate: Rate, times_us: list[int]) -> list[int]:
    """The times at which frames passed, of one bucket that was never used."""
    arrival_us: int | None = None
    passed = []
    for now_us in times_us:
        outcome = acquire(arrival_us, now_us=now_us, rate=rate)
        if isinstance(outcome, Acquired):
            arrival_us = outcome.arrival_us
            passed.append(now_us)
    return passed


def test_a_burst_passes_and_the_next_message_does_not() -> None:
    assert len(_passing(RATE, [T_US] * 21)) == 20


def test_a_bucket_of_one_passes_one_message_per_interval() -> None:
    rate = Rate(per_second=4, burst=1)
    assert _passing(rate, [0, 249_999, 250_000, 499_999, 500_000]) == [0, 250_000, 500_000]


@given(rates, pauses_us)
def test_never_more_than_the_burst_and_the_rate_pass(rate: Rate, pauses: list[int]) -> None:
    times = [T_US + sum(pauses[:i]) for i in range(len(pauses))]
    passed = _passing(rate, times)
    for first in range(len(passed)):
        for last in range(first, len(passed)):
            elapsed_us = passed[last] - passed[first]
            assert last - first + 1 <= rate.burst + elapsed_us / rate.interval_us


@given(rates, st.integers(0, 10_000))
def test_a_refused_message_passes_when_its_time_has_come_and_not_before(
    rate: Rate, spent_ms: int
) -> None:
    arrival_us = T_US + rate.tolerance_us + 1 + spent_ms * 1_000
    refused = acquire(arrival_us, now_us=T_US, rate=rate)
    assert isinstance(refused, OverLimit)
    then_us = T_US + refused.retry_after_ms * 1_000
    assert isinstance(acquire(arrival_us, now_us=then_us, rate=rate), Acquired)
    assert isinstance(acquire(arrival_us, now_us=then_us - 1_000, rate=rate), OverLimit)


def test_a_refused_message_gets_a_positive_time() -> None:
    refused = acquire(T_US + RATE.tolerance_us + 1, now_us=T_US, rate=RATE)
    assert refused == OverLimit(retry_after_ms=1)


def test_refusals_cost_nothing() -> None:
    full = _passing(RATE, [T_US] * 20)
    hammered = _passing(RATE, [*full, *[T_US + 1] * 1_000, T_US + RATE.interval_us])
    assert hammered[20:] == [T_US + RATE.interval_us]


def test_a_long_silence_saves_up_no_more_than_one_burst() -> None:
    assert len(_passing(RATE, [0, *[T_US] * 30])) == 1 + 20
