"""`python -m infra.capacity [FILE] [--viewers N] [--set NAME=VALUE] [--quota NAME=VALUE]
[--format table|json|svg]`: see docs/scaling.md."""

import argparse
import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from infra.capacity.bounds import PARAMETERS, QUOTAS
from infra.capacity.chart import chart
from infra.capacity.page import fill_in
from infra.capacity.plan import Plan
from infra.capacity.request import (
    BadInput,
    assigned,
    audience_of,
    bounds_of,
    read_file,
    viewers_of,
)
from infra.capacity.tables import report
from infra.capacity.values import values

VIEWERS: Final = 10_000
BAD_INPUT: Final = 2


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _parser().parse_args(arguments)
    if asked.fill_in:
        fill_in()
        return 0
    try:
        plan = _plan(asked)
    except BadInput as wrong:
        print(f"infra.capacity: {wrong}", file=sys.stderr)
        return BAD_INPUT
    print(_shown(plan, asked.format))
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m infra.capacity",
        description="What an audience asks of AWS, what saturates first, and what it costs.",
        epilog=f"Parameters: {', '.join(PARAMETERS)}. Quotas: {', '.join(QUOTAS)}.",
    )
    parser.add_argument("file", nargs="?", type=Path, help="JSON: audience, parameters, quotas")
    parser.add_argument("--viewers", help=f"of an evening like the page's; {VIEWERS:,} if no file")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--quota", action="append", default=[], metavar="NAME=VALUE")
    parser.add_argument("--format", choices=("table", "json", "svg"), default="table")
    parser.add_argument("--fill-in", action="store_true", help="write docs/scaling.md's part")
    return parser


def _plan(asked: argparse.Namespace) -> Plan:
    given: Mapping[str, Any] = read_file(asked.file) if asked.file else {}
    viewers = viewers_of(VIEWERS if asked.viewers is None else asked.viewers)
    audience = audience_of(given.get("audience", {}), viewers=viewers)
    bounds = bounds_of(given.get("parameters", {}), given.get("quotas", {}))
    return Plan(audience, bounds_of(assigned(asked.set), assigned(asked.quota), beside=bounds))


def _shown(plan: Plan, form: str) -> str:
    if form == "svg":
        return chart(plan)
    return json.dumps(values(plan), indent=1) if form == "json" else report(plan)


if __name__ == "__main__":
    sys.exit(main())
