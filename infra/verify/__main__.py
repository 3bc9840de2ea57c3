"""`python -m infra.verify ENV`: 1 if a check has failed, 2 if the stack cannot be reached."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import httpx
from boto3.session import Session
from botocore.exceptions import BotoCoreError

from infra.preflight.environments import UnknownEnvironment, read_environment
from infra.verify import checks  # noqa: F401  registers the checks
from infra.verify.check import CHECKS, Failed, Outcome, Result, perform
from infra.verify.run import Run
from infra.verify.target import CannotVerify, Target, of_stack, of_stack_file

CANNOT_VERIFY: Final = 2


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    try:
        outcomes = _verify(_target(options), only=options.only, quiet=options.json)
    except (CannotVerify, UnknownEnvironment, Failed, BotoCoreError, httpx.HTTPError) as error:
        print(error, file=sys.stderr)
        return CANNOT_VERIFY
    if options.json:
        print(json.dumps([asdict(each) for each in outcomes], indent=1))
    else:
        print(_summary(outcomes))
    return 1 if any(each.result is Result.FAILED for each in outcomes) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.verify", description=__doc__)
    where = parser.add_mutually_exclusive_group(required=True)
    where.add_argument("environment", nargs="?", help="a section of samconfig.toml")
    where.add_argument("--stack", type=Path, help="the stack file of a local stack")
    parser.add_argument("--json", action="store_true", help="print the outcomes as JSON")
    parser.add_argument("--only", action="append", help="the name of a check; may be repeated")
    return parser


def _target(options: argparse.Namespace) -> Target:
    if options.stack:
        return of_stack_file(options.stack)
    environment = read_environment(options.environment)
    return of_stack(Session(region_name=environment.region), environment.stack_name)


def _verify(target: Target, *, only: Sequence[str] | None, quiet: bool) -> list[Outcome]:
    outcomes = []
    with Run(target) as run:
        for each in CHECKS:
            if only and each.name not in only:
                continue
            outcomes.append(perform(each, run))
            if not quiet:
                print(_line(outcomes[-1]), flush=True)
    return outcomes


def _line(outcome: Outcome) -> str:
    line = f"{outcome.result:<9}{outcome.check:<30}{outcome.seen}"
    return line if outcome.result is Result.OK else f"{line}\n{'':<39}AWS: {outcome.fact}"


def _summary(outcomes: Iterable[Outcome]) -> str:
    results = [each.result for each in outcomes]
    counts = [f"{results.count(result)} {result}" for result in Result if result in results]
    return f"{len(results)} checks: {', '.join(counts)}."


if __name__ == "__main__":
    sys.exit(main())
