"""`scorecast verify`: does a deployed stack do what the documents say?"""

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from scorecast_client.cli.arguments import count
from scorecast_client.cli.exit_codes import DIFFERENT, DONE
from scorecast_client.cli.output import print_line
from scorecast_client.errors import ScorecastError, Unreachable

if TYPE_CHECKING:
    from scorecast_client.verify.outcome import Outcome
    from scorecast_client.verify.run import Run
    from scorecast_client.verify.target import Target


def add_verify(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Check a deployed stack from outside, in a tournament of its own. Reads the stack's "
        "outputs, parameters and signing secret with AWS credentials, for which it needs boto3."
    )
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("name", nargs="?", metavar="STACK", help="the stack's name in AWS")
    where.add_argument("--stack", type=Path, metavar="FILE", help="the file of a local stack")
    parser.add_argument("--region", help="the stack's; else the environment's")
    parser.add_argument("--json", action="store_true", help="print the outcomes as JSON")
    parser.add_argument("--only", action="append", metavar="CHECK", help="may be repeated")
    parser.add_argument("--samples", type=count, default=30, help="of the latency")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from httpx import HTTPError

    from scorecast_client.verify.outcome import Failed, Result
    from scorecast_client.verify.run import Pace, Run

    target = _target(options)
    try:
        with Run(target, pace=Pace(samples=options.samples)) as run:
            outcomes = _outcomes(run, options.only, quiet=options.json)
    except (HTTPError, Failed) as fault:
        raise Unreachable(f"{target.http_url} does not answer as it should: {fault}.") from fault
    if options.json:
        print(json.dumps([asdict(each) for each in outcomes], indent=1), flush=True)
    else:
        print_line(_summary(outcomes))
    has_failed = any(each.result is Result.FAILED for each in outcomes)
    return DIFFERENT if has_failed else DONE


def _target(options: argparse.Namespace) -> "Target":
    from scorecast_client.verify.target import of_stack_file, of_stack_name

    if options.stack:
        return of_stack_file(options.stack)
    return of_stack_name(options.name, region=options.region)


def _outcomes(run: "Run", only: Sequence[str] | None, *, quiet: bool) -> "list[Outcome]":
    from scorecast_client.verify.check import perform
    from scorecast_client.verify.checks import CHECKS

    names = [check.name for check in CHECKS]
    if unknown := [name for name in only or () if name not in names]:
        raise ScorecastError(f"There is no check {unknown[0]!r}; there are: {', '.join(names)}.")
    outcomes = []
    for check in CHECKS:
        if only is None or check.name in only:
            outcomes.append(perform(check, run))
            if not quiet:
                _print(outcomes[-1])
    return outcomes


def _print(outcome: "Outcome") -> None:
    print_line(f"{outcome.result:<9}{outcome.check:<30}{outcome.seen}")
    if outcome.result != "ok":
        print_line(f"{'':<39}AWS: {outcome.fact}")


def _summary(outcomes: "Iterable[Outcome]") -> str:
    from scorecast_client.verify.outcome import Result

    results = [each.result for each in outcomes]
    counts = [f"{results.count(result)} {result}" for result in Result if result in results]
    return f"{len(results)} checks: {', '.join(counts)}."
