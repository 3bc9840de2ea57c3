import pytest

from scorecast.domain.rooms import is_noticeable


@pytest.mark.parametrize(
    ("viewers", "published", "noticeable"),
    [
        (5, 5, False),
        (5, 4, True),
        (100, 99, True),
        (101, 100, True),
        (1_000, 991, False),
        (1_000, 990, True),
        (1_009, 1_000, False),
        (1_010, 1_000, True),
        (991, 1_000, False),
        (990, 1_000, True),
        (0, 1, True),
        (1, 0, True),
        (2_000, 0, True),
    ],
)
def test_a_large_room_is_sent_its_count_if_a_percent_of_it_changed(
    viewers: int, published: int, noticeable: bool
) -> None:
    assert is_noticeable(viewers, published=published) is noticeable
