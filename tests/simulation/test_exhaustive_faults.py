"""Every pair, all interleavings, with one fault anywhere.

The triples and the pairs with probes: `python -m tests.simulation.exhaustive`.
"""

from typing import Final

import pytest

from tests.simulation.exhaustive.exploration import explore
from tests.simulation.exhaustive.scenarios import PAIRS, REPOSTS, Scenario

QUICK: Final = (*PAIRS, *REPOSTS)


@pytest.mark.parametrize("scenario", QUICK, ids=lambda pair: pair.name)
def test_no_fault_anywhere_breaks_an_invariant(scenario: Scenario) -> None:
    tally = explore(scenario, faults=True, counts_orders=False)
    assert tally.faulty_runs >= tally.placements // 2
    assert not tally.findings, tally.findings[0]
