"""The part of docs/scaling.md that the model writes, and its chart."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from infra.capacity.audience import CUT_MINUTE, KICK_OFF_MINUTE, evening
from infra.capacity.bounds import DEFAULTS, QUOTAS
from infra.capacity.chart import chart
from infra.capacity.plan import Plan
from infra.capacity.saturation import Saturation, saturations, sufficient
from infra.capacity.tables import asks_table, number, overflow_table, seconds, units_table
from infra.cost import table
from infra.local.paths import ROOT

PAGE: Final = ROOT / "docs" / "scaling.md"
CHART: Final = ROOT / "docs" / "capacity.svg"
BEGIN, END = "<!-- capacity -->", "<!-- end of capacity -->"

SIZES: Final = (1_000, 10_000, 100_000, 1_000_000)
CHARTED: Final = 100_000
STEADY_MINUTE: Final = 100.0
SOON_MINUTES: Final = 0.2
"""After the kick-off, or a cut."""


ROWS: Final[Mapping[str, Callable[[Plan], str]]] = {
    "viewers on sockets": lambda plan: number(plan.at(STEADY_MINUTE).moment.viewers),
    "viewers on the snapshot": lambda plan: number(plan.at(STEADY_MINUTE).moment.overflow),
    "posts/s": lambda plan: number(plan.at(STEADY_MINUTE).posts),
    "a score at the first viewer": lambda plan: seconds(
        plan.at(STEADY_MINUTE).largest.first_ms / 1_000
    ),
    "a score at the last viewer": lambda plan: seconds(
        plan.at(STEADY_MINUTE).largest.last_ms / 1_000
    ),
    "at kick-off: connects/s": lambda plan: number(
        plan.at(KICK_OFF_MINUTE + SOON_MINUTES).moment.connects
    ),
    "at kick-off: longest wait": lambda plan: _waited(plan, KICK_OFF_MINUTE),
    "at kick-off: Lambdas at once": lambda plan: number(
        sum(plan.at(KICK_OFF_MINUTE + SOON_MINUTES).executions.values())
    ),
    "after the cut: connects/s": lambda plan: number(
        plan.at(CUT_MINUTE + SOON_MINUTES).moment.connects
    ),
    "after the cut: longest wait": lambda plan: _waited(plan, CUT_MINUTE),
    "US$ an hour": lambda plan: number(plan.dollars / plan.audience.minutes * 60),
    "highest use of a limit": lambda plan: _brief(saturations(plan)[0]),
    "highest use of a fixed quota": lambda plan: _brief(_fixed(plan)),
}


def _waited(plan: Plan, minute: float) -> str:
    return seconds(plan.waiting_s(minute)) if plan.waiting_s(minute) else "none"


def _fixed(plan: Plan) -> Saturation:
    fixed = [each for each in saturations(plan) if each.name in QUOTAS]
    return next(each for each in fixed if not QUOTAS[each.name].is_raised)


def _brief(saturation: Saturation) -> str:
    of = f" of `{saturation.place}`" if saturation.place else ""
    return f"`{saturation.name}`{of} {saturation.share:.0%}"


def sizes_table(plans: Mapping[int, Plan]) -> str:
    rows = [(name, *(row(plan) for plan in plans.values())) for name, row in ROWS.items()]
    return "\n".join(table(("", *(f"{size:,}" for size in plans)), rows))


def section() -> str:
    audiences = {size: evening(size) for size in SIZES}
    plans = {size: Plan(audience, DEFAULTS) for size, audience in audiences.items()}
    raised = {
        size: Plan(audience, sufficient(audience, DEFAULTS)) for size, audience in audiences.items()
    }
    asked = "\n\n".join(
        f"For {size:,} viewers:\n\n" + "\n".join(asks_table(plans[size])) for size in SIZES[1:]
    )
    return "\n\n".join(
        [
            "With the template's defaults, in an account with the default quotas:",
            sizes_table(plans),
            "With the quotas and parameters raised as listed below:",
            sizes_table(raised),
            asked,
            f"For {CHARTED:,} viewers, the peak load of each table and index:",
            "\n".join(units_table(raised[CHARTED])),
            "WebSocket and snapshot compared, in that plan:",
            "\n".join(overflow_table(raised[CHARTED])),
        ]
    )


def charted() -> str:
    audience = evening(CHARTED)
    return chart(Plan(audience, sufficient(audience, DEFAULTS)))


def fill_in(page: Path = PAGE, drawing: Path = CHART) -> None:
    before, begin, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, end, after = rest.partition(END)
    page.write_text(f"{before}{begin}\n\n{section()}\n\n{end}{after}", encoding="utf-8")
    drawing.write_text(charted(), encoding="utf-8")
