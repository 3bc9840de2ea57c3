"""`scorecast verify`: does a deployed stack do what the documents say?"""

import argparse
import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from scorecast_client.cli.access import (
    HTTP_VARIABLE,
    STACK_VARIABLE,
    add_stack,
    environment,
    stack_file,
)
from scorecast_client.cli.arguments import count
from scorecast_client.cli.exit_codes import DIFFERENT, DONE
from scorecast_client.cli.output import print_line
from scorecast_client.errors import ScorecastError, Unreachable

if TYPE_CHECKING:
    from scorecast_client.verify.check import Check
    from scorecast_client.verify.outcome import Outcome
    from scorecast_client.verify.run import Run
    from scorecast_client.verify.target import Target

NO_STACK: Final = (
    f"Give the stack's name in AWS, or --stack FILE (${STACK_VARIABLE}): the address of "
    f"${HTTP_VARIABLE} alone leads to neither its outputs nor its secret."
)


def add_verify(parser: argparse.ArgumentParser) -> None:
    parser.description = (
        "Check a deployed stack from outside, in a tournament of its own. Reads the stack's "
        "outputs, parameters and signing secret with AWS credentials, for which it needs boto3."
    )
    where = parser.add_mutually_exclusive_group()
    where.add_argument("name", nargs="?", metavar="STACK", help="the stack's name in AWS")
    add_stack(where)
    parser.add_argument("--region", help="the stack's region; default: the environment's")
    parser.add_argument("--json", action="store_true", help="print the outcomes as JSON")
    parser.add_argument("--only", action="append", metavar="CHECK", help="may be repeated")
    parser.add_argument("--samples", type=count, default=30, help="latency samples")
    parser.set_defaults(run=_run)


def _run(options: argparse.Namespace) -> int:
    from httpx import HTTPError

    from scorecast_client.verify.outcome import Failed, Result
    from scorecast_client.verify.run import Pace, Run

    if find_spec("boto3") is None:
        raise ScorecastError("boto3 is needed to read the stack: pip install boto3")
    checks, target = _checks(options.only), _target(options)
    try:
        with Run(target, pace=Pace(samples=options.samples)) as run:
            outcomes = _outcomes(run, checks, quiet=options.json)
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

    if options.name:
        return of_stack_name(options.name, region=options.region)
    path = stack_file(options)
    if path is None:
        raise ScorecastError(NO_STACK)
    target = of_stack_file(path)
    if not options.stack:
        _check_address(target)
    return target


def _check_address(target: "Target") -> None:
    """The other commands prefer the address: a stack elsewhere would not be the one meant."""
    address = environment(HTTP_VARIABLE)
    if address and address.rstrip("/") != target.http_url.rstrip("/"):
        raise ScorecastError(
            f"${HTTP_VARIABLE} is {address}, and the stack of ${STACK_VARIABLE} is at "
            f"{target.http_url}: unset one, or name the stack."
        )


def _checks(only: Sequence[str] | None) -> "list[Check]":
    from scorecast_client.verify.checks import CHECKS

    names = [check.name for check in CHECKS]
    if unknown := [name for name in only or () if name not in names]:
        raise ScorecastError(f"There is no check {unknown[0]!r}; there are: {', '.join(names)}.")
    return [check for check in CHECKS if only is None or check.name in only]


def _outcomes(run: "Run", checks: "Sequence[Check]", *, quiet: bool) -> "list[Outcome]":
    from scorecast_client.verify.check import perform

    outcomes = []
    for check in checks:
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
