"""K4: an update every 50 ms for half a minute, published to 200 viewers."""

from statistics import median
from typing import Final

from tests.benchmarks.coalescing import OURS, WAYS, arrivals_ms
from tests.benchmarks.report import Effort, Report, Target

UPDATES: Final = 600
EVERY_MS: Final = 50
VIEWERS: Final = 200
GAP_MS_MAX: Final = 250
STALENESS_MS_MAX: Final = 350


def run(effort: Effort) -> Report:
    courses = {
        name: [
            way(arrivals_ms(UPDATES, every_ms=EVERY_MS, seed=seed), viewers=VIEWERS, seed=seed)
            for seed in range(effort.runs)
        ]
        for name, way in WAYS.items()
    }
    samples = {name: [each.figures() for each in runs] for name, runs in courses.items()}
    shown = (
        "emissions",
        "first_ms",
        "gap_ms_mean",
        "gap_ms_max",
        "staleness_ms_p99",
        "writes",
        "sends",
    )
    mine = samples[OURS]
    return Report(
        key="K4",
        title=f"an update every {EVERY_MS} ms for 30 s, {VIEWERS} viewers (virtual time)",
        columns=(
            "way",
            "emissions",
            "first after ms",
            "mean gap ms",
            "longest gap ms",
            "staleness p99 ms",
            "writes",
            "FIFO sends",
        ),
        rows=[
            (name, *(median(figures[each] for figures in runs) for each in shown))
            for name, runs in samples.items()
        ],
        targets=[
            Target("longest gap ms", median(e["gap_ms_max"] for e in mine), GAP_MS_MAX),
            Target(
                "staleness p99 ms", median(e["staleness_ms_p99"] for e in mine), STALENESS_MS_MAX
            ),
            Target("runs that end with another score", sum(not e["last_is_last"] for e in mine), 0),
        ],
        samples=samples,
    )
