"""Every static check at once, each with its time. Nothing is asked of the network."""

import json
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from infra.gate.translation import translated
from infra.local.paths import LOCAL, ROOT

_BIN: Final = ROOT / ".venv" / "bin"
_CHECKOV: Final = LOCAL / "gate" / "bin" / "checkov"
_FOLDER: Final = Path("infra/gate")
_TRANSLATED: Final = LOCAL / "run" / "template.json"
_AT_ONCE: Final = os.cpu_count() or 1


@dataclass(frozen=True)
class Check:
    name: str
    command: tuple[str | Path, ...]


@dataclass(frozen=True)
class Outcome:
    check: Check
    passed: bool
    output: str
    seconds: float


CHECKS: Final = (
    # The slowest first, so that the others fit in beside them.
    Check("mypy", (_BIN / "mypy",)),
    Check(
        "checkov",
        (_CHECKOV, "--config-file", _FOLDER / "checkov.yaml", "--file", _TRANSLATED),
    ),
    Check(
        "rules",
        (
            *(_BIN / "python", "-m", "pytest", "--quiet", "--no-header"),
            *("tests/template", "--ignore", "tests/template/test_build.py"),
        ),
    ),
    Check("cfn-lint", (_BIN / "cfn-lint", "template.yaml")),
    Check(
        "bandit",
        (
            *(_BIN / "bandit", "--quiet", "--configfile", _FOLDER / "bandit.yaml"),
            *("--recursive", "functions", "layers", "infra", "clients/python"),
        ),
    ),
    Check("ruff check", (_BIN / "ruff", "check")),
    Check("ruff format", (_BIN / "ruff", "format", "--check")),
)


def _run(check: Check) -> Outcome:
    started_s = time.monotonic()
    done = subprocess.run(
        check.command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    seconds = time.monotonic() - started_s
    return Outcome(check, done.returncode == 0, done.stdout, seconds)


def main() -> int:
    _TRANSLATED.parent.mkdir(parents=True, exist_ok=True)
    _TRANSLATED.write_text(json.dumps(translated(), indent=1))
    failed = 0
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        for outcome in pool.map(_run, CHECKS):
            verdict = "passed" if outcome.passed else "FAILED"
            print(f"{outcome.check.name:12} {verdict} in {outcome.seconds:.1f} s", flush=True)
            if not outcome.passed:
                print(outcome.output)
                failed += 1
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
