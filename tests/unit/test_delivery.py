import pytest

from scorecast.domain.delivery import Delivery, metrics_of, of_status


@pytest.mark.parametrize(
    ("status", "delivery"),
    [
        (200, Delivery.DELIVERED),
        (204, Delivery.DELIVERED),
        (400, Delivery.GONE),
        (403, Delivery.REFUSED),
        (410, Delivery.GONE),
        (413, Delivery.TOO_LARGE),
        (429, Delivery.THROTTLED),
        (500, Delivery.FAILED),
        (503, Delivery.FAILED),
        (0, Delivery.FAILED),
        (418, Delivery.FAILED),
    ],
)
def test_a_status_says_what_became_of_a_post(status: int, delivery: Delivery) -> None:
    assert of_status(status) is delivery


def test_posts_are_counted_by_what_became_of_them() -> None:
    outcomes = {"a": Delivery.DELIVERED, "b": Delivery.TOO_LARGE, "c": Delivery.DELIVERED}
    assert metrics_of(outcomes) == {"PostsDelivered": 2, "PostsTooLarge": 1}
