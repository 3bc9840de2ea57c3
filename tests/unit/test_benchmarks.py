"""What benchmarks measure goes on working as the service changes."""

import json
import subprocess
import sys

import pytest

from infra.local.paths import ROOT
from tests.benchmarks.coalescing import ours
from tests.benchmarks.growth import emission
from tests.benchmarks.virtual_stack import opened
from tests.benchmarks.worker import environment


def test_a_score_in_the_benchmarks_stack_is_posted_once_to_each_viewer() -> None:
    with opened() as virtual_stack:
        assert [emission(virtual_stack, viewers)["posts"] for viewers in (10, 1_000)] == [10, 1_000]


def test_a_run_of_updates_in_the_benchmarks_stack_ends_with_the_last() -> None:
    course = ours([1, 2, 400], viewers=2, seed=1)
    assert course.last_is_last
    assert len(course.emissions_ms) == 2


@pytest.mark.parametrize("case", ["ping", "accept", "connect"])
def test_a_measured_handler_and_a_bare_one_make_the_same_calls(case: str) -> None:
    """That is: the handler makes any, so it does not measure its own failure."""
    worker = [sys.executable, "-m", "tests.benchmarks.worker", "0"]
    done = subprocess.run(
        [*worker, "tests.benchmarks.handlers:bare", case, "https://localhost:9/live"],
        cwd=ROOT,
        env=environment(),
        input="1\n",
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["calls"] >= 2
