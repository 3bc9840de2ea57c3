"""One seed of a profile: run, check, and report what happened."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from random import Random
from typing import Final

from tests.simulation import seams
from tests.simulation.invariants import check_at_rest
from tests.simulation.profiles import Profile, start_of
from tests.simulation.reports import Outcome
from tests.simulation.scheduler import Violation
from tests.simulation.simulation import Simulation

SEEDS: Final = {
    "admission": 23_000,
    "replacement": 6_000,
    "rooms": 20_500,
    "scores": 14_500,
    "shards": 2_800,
    "completion": 10_000,
    "disputes": 10_000,
    "second_thoughts": 3_500,
    "registrations": 2_000,
    "http": 2_500,
    "reconcile": 1_200,
    "tokens": 600,
    "sweep": 400,
    "ties": 5_500,
    "outages": 300,
    "everything": 800,
}
"""How many schedules of each profile are explored by the tests: more of those that are small."""


def run_seed(profile: Profile, seed: int, *, is_traced: bool = False) -> Outcome:
    """The same seed is the same run. Wants `seams.installed()` around it."""
    start = start_of(profile)
    rng = Random(seed)
    simulation = Simulation(
        rng, profile.plan(rng), start, settings=profile.settings, is_traced=is_traced
    )
    seams.enter(simulation)
    violation = None
    try:
        profile.script(simulation)
        simulation.run()
        check_at_rest(simulation)
        if profile.at_the_end is not None:
            profile.at_the_end(simulation)
    except Violation as found:
        violation = str(found)
    outcome = Outcome(
        seed=seed,
        violation=violation,
        trace=simulation.trace,
        steps=simulation.scheduler.steps,
        calls=simulation.calls.made,
        invocations=simulation.invocations,
        faults=simulation.faults.struck,
        seen=simulation.scheduler.seen,
    )
    take_apart(simulation)
    return outcome


@contextmanager
def no_garbage_collected() -> Iterator[None]:
    """Runs end with cycles, which are cheaper collected once than looked for all the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.collect()


def take_apart(simulation: Simulation) -> None:
    """A simulation refers to itself all over. In parts it is gone at once, and is no garbage."""
    parts = (
        simulation.gateway,
        simulation.http,
        simulation.queues,
        simulation.calls,
        simulation.dynamodb,
        simulation.scheduler,
    )
    for part in (*parts, simulation):
        vars(part).clear()
