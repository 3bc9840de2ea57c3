from scorecast.domain.delivery import Delivery, aftermath


def _outcomes(delivered: int, throttled: int, gone: int = 0) -> dict[str, Delivery]:
    kinds = [Delivery.DELIVERED] * delivered + [Delivery.THROTTLED] * throttled
    kinds += [Delivery.GONE] * gone
    return {f"c{n}": kind for n, kind in enumerate(kinds)}


def test_the_gone_are_looked_at_later() -> None:
    assert aftermath(_outcomes(2, 0, gone=1)).gone == ("c2",)


def test_a_few_throttled_posts_are_slow_clients() -> None:
    follows = aftermath(_outcomes(19, 1))
    assert (follows.slow, follows.at_limit) == (("c19",), False)


def test_up_to_a_twentieth_of_the_posts_are_slow_clients_and_more_are_the_quota() -> None:
    assert not aftermath(_outcomes(95, 5)).at_limit
    over = aftermath(_outcomes(94, 6))
    assert (over.slow, over.at_limit) == ((), True)


def test_a_lone_viewers_full_buffer_is_not_the_quota() -> None:
    follows = aftermath(_outcomes(0, 1))
    assert (follows.slow, follows.at_limit) == (("c0",), False)


def test_two_viewers_who_both_are_throttled_are_the_quota() -> None:
    follows = aftermath(_outcomes(0, 2))
    assert (follows.slow, follows.at_limit) == ((), True)


def test_nothing_follows_from_an_empty_room() -> None:
    follows = aftermath({})
    assert (follows.gone, follows.slow, follows.at_limit) == ((), (), False)
