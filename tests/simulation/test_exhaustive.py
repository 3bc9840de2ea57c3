"""All interleavings, without a fault, of what is too long with one; and the explorer is checked.

Without a fault and with one anywhere: `test_exhaustive_faults`.
"""

import subprocess
import sys
from functools import partial
from itertools import combinations_with_replacement
from pathlib import Path

import pytest

from tests.simulation import seams
from tests.simulation.exhaustive.effects import Effect
from tests.simulation.exhaustive.exploration import Exploration, explore
from tests.simulation.exhaustive.faults import Placement
from tests.simulation.exhaustive.interleaver import interleaved
from tests.simulation.exhaustive.planted import PLANTED
from tests.simulation.exhaustive.scenarios import (
    PAIRS,
    PROBES,
    REPOSTS,
    SCENARIOS,
    Scenario,
    probe,
    subscribe,
)
from tests.simulation.mutations import MUTATIONS
from tests.simulation.test_exhaustive_faults import QUICK

ACTS = (
    "connect",
    "disconnect",
    "subscribe",
    "unsubscribe",
    "score",
    "complete",
    "reopen",
    "flush",
    "sweep",
    "welcome",
)
QUICKLY_FOUND = ("no_tombstone", "one_viewer_too_many", "decision_overlooks_scores")


def test_every_pair_is_there() -> None:
    expected = [f"{one} + {other}" for one, other in combinations_with_replacement(ACTS, 2)]
    assert [scenario.name for scenario in PAIRS] == expected
    reposts = [f"{one} + repost" for one in (*ACTS, "repost")]
    assert [scenario.name for scenario in REPOSTS] == reposts
    probes = [f"{one} + probe" for one in (*ACTS, "repost", "probe")]
    assert [scenario.name for scenario in PROBES] == probes


@pytest.mark.parametrize("name", sorted(SCENARIOS.keys() - {scenario.name for scenario in QUICK}))
def test_no_interleaving_breaks_an_invariant(name: str) -> None:
    tally = explore(SCENARIOS[name], faults=False, counts_orders=False)
    assert tally.runs > 0
    assert not tally.findings, tally.findings[0]


FIRST_PROBES = Scenario(
    "first probe + first probe",
    (partial(probe, number=1), partial(probe, number=1)),
    before=(partial(subscribe, "c-third"),),
)
"""Pings that are not taken have no order."""


def _always(_one: Effect, _other: Effect) -> bool:
    return True


@pytest.mark.parametrize(
    "scenario",
    [
        *(SCENARIOS[name] for name in ("connect + disconnect", "disconnect + disconnect")),
        SCENARIOS["disconnect + unsubscribe"],
        FIRST_PROBES,
    ],
    ids=lambda scenario: scenario.name,
)
def test_a_schedule_of_each_class_ends_as_all_schedules_do(scenario: Scenario) -> None:
    """Without the reduction every schedule is run: as many as were counted, to the same ends."""
    with seams.installed(), interleaved():
        reduced, whole = Exploration(scenario), Exploration(scenario)
        reduced.without_faults()
        whole.without_faults(conflict=_always)
    assert whole.tally.runs == reduced.tally.schedules > reduced.tally.runs
    assert whole.endings == reduced.endings


def test_a_fault_strikes_where_it_is_placed() -> None:
    with seams.installed(), interleaved():
        exploration = Exploration(SCENARIOS["connect + disconnect"])
        exploration.without_faults()
        kinds = {placement.kind for placement in exploration.placements()}
        assert kinds >= {"conflict", "crash", "lost_reply", "throttle"}
        exploration.with_fault(Placement(0, 1, "crash"))
        exploration.with_fault(Placement(0, 99, "crash"))
    assert exploration.tally.placements == 2
    assert exploration.tally.faulty_runs > 0


def test_the_planted_bugs_are_known() -> None:
    assert PLANTED.keys() <= {mutation.name for mutation in MUTATIONS}
    assert set(PLANTED.values()) <= SCENARIOS.keys()


@pytest.mark.parametrize("mutation", QUICKLY_FOUND)
def test_a_planted_bug_is_found(mutation: str) -> None:
    command = [sys.executable, "-m", "tests.simulation.exhaustive", "--no-faults"]
    command += ["--mutation", mutation, "--scenario", PLANTED[mutation]]
    root = Path(__file__).parents[2]
    found = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert found.returncode == 1, found.stderr
    assert "1 violations" in found.stdout
