"""K10: how old scores are when they are posted to a full room, over a minute of updates.

The simulator's clock, at 1/50 of the size: see `tests.simulation.stress.full_rooms`.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

from tests.benchmarks.report import Effort, Report, Target
from tests.simulation.stress.ages import Ages
from tests.simulation.stress.full_rooms import match_room, tournament_room

MATCH_S_MAX: Final = 1.0
TOURNAMENT_S_MAX: Final = 2.0
MATCHES: Final = 40

ROOMS: Final[dict[str, Callable[[], Ages]]] = {
    "match, 2 updates/s, members as they came": partial(match_room, 2, turnovers=0),
    "match, 2 updates/s, members replaced 3 times": partial(match_room, 2, turnovers=3),
    "match, 20 updates/s, members replaced 3 times": partial(match_room, 20, turnovers=3),
    "tournament, 40 matches, 5 updates/s": partial(tournament_room, 5, matches=MATCHES),
}
BEFORE: Final = {
    "match, 2 updates/s, members as they came": Ages(0.4, 0.53, 0.54, 0.53, 0.53),
    "match, 2 updates/s, members replaced 3 times": Ages(28.83, 58.01, 58.83, 7.81, 58.23),
    "match, 20 updates/s, members replaced 3 times": Ages(69.9, 141.47, 143.25, 10.57, 141.75),
    "tournament, 40 matches, 5 updates/s": Ages(8.22, 13.91, 14.57, 3.87, 14.09),
}
"""As of version 1501cfc: lanes by membership shard, and no headroom in the window."""


def run(_effort: Effort) -> Report:
    """A seed is a run: more of them show nothing else."""
    after = {name: room() for name, room in ROOMS.items()}
    rows = [
        (f"{name}{version}", ages.p50_s, ages.p99_s, ages.first_quarter_s, ages.last_quarter_s)
        for name in ROOMS
        for version, ages in ((" (1501cfc)", BEFORE[name]), ("", after[name]))
    ]
    tournament = after.pop("tournament, 40 matches, 5 updates/s")
    matches = after.values()
    return Report(
        key="K10",
        title="seconds from a score's acceptance to its post (virtual time, 1/50 of the size)",
        columns=("room", "p50", "p99", "p99, first quarter", "p99, last quarter"),
        rows=rows,
        targets=[
            Target("match's p99 s, at worst", max(each.p99_s for each in matches), MATCH_S_MAX),
            Target("tournament's p99 s", tournament.p99_s, TOURNAMENT_S_MAX),
            Target("rooms that fall behind", sum(e.grows for e in [*matches, tournament]), 0),
        ],
        samples={name: repr(ages) for name, ages in after.items()},
    )
