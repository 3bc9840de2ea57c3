from scorecast.domain.delivery import Delivery, summarize


def _outcomes(delivered: int, throttled: int, gone: int = 0) -> dict[str, Delivery]:
    kinds = [Delivery.DELIVERED] * delivered + [Delivery.THROTTLED] * throttled
    kinds += [Delivery.GONE] * gone
    return {f"c{n}": kind for n, kind in enumerate(kinds)}


def test_the_gone_are_looked_at_later() -> None:
    assert summarize(_outcomes(2, 0, gone=1)).gone == ("c2",)


def test_a_few_throttled_posts_are_slow_clients() -> None:
    summary = summarize(_outcomes(19, 1))
    assert (summary.slow, summary.at_limit) == (("c19",), False)


def test_up_to_a_twentieth_of_the_posts_are_slow_clients_and_more_are_the_quota() -> None:
    assert not summarize(_outcomes(95, 5)).at_limit
    over = summarize(_outcomes(94, 6))
    assert (over.slow, over.at_limit) == ((), True)


def test_a_lone_viewers_full_buffer_is_not_the_quota() -> None:
    summary = summarize(_outcomes(0, 1))
    assert (summary.slow, summary.at_limit) == (("c0",), False)


def test_two_viewers_who_both_are_throttled_are_the_quota() -> None:
    summary = summarize(_outcomes(0, 2))
    assert (summary.slow, summary.at_limit) == ((), True)


def test_nothing_follows_from_an_empty_room() -> None:
    summary = summarize({})
    assert (summary.gone, summary.slow, summary.at_limit) == ((), (), False)
