"""The command line: explore seeds, or replay one."""

import argparse
import gc
import multiprocessing
import os
import re
import time
from collections.abc import Iterable, Iterator

from tests.simulation.mutations import MUTATIONS, plant
from tests.simulation.reports import Outcome, Tally, printed

PROFILE_NAMES = (
    "admission",
    "replacement",
    "rooms",
    "scores",
    "shards",
    "completion",
    "disputes",
    "second_thoughts",
    "registrations",
    "http",
    "reconcile",
    "tokens",
    "sweep",
    "ties",
    "outages",
    "everything",
)
CHUNK = 100
CHUNKS_MIN = 10
"""A process that is done early waits for the others: for less if there are more portions."""
WARMING = 8
"""Runs that use most of what the others do."""
_KINDS_TOLD_MAX = 8
NICENESS = 19
"""Explorers only compute: beside them in `make test`, pages and sockets are waited for."""

type Work = tuple[str, int, int]


def main() -> int:
    asked = _arguments()
    if asked.mutation:
        plant(asked.mutation)
    if asked.replay is not None:
        return _replay(asked.profile, asked.replay)
    names = PROFILE_NAMES if asked.profile == "all" else (asked.profile,)
    failed = [_explore(name, asked.seeds, asked.processes, asked.first) for name in names]
    return 1 if any(failed) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.simulation")
    parser.add_argument("--profile", choices=[*PROFILE_NAMES, "all"], default="all")
    parser.add_argument("--seeds", type=_seeds, default=range(1_000), metavar="FROM-PAST")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--replay", type=int, metavar="SEED")
    parser.add_argument("--first", action="store_true", help="end with the first violation")
    parser.add_argument("--mutation", choices=[mutation.name for mutation in MUTATIONS])
    return parser.parse_args()


def _seeds(text: str) -> range:
    first, _, past = text.partition("-")
    return range(int(first), int(past)) if past else range(int(first), int(first) + 1)


# The handlers are imported late, so that a planted bug is there before they are.


def explore(work: Work) -> Tally:
    """Run some seeds of a profile."""
    from tests.simulation import seams
    from tests.simulation.profiles import PROFILES
    from tests.simulation.run import no_garbage_collected, run_seed

    name, first, past = work
    tally = Tally()
    with seams.installed(), no_garbage_collected():
        for seed in range(first, past):
            tally.add(run_seed(PROFILES[name], seed))
    return tally


def explore_all(name: str, seeds: Iterable[Work], processes: int) -> Iterator[Tally]:
    """The same in several processes, part by part. They leave the processor to whatever waits."""
    warm(name)
    with multiprocessing.get_context("fork").Pool(processes, os.nice, [NICENESS]) as pool:
        yield from pool.imap_unordered(explore, seeds)


def parts(name: str, seeds: range) -> Iterator[Work]:
    """Seeds in portions that a process takes at once."""
    size = max(1, min(CHUNK, len(seeds) // CHUNKS_MIN))
    for first in range(seeds.start, seeds.stop, size):
        yield name, first, min(first + size, seeds.stop)


def warm(name: str) -> None:
    """Let the profile's crowd in, and have imported and compiled what runs use, once for all
    processes to come."""
    from tests.simulation import seams
    from tests.simulation.profiles import PROFILES, start_of
    from tests.simulation.run import run_seed

    with seams.installed():
        start_of(PROFILES[name])
        for seed in range(WARMING):
            run_seed(PROFILES[name], seed)
    gc.collect()
    gc.freeze()


def _explore(name: str, seeds: range, processes: int, ends_with_first: bool) -> list[Outcome]:
    started_s = time.monotonic()
    tally = Tally()
    for part in explore_all(name, parts(name, seeds), processes):
        tally.merge(part)
        if ends_with_first and tally.failed:
            break
    spent_s = time.monotonic() - started_s
    print(
        f"{name}: {tally.schedules} schedules, {tally.calls} calls,"
        f" {tally.invocations} invocations, {tally.faults} faults, {spent_s:.1f} s,"
        f" {tally.schedules / spent_s:.0f} schedules/s, {len(tally.failed)} violations",
        flush=True,
    )
    _publish(name, tally.failed)
    return tally.failed


def _publish(name: str, failed: list[Outcome]) -> None:
    """The commonest kinds of violation, each by the shortest run that has it."""
    alike: dict[str, list[Outcome]] = {}
    for outcome in failed:
        alike.setdefault(re.sub("[0-9]+", "", str(outcome.violation))[:25], []).append(outcome)
    for outcomes in sorted(alike.values(), key=len, reverse=True)[:_KINDS_TOLD_MAX]:
        example = min(outcomes, key=lambda outcome: outcome.steps)
        print(f"  {len(outcomes)} times, such as --profile {name} --replay {example.seed}")
        print(f"    {example.violation}")


def _replay(name: str, seed: int) -> int:
    from tests.simulation import seams
    from tests.simulation.profiles import PROFILES
    from tests.simulation.run import run_seed

    with seams.installed():
        outcome = run_seed(PROFILES[name], seed, is_traced=True)
    print(printed(outcome.trace))
    print(outcome.violation or "no violation")
    return 1 if outcome.violation else 0
