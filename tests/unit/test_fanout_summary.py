import pytest

from scorecast.domain.delivery import Delivery, FanoutSummary, summarize
from scorecast.protocol.limits import SLOW_SUSPECTS_MIN

DELIVERED, THROTTLED = Delivery.DELIVERED, Delivery.THROTTLED


def _summary(*, delivered: int = 0, passed: int = 0, stayed: int = 0) -> FanoutSummary:
    """`passed` and `stayed` are throttled first, and taken or throttled the second time."""
    first = {f"d{n}": DELIVERED for n in range(delivered)}
    second = {f"p{n}": DELIVERED for n in range(passed)} | {
        f"s{n}": THROTTLED for n in range(stayed)
    }
    return summarize(first | dict.fromkeys(second, THROTTLED), second)


def test_nothing_follows_from_an_empty_room() -> None:
    assert summarize({}, {}) == FanoutSummary((), (), (), 0)


def test_the_gone_are_verified_later() -> None:
    assert summarize({"c1": DELIVERED, "c2": Delivery.GONE}, {}).gone == ("c2",)


def test_a_client_found_gone_by_the_second_post_is_verified_too() -> None:
    assert summarize({"c1": THROTTLED}, {"c1": Delivery.GONE}).gone == ("c1",)


def test_a_post_that_passes_the_second_time_was_held_up_by_the_quota() -> None:
    summary = _summary(delivered=20, passed=3)
    assert (summary.quota_posts, summary.slow, summary.undelivered) == (3, (), ())


def test_a_client_that_stays_throttled_is_suspected_and_posted_to_again() -> None:
    summary = _summary(delivered=28, stayed=2)
    assert (summary.quota_posts, summary.slow) == (0, ("s0", "s1"))
    assert summary.undelivered == ("s0", "s1")


def test_many_that_stay_throttled_are_the_account_and_no_client_is_suspected() -> None:
    assert len(_summary(stayed=SLOW_SUSPECTS_MIN).slow) == SLOW_SUSPECTS_MIN
    over = _summary(stayed=SLOW_SUSPECTS_MIN + 1)
    assert (over.slow, over.quota_posts) == ((), SLOW_SUSPECTS_MIN + 1)
    assert len(over.undelivered) == SLOW_SUSPECTS_MIN + 1


def test_in_a_large_room_a_twentieth_may_be_suspected() -> None:
    assert len(_summary(delivered=950, stayed=50).slow) == 50
    assert _summary(delivered=949, stayed=51).slow == ()


@pytest.mark.parametrize("outcome", [Delivery.SKIPPED, Delivery.FAILED])
def test_what_was_skipped_or_failed_is_posted_again(outcome: Delivery) -> None:
    assert summarize({"c1": outcome}, {}).undelivered == ("c1",)


@pytest.mark.parametrize("outcome", [Delivery.DELIVERED, Delivery.GONE, Delivery.TOO_LARGE])
def test_what_a_further_post_would_not_change_is_not_posted_again(outcome: Delivery) -> None:
    assert summarize({"c1": outcome}, {}).undelivered == ()
