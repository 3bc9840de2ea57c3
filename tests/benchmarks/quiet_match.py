"""K11: the latency of a match with one viewer while other matches' rooms are in trouble.

The simulator's clock: see `tests.simulation.stress.neighbours`.
"""

from collections.abc import Sequence
from typing import Final

from tests.benchmarks.report import Effort, Report, Target
from tests.simulation.stress import neighbours
from tests.simulation.stress.neighbours import Trouble, latencies_s

TROUBLES: Final[dict[str, Trouble]] = {
    "nothing": neighbours.nothing,
    "2 of 30 clients read nothing": neighbours.deaf,
    "posts to 1 of 30 clients time out": neighbours.hanging,
    "a flush beside it dies": neighbours.killed,
    "1 post in 50 is throttled": neighbours.throttled_posts,
    "reads for advice are throttled": neighbours.throttled_advice,
}
BEFORE: Final = {
    "nothing": (0.14, 0.2),
    "2 of 30 clients read nothing": (3.22, 3.3),
    "posts to 1 of 30 clients time out": (0.14, 87.1),
    "a flush beside it dies": (66.17, 90.16),
    "1 post in 50 is throttled": (0.23, 3.83),
    "reads for advice are throttled": (45.45, 68.27),
}
"""Median and worst, as of version 1501cfc."""

ACCOUNTS: Final = "1 post in 50 is throttled"
"""The account's quota is everyone's: all windows widen, so the worst of these is no target."""

TIMES_MAX: Final = 1.2
"""T4: by how much trouble elsewhere may slow a match."""
WORST_S_MAX: Final = 1.0


def run(effort: Effort) -> Report:
    samples = {
        name: [each for seed in range(effort.runs) for each in latencies_s(trouble, seed)]
        for name, trouble in TROUBLES.items()
    }
    after = {name: _median_and_worst(latencies) for name, latencies in samples.items()}
    quiet, _ = after["nothing"]
    others = [figures for name, figures in after.items() if name != ACCOUNTS]
    return Report(
        key="K11",
        title="seconds from a report to its post, of a match with one viewer (virtual time)",
        columns=("elsewhere", "median, 1501cfc", "worst, 1501cfc", "median", "worst"),
        rows=[(name, *BEFORE[name], *after[name]) for name in TROUBLES],
        targets=[
            Target("times the undisturbed median", max(m for m, _ in others) / quiet, TIMES_MAX),
            Target("worst s", max(worst for _, worst in others), WORST_S_MAX),
        ],
        samples=samples,
    )


def _median_and_worst(latencies: Sequence[float]) -> tuple[float, float]:
    ordered = sorted(latencies)
    return round(ordered[len(ordered) // 2], 2), round(ordered[-1], 2)
