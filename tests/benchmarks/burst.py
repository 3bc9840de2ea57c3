"""K3: a thousand updates of one match within a second, published to 200 viewers."""

from statistics import median
from typing import Final

from tests.benchmarks.coalescing import OURS, WAYS, arrivals_ms
from tests.benchmarks.report import Effort, Report, Target

UPDATES: Final = 1_000
VIEWERS: Final = 200
EMISSIONS_MAX: Final = 11


def run(effort: Effort) -> Report:
    courses = {
        name: [
            way(arrivals_ms(UPDATES, every_ms=1, seed=seed), viewers=VIEWERS, seed=seed)
            for seed in range(effort.runs)
        ]
        for name, way in WAYS.items()
    }
    samples = {name: [each.figures() for each in runs] for name, runs in courses.items()}
    shown = ("emissions", "writes", "sends", "first_ms", "staleness_ms_p99")
    mine = courses[OURS]
    return Report(
        key="K3",
        title=f"{UPDATES:,} updates in a second, {VIEWERS} viewers (virtual time)",
        columns=("way", "emissions", "writes", "FIFO sends", "first after ms", "staleness p99 ms"),
        rows=[
            (name, *(median(figures[each] for figures in runs) for each in shown))
            for name, runs in samples.items()
        ],
        targets=[
            Target(
                "emissions, at worst", max(len(each.emissions_ms) for each in mine), EMISSIONS_MAX
            ),
            Target("runs that end with another score", sum(not c.last_is_last for c in mine), 0),
            Target(
                "writes beyond one per update and emission, at worst",
                max(each.writes - UPDATES - len(each.emissions_ms) for each in mine),
                1,  # the last emission takes its match off the list of those with pending messages
            ),
            Target(
                "FIFO sends beyond one per emission, at worst",
                max(each.sends - len(each.emissions_ms) for each in mine),
                1,
            ),
        ],
        samples=samples,
    )
