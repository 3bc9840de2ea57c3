"""`python -m infra.preflight ENV [--json]`: 1 if a check has failed, 2 if none could be made."""

import argparse
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from typing import Final

from boto3.session import Session
from botocore.exceptions import BotoCoreError

from infra import template
from infra.preflight.account import read_account
from infra.preflight.checks import Finding, Result, check
from infra.preflight.environments import Environment, UnknownEnvironment, read_environment

CANNOT_CHECK: Final = 2


def main(argv: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(argv)
    try:
        environment = read_environment(options.environment)
        session = Session(region_name=environment.region)
    except (UnknownEnvironment, BotoCoreError) as error:
        return _cannot_check(str(error))
    if not session.region_name:
        section = f"[{environment.name}.global.parameters]"
        return _cannot_check(
            "No AWS region: set AWS_DEFAULT_REGION, "
            f'or region = "…" under {section} in samconfig.toml.'
        )
    if options.known_only:
        return 0
    findings = _findings(environment, session)
    print(_json(findings) if options.json else _table(findings))
    return 1 if any(each.result is Result.FAILED for each in findings) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.preflight", description=__doc__)
    parser.add_argument("environment", help="a section of samconfig.toml")
    parser.add_argument("--json", action="store_true", help="print the findings as JSON")
    parser.add_argument(
        "--known-only", action="store_true", help="check the environment and the region only"
    )
    return parser


def _cannot_check(sentence: str) -> int:
    print(sentence, file=sys.stderr)
    return CANNOT_CHECK


def _findings(environment: Environment, session: Session) -> list[Finding]:
    account = read_account(session, stack_name=environment.stack_name)
    return check(environment, account, template.written()["Parameters"])


def _json(findings: Iterable[Finding]) -> str:
    return json.dumps([asdict(each) for each in findings], indent=1)


def _table(findings: Iterable[Finding]) -> str:
    lines = []
    for each in findings:
        lines.append(f"{each.result:<9}{each.check:<27}{each.found}")
        if each.to_do:
            lines.append(f"{'':<36}-> {each.to_do}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
