"""Every pair, all interleavings, with one fault anywhere.

The triples: `python -m tests.simulation.exhaustive`.
"""

import pytest

from tests.simulation.exhaustive.exploration import explore
from tests.simulation.exhaustive.scenarios import PAIRS, Scenario


@pytest.mark.parametrize("scenario", PAIRS, ids=lambda pair: pair.name)
def test_no_fault_anywhere_breaks_an_invariant(scenario: Scenario) -> None:
    tally = explore(scenario, faults=True, counts_orders=False)
    assert tally.faulty_runs >= tally.placements // 2
    assert not tally.findings, tally.findings[0]
