"""How old scores are when they are posted, over the time of a run."""

from collections.abc import Sequence
from dataclasses import dataclass

from tests.simulation.stress.setting import Posted

QUARTER = 0.25
GROWTH_S = 0.5
"""What the ages of the first and the last quarter may differ by, by chance."""


@dataclass(frozen=True, slots=True)
class Ages:
    p50_s: float
    p99_s: float
    most_s: float
    first_quarter_s: float
    last_quarter_s: float

    @property
    def grows(self) -> bool:
        return self.last_quarter_s > self.first_quarter_s + GROWTH_S


def ages(posts: Sequence[Posted], seconds: float) -> Ages:
    """Of the posts of a run with updates for so long. The last quarter has all that come late."""
    sizes = sorted(posted.age_s for posted in posts)
    first = [p.age_s for p in posts if p.at_s < seconds * QUARTER]
    last = [p.age_s for p in posts if p.at_s >= seconds * (1 - QUARTER)]
    return Ages(
        p50_s=_quantile(sizes, 0.5),
        p99_s=_quantile(sizes, 0.99),
        most_s=sizes[-1],
        first_quarter_s=_quantile(sorted(first), 0.99),
        last_quarter_s=_quantile(sorted(last), 0.99),
    )


def _quantile(values: Sequence[float], share: float) -> float:
    return round(values[min(len(values) - 1, int(share * len(values)))], 2)
