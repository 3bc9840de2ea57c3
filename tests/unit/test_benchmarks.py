"""What benchmarks measure goes on working as the service changes."""

from tests.benchmarks.coalescing import ours
from tests.benchmarks.growth import emission
from tests.benchmarks.venue import opened


def test_a_score_at_the_benchmarks_venue_is_posted_once_to_each_viewer() -> None:
    with opened() as venue:
        assert [emission(venue, viewers)["posts"] for viewers in (10, 1_000)] == [10, 1_000]


def test_a_run_of_updates_at_the_benchmarks_venue_ends_with_the_last() -> None:
    course = ours([1, 2, 400], viewers=2, seed=1)
    assert course.last_is_last
    assert len(course.emissions_ms) == 2
