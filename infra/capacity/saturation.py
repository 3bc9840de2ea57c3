"""Which bound an audience reaches first, and the bounds that it needs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import ceil, floor, log10
from typing import Final

from infra.capacity.audience import Audience
from infra.capacity.bounds import QUOTAS, Bounds
from infra.capacity.demand import Demand, hottest_reads, hottest_writes
from infra.capacity.plan import Plan, by_table
from infra.cost import MILLISECONDS
from scorecast.protocol.limits import BATCH_RECORDS_MAX, PINGS_SHARE, PLANNED_SHARE

HEADROOM: Final = 1.25
"""What is asked for, as a multiple of the peak."""

BACK_SECONDS: Final = 60
"""After a cut everyone should be connected again within this, where it can be asked for."""

AGE_SECONDS: Final = 3.0
"""So old a score may be when the last viewer of the largest room gets it, where it can be asked
for."""

UNBOUNDED: Final = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Saturation:
    """How much of a bound is used at the peak; above 1 it is too little."""

    name: str
    text: str
    peak: float
    bound: float
    place: str = ""

    @property
    def share(self) -> float:
        return self.peak / self.bound


def saturations(plan: Plan) -> list[Saturation]:
    """The one that is used most first."""
    found = [*_of_account(plan), *_of_tables(plan), *_of_stack(plan)]
    return sorted(found, key=lambda saturation: -saturation.share)


def _of_account(plan: Plan) -> Iterator[Saturation]:
    peaks = {
        "requests": plan.peak(lambda demand: demand.requests),
        "connects": connects_needed(plan),
        "executions": plan.peak(lambda demand: sum(demand.executions.values())),
        "fifo_group": plan.peak(lambda demand: demand.busiest_group),
    }
    for name, peak in peaks.items():
        yield Saturation(name=name, text=QUOTAS[name].text, peak=peak, bound=plan.bounds[name])


def _of_tables(plan: Plan) -> Iterator[Saturation]:
    def busiest(name: str, of: Callable[[Demand], Mapping[str, float]]) -> Saturation:
        peaks = plan.peaks(of)
        place = max(peaks, key=lambda each: peaks[each])
        bound, text = plan.bounds[name], QUOTAS[name].text
        return Saturation(name=name, text=text, peak=peaks[place], bound=bound, place=place)

    yield busiest("table_writes", lambda demand: by_table(demand.written))
    yield busiest("table_reads", lambda demand: by_table(demand.read_from))
    yield busiest("key_writes", lambda demand: hottest_writes(demand, plan.audience))
    yield busiest("key_reads", lambda demand: hottest_reads(demand, plan.audience))


def _of_stack(plan: Plan) -> Iterator[Saturation]:
    """What the stack's own parameters bound."""
    budget = plan.bounds["PostsPerSecondBudget"]
    welcomes = BATCH_RECORDS_MAX * 1_000 / MILLISECONDS["welcome"]
    largest = plan.audience.rooms(plan.audience.most_viewers)[0][1]
    peaks_and_bounds = {
        ("PostsPerSecondBudget", "posts to rooms a second, of the planned share"): (
            plan.peak(lambda demand: demand.room_posts),
            budget * PLANNED_SHARE,
        ),
        ("PostsPerSecondBudget", "pings a second, of the pings' share"): (
            plan.peak(lambda demand: demand.pings),
            budget * PINGS_SHARE,
        ),
        ("ConnectsPerSecondBudget", "handshakes a second"): (
            connects_needed(plan),
            plan.bounds["ConnectsPerSecondBudget"],
        ),
        ("WelcomeConcurrency", "welcomes a second"): (
            plan.peak(lambda demand: demand.moment.connects),
            plan.bounds["WelcomeConcurrency"] * welcomes,
        ),
        ("RoomCapacity", "viewers of the largest room"): (largest, plan.bounds["RoomCapacity"]),
    }
    for (name, text), (peak, bound) in peaks_and_bounds.items():
        yield Saturation(name=name, text=text, peak=peak, bound=bound)


def connects_needed(plan: Plan) -> float:
    """The curve's steepest rise; and after a cut, those who come back, over a minute."""
    audience = plan.audience
    rises = [
        (after - before) / ((ended - begun) * 60)
        for (begun, before), (ended, after) in pairwise(audience.curve)
        if ended > begun
    ]
    returns = [cut.share * audience.wanted(cut.minute) / BACK_SECONDS for cut in audience.cuts]
    churn = audience.most_viewers / (audience.stay_minutes * 60)
    return max([0.0, *rises, *returns]) + churn


def sufficient(audience: Audience, bounds: Bounds) -> Bounds:
    """These bounds, raised as far as AWS raises them, until they do for this audience."""
    largest = audience.rooms(audience.most_viewers)[0][1]
    free = bounds.changed(
        RoomCapacity=max(largest, bounds["RoomCapacity"]),
        ConnectsPerSecondBudget=UNBOUNDED,
        connects=UNBOUNDED,
        PostsPerSecondBudget=UNBOUNDED,
    )
    plan = Plan(audience, free)
    budget = max(
        plan.peak(lambda demand: demand.room_posts) / PLANNED_SHARE,
        plan.peak(lambda demand: demand.pings) / PINGS_SHARE,
        # First its window, then its posts.
        2 * largest / PLANNED_SHARE / AGE_SECONDS,
    )
    connects = connects_needed(plan)
    wanted = {
        "RoomCapacity": largest,
        "PostsPerSecondBudget": budget,
        "ConnectsPerSecondBudget": connects,
        "connects": connects * HEADROOM,
    }
    raised = bounds.changed(**_raised(bounds, wanted))
    return raised.changed(**_raised(raised, _quotas(Plan(audience, raised))))


def _quotas(plan: Plan) -> dict[str, float]:
    """What the account must have beside these, with some room."""
    budget = plan.bounds["PostsPerSecondBudget"]
    peaks = {each.name: each.peak for each in (*_of_account(plan), *_of_tables(plan))}
    grows = ("executions", "table_writes", "table_reads")
    wanted = {name: peaks[name] * HEADROOM for name in grows}
    requests = max(peaks["requests"], budget) * HEADROOM
    welcomes = plan.peak(lambda demand: demand.moment.connects)
    per_execution = BATCH_RECORDS_MAX * 1_000 / MILLISECONDS["welcome"]
    return {**wanted, "requests": requests, "WelcomeConcurrency": welcomes / per_execution}


def _raised(bounds: Bounds, wanted: Mapping[str, float]) -> dict[str, float]:
    return {name: max(bounds[name], rounded_up(value)) for name, value in wanted.items()}


def rounded_up(value: float) -> float:
    """To two digits, as one would ask for it."""
    if value <= 0:
        return 0.0
    unit = 10 ** max(0, floor(log10(value)) - 1)
    return float(ceil(value / unit) * unit)


def asks(audience: Audience, bounds: Bounds) -> dict[str, tuple[float, float]]:
    """The parameters to set and the quotas to ask for: what they are, and what they should be."""
    needed = sufficient(audience, bounds)
    names = (*bounds.parameters, *bounds.quotas)
    return {name: (bounds[name], needed[name]) for name in names if needed[name] > bounds[name]}
