"""A plan as Markdown."""

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from infra.capacity.bounds import QUOTAS
from infra.capacity.demand import Demand, hottest_writes
from infra.capacity.overflow import dollars_per_second, reading
from infra.capacity.plan import Plan, by_table
from infra.capacity.saturation import asks, saturations
from infra.cost import dollars, of_viewer_hours, table


def number(value: float) -> str:
    """As many digits as one reads."""
    if value >= 100:
        return f"{float(f'{value:.3g}'):,.0f}"
    return f"{value:.2g}"


def seconds(value: float) -> str:
    return f"{value / 60:.0f} min" if value >= 120 else f"{number(value)} s"


def saturations_table(plan: Plan) -> Iterator[str]:
    rows = [
        (
            f"{each.text}{f' ({each.place})' if each.place else ''}",
            number(each.peak),
            number(each.bound),
            f"{each.share:.0%}",
        )
        for each in saturations(plan)
    ]
    yield from table(("limit, by use", "peak", "bound", "used"), rows)


def asks_table(plan: Plan) -> Iterator[str]:
    rows = [
        (QUOTAS[name].text if name in QUOTAS else f"`{name}`", number(now), number(wanted))
        for name, (now, wanted) in asks(plan.audience, plan.bounds).items()
    ]
    yield from table(("quota or parameter", "now", "needed"), rows)


ROWS: Final[Mapping[str, Callable[[Plan, Demand], str]]] = {
    "viewers on sockets": lambda _, demand: number(demand.moment.viewers),
    "waiting for a connection": lambda _, demand: number(demand.moment.waiting),
    "on the snapshot": lambda _, demand: number(demand.moment.overflow),
    "connects/s": lambda _, demand: number(demand.moment.connects),
    "posts/s": lambda _, demand: number(demand.posts),
    "API Gateway requests/s": lambda _, demand: number(demand.requests),
    "Lambda executions at once": lambda _, demand: number(sum(demand.executions.values())),
    "age at the first viewer": lambda _, demand: seconds(demand.largest.first_ms / 1_000),
    "age at the last viewer": lambda _, demand: seconds(demand.largest.last_ms / 1_000),
    "US$ an hour": lambda plan, demand: number(plan.dollars_per_hour(demand)),
}


def moments_table(plan: Plan) -> Iterator[str]:
    chosen = _moments(plan)
    rows = [
        (name, *(row(plan, demand) for demand in chosen.values())) for name, row in ROWS.items()
    ]
    yield from table(("", *chosen), rows)


def _moments(plan: Plan) -> Mapping[str, Demand]:
    busiest = max(plan.demands, key=lambda demand: demand.moment.connects)
    most = max(plan.demands, key=lambda demand: demand.posts)
    fullest = max(plan.demands, key=lambda demand: demand.moment.viewers)
    found = {"most connects": busiest, "most posts": most, "most viewers": fullest}
    cuts = {f"after the cut at {cut.minute:g} min": cut.minute + 0.2 for cut in plan.audience.cuts}
    return found | {name: plan.at(minute) for name, minute in cuts.items()}


def units_table(plan: Plan) -> Iterator[str]:
    """Read and write units of each table and index at their peaks, and of their hottest keys."""
    written, read = plan.peaks(lambda d: by_table(d.written)), plan.peaks(_read_by_table)
    hot = plan.peaks(lambda demand: hottest_writes(demand, plan.audience))
    rows = [
        (
            f"`{name}`",
            number(written.get(name, 0.0)),
            number(read.get(name, 0.0)),
            *_hottest(name, hot),
        )
        for name in sorted({*written, *read})
    ]
    head = ("table or index", "WRU/s", "RRU/s", "WRU/s of its hottest key", "hottest key")
    yield from table(head, rows, left=(0, 4))


def _read_by_table(demand: Demand) -> Mapping[str, float]:
    return by_table(demand.read_from)


def _hottest(name: str, hot: Mapping[str, float]) -> tuple[str, str]:
    of_table = {place: each for place, each in hot.items() if place.partition(" ")[0] == name}
    if not of_table:
        return "", ""
    place = max(of_table, key=lambda each: of_table[each])
    return number(of_table[place]), f"`{place.partition(' ')[2] or name}`"


def queues_table(plan: Plan) -> Iterator[str]:
    queued = plan.peaks(lambda demand: demand.queued)
    running = plan.peaks(lambda demand: demand.executions)
    names = [*queued, *(name for name in running if name not in queued)]
    rows = [
        (f"`{name}`", number(queued[name]) if name in queued else "", number(running[name]))
        for name in names
    ]
    yield from table(("queue or function", "messages/s", "executions at once"), rows)


def overflow_table(plan: Plan) -> Iterator[str]:
    """1,000 viewers of each kind for an hour; those on the snapshot of as many as the audience."""
    audience, many = plan.audience, max(1_000.0, plan.audience.most_viewers)
    each = reading(audience.scores_per_minute)
    watching = of_viewer_hours(1_000, messages_per_hour=audience.scores_per_minute * 60)
    largest = plan.demands[-1 - len(plan.demands) // 4].largest
    rows = [
        (
            "on a socket",
            f"{seconds(largest.middle_ms / 1_000)}, at most {seconds(largest.last_ms / 1_000)}",
            f"${dollars(watching):.2f}",
        ),
        (
            "on the snapshot",
            f"{seconds(each.age_s)}, at most {seconds(each.age_s_max)}",
            f"${dollars_per_second(many, audience) * 3_600 * 1_000 / many:.2f}",
        ),
    ]
    yield from table(("1,000 viewers for an hour", "age of a score", "cost"), rows, left=(0, 1))


def report(plan: Plan) -> str:
    first = saturations(plan)[0]
    parts = (
        moments_table,
        saturations_table,
        asks_table,
        units_table,
        queues_table,
        overflow_table,
    )
    what = f"Fullest: {first.text}, {number(first.peak)} of {number(first.bound)}."
    bill = f"${plan.dollars:,.2f} for {plan.viewer_hours:,.0f} viewer-hours on sockets."
    return "\n\n".join([*("\n".join(part(plan)) for part in parts), what, bill])
