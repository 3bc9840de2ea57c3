"""`python -m tests.simulation.exhaustive`: every scenario, with at most one fault anywhere."""

import argparse
import multiprocessing
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.simulation import environment

environment.make_importable()

from tests.simulation.mutations import plant  # noqa: E402

if TYPE_CHECKING:
    from tests.simulation.exhaustive.exploration import Finding, Tally

PAGE = Path("docs/proof.md")


def main() -> int:
    asked = _arguments()
    if asked.mutation:
        plant(asked.mutation)
    # Imported late, so that a planted bug is there before the handlers are.
    from tests.simulation.exhaustive.report import table, write
    from tests.simulation.exhaustive.scenarios import SCENARIOS

    names = asked.scenario or list(SCENARIOS)
    works = [(name, not asked.no_faults) for name in names]
    found = 0
    tallies = []
    with multiprocessing.get_context("fork").Pool(asked.processes) as pool:
        for name, tally, spent_s in pool.imap(_explored, works):
            print(
                f"{name}: {tally.runs} runs for {tally.schedules} schedules,"
                f" {tally.faulty_runs} for {tally.faulty_schedules} with one of"
                f" {tally.placements} faults, {tally.endings} endings, {spent_s:.1f} s",
                flush=True,
            )
            tallies.append((name, tally))
            found += len(tally.findings)
            for finding in tally.findings[: asked.traces]:
                _publish(finding)
    if asked.write:
        write(PAGE, table(tallies))
    print(f"{found} violations")
    return 1 if found else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tests.simulation.exhaustive")
    parser.add_argument("--scenario", action="append", metavar="'connect + disconnect'")
    parser.add_argument("--no-faults", action="store_true")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--traces", type=int, default=1, help="how many a scenario, at most")
    parser.add_argument("--mutation", help="a bug of tests.simulation.mutations to plant first")
    parser.add_argument("--write", action="store_true", help=f"the table in {PAGE}")
    return parser.parse_args()


def _explored(work: tuple[str, bool]) -> "tuple[str, Tally, float]":
    from tests.simulation.exhaustive.exploration import explore
    from tests.simulation.exhaustive.scenarios import SCENARIOS

    name, has_faults = work
    started_s = time.monotonic()
    return name, explore(SCENARIOS[name], faults=has_faults), time.monotonic() - started_s


def _publish(finding: "Finding") -> None:
    from tests.simulation.exhaustive.exploration import replay
    from tests.simulation.exhaustive.scenarios import SCENARIOS
    from tests.simulation.reports import printed

    trace, violation = replay(SCENARIOS[finding.scenario], finding)
    print(printed(trace))
    print(f"{finding.scenario}, {finding.placement or 'no fault'}: {violation}")


if __name__ == "__main__":
    sys.exit(main())
