"""One seed of a profile: run, check, and tell what happened."""

from random import Random

from tests.simulation import seams
from tests.simulation.invariants import check_at_rest, check_healed
from tests.simulation.profiles import Profile, start_of
from tests.simulation.reports import Outcome
from tests.simulation.scheduler import Violation
from tests.simulation.world import World


def run_seed(profile: Profile, seed: int, *, is_traced: bool = False) -> Outcome:
    """The same seed is the same run. Wants `seams.installed()` around it."""
    start = start_of(profile)
    rng = Random(seed)
    world = World(rng, profile.plan(rng), start, settings=profile.settings, is_traced=is_traced)
    seams.enter(world)
    violation = None
    try:
        profile.script(world)
        world.run()
        check_at_rest(world)
        if profile.is_healed:
            check_healed(world)
    except Violation as found:
        violation = str(found)
    return Outcome(
        seed=seed,
        violation=violation,
        trace=world.trace,
        steps=world.scheduler.steps,
        calls=world.calls.made,
        invocations=world.invocations,
        faults=world.faults.struck,
    )
