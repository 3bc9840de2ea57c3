"""One kind of fault in all interleavings of a scenario; and single runs from its start."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace

from tests.simulation import seams
from tests.simulation.exhaustive.exploration import Exploration, Tally
from tests.simulation.exhaustive.faults import Placement
from tests.simulation.exhaustive.interleaver import interleaved
from tests.simulation.exhaustive.scenarios import SCENARIOS, Scenario, new_simulation, opening_of
from tests.simulation.invariants import check_at_rest, check_healed
from tests.simulation.simulation import Simulation

type Choice = Callable[[Placement, str], bool]
"""Whether a fault is wanted, by its placement and by what the turn that it strikes does."""


def strike(scenario: Scenario | str, wanted: Choice | None = None) -> Tally:
    """All interleavings; with each of the wanted faults, or without any. Raises AssertionError."""
    if isinstance(scenario, str):
        scenario = SCENARIOS[scenario]
    with seams.installed(), interleaved():
        exploration = Exploration(scenario, counts_orders=False)
        exploration.without_faults()
        for placement in _chosen(exploration, wanted) if wanted is not None else ():
            exploration.with_fault(placement)
    tally = exploration.tally
    assert not tally.findings, tally.findings[0]
    assert wanted is None or tally.faulty_runs > 0, "no fault has struck"
    return tally


def _chosen(exploration: Exploration, wanted: Choice) -> Iterable[Placement]:
    for placement in exploration.placements():
        sorts = {
            sort
            for thread, turn, sort in exploration.kinds
            if (thread, turn) == (placement.thread, placement.turn)
        }
        if any(wanted(placement, sort) for sort in sorts):
            yield placement


@contextmanager
def simulate(scenario: Scenario | str, **changes: object) -> Iterator[Simulation]:
    """A simulation begun as a scenario is; at its end all is quiet and the invariants hold."""
    if isinstance(scenario, str):
        scenario = SCENARIOS[scenario]
    scenario = replace(scenario, **changes)  # type: ignore[arg-type]
    with seams.installed(), interleaved():
        simulation = new_simulation(scenario, opening_of(scenario))
        yield simulation
        simulation.run()
        check_at_rest(simulation)
        check_healed(simulation)
