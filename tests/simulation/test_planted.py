"""A few of the planted bugs; all of them: `python -m tests.simulation.mutations`."""

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize(
    "mutation",
    [
        "one_viewer_too_many",
        "claim_is_not_published_again",
        "nothing_is_posted_again",
        "lanes_follow_arrival",
        "late_sweeps_are_swept",
        "records_wait_for_the_slowest_group",
        "history_gives_a_failed_batch_up",
    ],
)
def test_a_planted_bug_is_found(mutation: str) -> None:
    found = subprocess.run(
        [sys.executable, "-m", "tests.simulation.mutations", mutation],
        cwd=Path(__file__).parents[2],
        check=False,
    )
    assert found.returncode == 0
