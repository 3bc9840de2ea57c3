"""`python -m tests.benchmarks [K1 …] [--quick]`, from the project's root."""

import argparse
import sys
import time
from importlib import import_module
from pathlib import Path
from typing import Final

from tests.benchmarks.report import FULL, QUICK, Effort, Missing, Report, fill_in
from tests.simulation.environment import make_importable

BENCHMARKS: Final = {
    "K1": "posts",
    "K2": "broadcast",
    "K3": "burst",
    "K4": "steady",
    "K5": "handlers",
    "K6": "cold_start",
    "K7": "growth",
    "K8": "paint",
    "K9": "page_load",
    "K10": "full_room",
    "K11": "quiet_match",
    "K12": "alternatives",
    "K13": "first_score",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="K1 … K13", help="which; all if none is named")
    parser.add_argument("--quick", action="store_true", help="shorter runs, noisier figures")
    parser.add_argument("--fill-in", type=Path, metavar="PAGE", help="put the results into a page")
    asked = parser.parse_args()
    names = asked.names or list(BENCHMARKS)
    if unknown := set(names) - BENCHMARKS.keys():
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    make_importable()
    reports = [_run(name, QUICK if asked.quick else FULL) for name in names]
    if asked.fill_in is not None:
        fill_in(asked.fill_in, [report for report in reports if report is not None])
    return 0 if all(_is_reached(report) for report in reports) else 1


def _run(name: str, effort: Effort) -> Report | None:
    started_s = time.monotonic()
    try:
        report: Report = import_module(f"tests.benchmarks.{BENCHMARKS[name]}").run(effort)
    except Missing as missing:
        print(f"{name}  not run: {missing}\n")
        return None
    report.write()
    print(f"{report.text()}({time.monotonic() - started_s:.0f} s)\n", flush=True)
    return report


def _is_reached(report: Report | None) -> bool:
    return report is not None and all(target.reached for target in report.targets)


if __name__ == "__main__":
    sys.exit(main())
