"""The capacity model beside the simulator: the same audience, by formulas and by the real handlers.

It comes within ten seconds, is pinged, and sees scores. `python -m tests.simulation.stress.audience
10000` compares a larger one than the tests do.
"""

import sys
from collections.abc import Mapping, Sequence
from functools import partial
from random import Random
from typing import Final

from infra.capacity.audience import Audience
from infra.capacity.bounds import DEFAULTS
from infra.capacity.plan import Plan
from infra.capacity.rooms import QUEUE_MS
from infra.capacity.saturation import UNBOUNDED
from tests.simulation.environment import make_importable

make_importable()

from tests.simulation.http_api import token  # noqa: E402
from tests.simulation.stress.bill import Bill, keep  # noqa: E402
from tests.simulation.stress.setting import Posted, Setting, setting, watching  # noqa: E402

MATCHES: Final = 5
SCORES_PER_MINUTE: Final = 4
COME_SECONDS: Final = 10
SETTLED_SECONDS: Final = 2
"""After that the rooms are as large as they get."""
OFF_BY_MAX: Final = 0.15
STEPS_MAX: Final = 20_000_000
STEP_US: Final = 60_000
"""Of all viewers together: theirs run side by side, while the simulator takes step by step."""

MANY: Final = 5_000
LONG: Final = (120, (15, 75))
"""Seconds, and when the schedule's minutes begin."""
SHORT: Final = (50, (5,))
"""Until each has been pinged once."""

type Figures = Mapping[str, tuple[float, float]]
"""By name: as the model has it, and as the simulator has."""


def compare(viewers: int) -> Figures:
    seconds, minutes = SHORT if viewers >= MANY else LONG
    bill, posted = _simulate(viewers, seconds=seconds, minutes=minutes)
    ages_s = [each.age_s for each in posted if each.at_s > COME_SECONDS + SETTLED_SECONDS]
    plan = _model(viewers, seconds=seconds)
    modelled = {
        "write units": plan.total(lambda demand: sum(demand.written.values())),
        "read units": plan.total(lambda demand: sum(demand.read_from.values())),
        "posts": plan.total(lambda demand: demand.posts),
        "records": plan.total(lambda demand: sum(demand.queued.values())),
        "invocations": plan.total(lambda demand: sum(demand.invocations.values())),
        **_ages_of_model(plan),
    }
    simulated = {
        "write units": bill.written.total(),
        "read units": bill.read_units,
        "posts": bill.posts,
        "records": bill.queued,
        "invocations": bill.invocations.total(),
        "age at the first viewer": min(ages_s),
        "age at the last viewer": max(ages_s),
    }
    return {name: (modelled[name], simulated[name]) for name in modelled}


def _model(viewers: int, *, seconds: float) -> Plan:
    audience = Audience(
        curve=((0, 0), (COME_SECONDS / 60, viewers), (seconds / 60, viewers)),
        matches=MATCHES,
        largest_share=0,
        scores_per_minute=SCORES_PER_MINUTE,
        stay_minutes=UNBOUNDED,
    )
    return Plan(audience, DEFAULTS.changed(ConnectsPerSecondBudget=UNBOUNDED, connects=UNBOUNDED))


def _ages_of_model(plan: Plan) -> Mapping[str, float]:
    """The simulator's queues take no time, and only large rooms are posted to at a pace."""
    largest = plan.demands[-1].largest
    hops_ms = QUEUE_MS * (2 if largest.is_large else 1)
    ages = {"age at the first viewer": (largest.first_ms - hops_ms) / 1_000}
    if largest.is_large:
        ages["age at the last viewer"] = (largest.last_ms - hops_ms) / 1_000
    return ages


def _simulate(
    viewers: int, *, seconds: float, minutes: Sequence[float]
) -> tuple[Bill, list[Posted]]:
    """What it asks of AWS, and the scores that viewers got."""
    ids = [f"m{number}" for number in range(MATCHES)]
    with setting(matches=ids) as scenario:
        simulation = scenario.simulation
        simulation.scheduler.steps_max = STEPS_MAX
        simulation.scheduler.step_us_max = max(1, STEP_US // viewers)
        simulation.gateway.network.is_timed = True
        simulation.plan.keeps_history = True
        bill = keep(simulation)
        _come(scenario, ids, viewers)
        _play(scenario, ids, seconds)
        for begins_s in minutes:
            scenario.at(begins_s, simulation.schedule)
        scenario.run()
        return bill, scenario.events()


def _come(scenario: Setting, matches: Sequence[str], viewers: int) -> None:
    rng = Random(1)
    for number in range(viewers):
        viewer = watching(f"v{number}", matches[number % len(matches)])
        viewer.shows, viewer.address = {"token": token(viewer.identity)}, _address(number)
        connect = partial(scenario.simulation.gateway.connect, viewer)
        scenario.at(rng.random() * COME_SECONDS, connect)


def _address(number: int) -> str:
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def _play(scenario: Setting, matches: Sequence[str], seconds: float) -> None:
    rng = Random(2)
    each_s = 60 / SCORES_PER_MINUTE
    for match_id in matches:
        for number in range(round(seconds / each_s)):
            scenario.score((number + rng.random()) * each_s, number + 1, match_id=match_id)


def off_by(figures: Figures) -> Mapping[str, float]:
    return {name: modelled / simulated - 1 for name, (modelled, simulated) in figures.items()}


def main() -> int:
    figures = compare(int(sys.argv[1]))
    differences = off_by(figures)
    for name, (modelled, simulated) in figures.items():
        print(f"{name:24} {modelled:12,.2f} {simulated:12,.2f} {differences[name]:+7.1%}")
    return int(any(abs(each) > OFF_BY_MAX for each in differences.values()))


if __name__ == "__main__":
    sys.exit(main())
