"""The command line: explore seeds, or replay one."""

import argparse
import multiprocessing
import re
import time

from tests.simulation.mutations import MUTATIONS, plant
from tests.simulation.reports import Outcome, printed

PROFILE_NAMES = (
    "admission",
    "replacement",
    "rooms",
    "scores",
    "shards",
    "completion",
    "sweep",
    "everything",
)
_CHUNK_SEEDS = 100
_KINDS_TOLD_MAX = 8

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


def explore(work: Work) -> list[Outcome]:
    """Run some seeds of a profile."""
    from tests.simulation import seams
    from tests.simulation.profiles import PROFILES
    from tests.simulation.run import run_seed

    name, first, past = work
    with seams.installed():
        return [run_seed(PROFILES[name], seed) for seed in range(first, past)]


def warm(name: str) -> None:
    """Import the handlers and let the profile's crowd in, once for all processes to come."""
    from tests.simulation import seams
    from tests.simulation.profiles import PROFILES, start_of

    with seams.installed():
        start_of(PROFILES[name])


def _explore(name: str, seeds: range, processes: int, ends_with_first: bool) -> list[Outcome]:
    warm(name)
    started_s = time.monotonic()
    works = [
        (name, first, min(first + _CHUNK_SEEDS, seeds.stop))
        for first in range(seeds.start, seeds.stop, _CHUNK_SEEDS)
    ]
    outcomes: list[Outcome] = []
    with multiprocessing.get_context("fork").Pool(processes) as pool:
        for part in pool.imap_unordered(explore, works):
            outcomes += part
            if ends_with_first and any(one.violation for one in part):
                break
    spent_s = time.monotonic() - started_s
    failed = sorted((one for one in outcomes if one.violation), key=lambda one: one.seed)
    print(
        f"{name}: {len(outcomes)} schedules, {sum(one.calls for one in outcomes)} calls,"
        f" {sum(one.invocations for one in outcomes)} invocations,"
        f" {sum(one.faults for one in outcomes)} faults, {spent_s:.1f} s,"
        f" {len(outcomes) / spent_s:.0f} schedules/s, {len(failed)} violations",
        flush=True,
    )
    _tell(name, failed)
    return failed


def _tell(name: str, failed: list[Outcome]) -> None:
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
