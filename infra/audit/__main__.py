"""`python -m infra.audit [--save]`: 1 if something that is shipped has a known vulnerability.

It asks OSV. Without a network it uses the answer that `--save` has kept, says from which day it is,
and what it does not cover; under CI, where there is a network, that is an error.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import httpx

from infra.audit.locked import Package, npm_packages, python_packages
from infra.audit.osv import TIMEOUT_SECONDS, Answer, ask

ROOT: Final = Path(__file__).resolve().parents[2]
SAVED: Final = ROOT / "infra" / "data" / "advisories.json"
PYTHON_LOCK: Final = ROOT / "uv.lock"
NPM_LOCKS: Final = tuple(
    ROOT / folder / "package-lock.json"
    for folder in ("clients/js", "tests/browser", "tests/docs", "tests/http")
)
SAVED_DAYS_MAX: Final = 30
VULNERABLE, NOT_ASKED = 1, 2


def main(arguments: Sequence[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    packages = locked()
    today = datetime.now(UTC).date()
    try:
        with httpx.Client(timeout=TIMEOUT_SECONDS) as http:
            answer = ask(http, packages, today)
    except (httpx.HTTPError, ValueError, KeyError) as error:
        print(f"audit: OSV was not asked ({type(error).__name__}).", file=sys.stderr)
        return audit_offline(packages, read_saved(), today, is_ci="CI" in os.environ)
    if options.save:
        SAVED.write_text(answer.to_json(), encoding="utf-8")
    return report(packages, answer)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.audit", description=__doc__)
    parser.add_argument("--save", action="store_true", help=f"keep the answer in {SAVED.name}")
    return parser


def locked() -> list[Package]:
    found = python_packages(PYTHON_LOCK.read_text(encoding="utf-8"))
    for lock in NPM_LOCKS:
        # What tests install reaches nobody, whatever its lock file says.
        named = npm_packages(lock.read_text(encoding="utf-8"))
        is_client = lock == NPM_LOCKS[0]
        found += [
            Package(each.ecosystem, each.name, each.version, each.is_shipped and is_client)
            for each in named
        ]
    # Of one that is locked twice, the one that is shipped counts.
    return list({str(each): each for each in sorted(found)}.values())


def read_saved() -> Answer | None:
    return Answer.from_json(SAVED.read_text(encoding="utf-8")) if SAVED.exists() else None


def audit_offline(
    packages: Sequence[Package], saved: Answer | None, today: date, *, is_ci: bool
) -> int:
    """What a kept answer says, and what it leaves open."""
    code = report(packages, saved) if saved else 0
    gaps = list(_gaps(packages, saved, today))
    for gap in gaps:
        print(f"audit: {gap}", file=sys.stderr)
    return code or (NOT_ASKED if is_ci and gaps else 0)


def _gaps(packages: Sequence[Package], saved: Answer | None, today: date) -> Iterator[str]:
    if saved is None:
        yield f"NOTHING WAS AUDITED: there is no {SAVED.name} of an earlier answer either."
        return
    age_days = (today - saved.asked_on).days
    if age_days > SAVED_DAYS_MAX:
        yield f"the kept answer is {age_days} days old: ask again where there is a network."
    if unknown := [str(each) for each in packages if str(each) not in saved.advisories]:
        yield f"{len(unknown)} packages are not in the kept answer: {', '.join(unknown[:5])} …"


def report(packages: Sequence[Package], answer: Answer) -> int:
    """Print every advisory; only one of something shipped is a failure."""
    vulnerable = [each for each in packages if answer.advisories.get(str(each))]
    for each in vulnerable:
        kind = "shipped" if each.is_shipped else "a tool"
        for advisory in answer.advisories[str(each)]:
            print(f"{each} ({kind}): https://osv.dev/vulnerability/{advisory}")
    asked = sum(str(each) in answer.advisories for each in packages)
    shipped = sum(each.is_shipped for each in vulnerable)
    print(
        f"audit: {asked} packages, as of {answer.asked_on}: {shipped} that are shipped have"
        f" known vulnerabilities, and {len(vulnerable) - shipped} tools"
    )
    return VULNERABLE if shipped else 0


if __name__ == "__main__":
    sys.exit(main())
