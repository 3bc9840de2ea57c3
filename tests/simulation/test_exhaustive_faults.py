"""Every pair, all interleavings, with one fault at every third place.

At every place, also in triples and in pairs with probes: `python -m tests.simulation.exhaustive`.
"""

from typing import Final

import pytest

from tests.simulation.exhaustive.exploration import explore
from tests.simulation.exhaustive.scenarios import PAIRS, REPOSTS, Scenario

QUICK: Final = (*PAIRS, *REPOSTS)
ONE_IN: Final = 3


@pytest.mark.parametrize(
    ("number", "scenario"), [*enumerate(QUICK)], ids=[scenario.name for scenario in QUICK]
)
def test_no_fault_breaks_an_invariant(number: int, scenario: Scenario) -> None:
    # The next pair begins at another place, so that every kind of fault has its turn.
    places = slice(number % ONE_IN, None, ONE_IN)
    tally = explore(scenario, faults=True, placements=places, counts_orders=False)
    assert tally.faulty_runs >= tally.placements // 2
    assert not tally.findings, tally.findings[0]
