"""Mutation testing of the modules that decide: `python -m tests.mutation [module …]`.

mutmut changes one thing at a time and runs the unit tests of a copy under .local/mutation, whose
layout is the one that it understands. What runs at import or is cached has run before a mutant is
chosen, so each survivor gets all unit tests in an interpreter of its own. Prints the score of each
module and the survivors; fails under 85 % of all.
"""

import os
import re
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
FOLDER: Final = ROOT / ".local" / "mutation"
MUTMUT: Final = ROOT / ".venv" / "bin" / "mutmut"
SCORE_MIN: Final = 0.85

DECIDING: Final = (
    *(
        f"protocol.{name}"
        for name in ("messages", "parsing", "requirements", "shapes", "strict_json")
    ),
    *(
        f"domain.connections.{name}"
        for name in ("admission", "handshake", "identity", "idle", "rate_limit", "roles", "tokens")
    ),
    *(
        f"domain.matches.{name}"
        for name in ("changes", "match", "payloads", "scoring", "tournament", "window")
    ),
    *(f"domain.{name}" for name in ("delivery", "drift", "rooms")),
    *(
        f"http.{name}"
        for name in ("bodies", "caching", "problems", "request", "response", "routing")
    ),
    "aws.sqs.records",
)
_LEFT_OUT: Final = ("test_boundaries.py", "test_limits.py", "test_local_*.py")
"""Tests of the files' own text or of the local cloud, which the copy does not have."""
_CAUGHT: Final = frozenset({"killed", "timeout", "caught by type check", "segfault"})
_RESULT: Final = re.compile(r"\s*(scorecast\.([\w.]+)\.x\w*__mutmut_\d+): (.+?)\s*$")

_CONFIG: Final = """\
[tool.mutmut]
source_paths = ["scorecast"]
only_mutate = [{modules}]
also_copy = ["tests"]
pytest_add_cli_args_test_selection = ["tests/unit"]
max_children = {workers}

[tool.pytest.ini_options]
pythonpath = ["."]
addopts = "--import-mode=importlib"
"""


def _copy(modules: Iterable[str]) -> None:
    shutil.rmtree(FOLDER, ignore_errors=True)
    shutil.copytree(ROOT / "layers" / "core" / "scorecast", FOLDER / "scorecast")
    tests = FOLDER / "tests"
    ignored = shutil.ignore_patterns(*_LEFT_OUT, "__pycache__")
    for name in ("unit", "events", "harness"):
        shutil.copytree(ROOT / "tests" / name, tests / name, ignore=ignored)
    for name in ("conftest.py", "examples.py"):
        shutil.copy(ROOT / "tests" / name, tests / name)
    paths = ", ".join(f'"scorecast/{module.replace(".", "/")}.py"' for module in modules)
    config = _CONFIG.format(modules=paths, workers=os.cpu_count() or 1)
    (FOLDER / "pyproject.toml").write_text(config)


def _results() -> Iterator[tuple[str, str, bool]]:
    """Name, module, and whether the mutant was noticed."""
    command = [str(MUTMUT), "results", "--all", "true"]
    listed = subprocess.run(command, cwd=FOLDER, capture_output=True, text=True, check=True)
    for found in filter(None, map(_RESULT.match, listed.stdout.splitlines())):
        yield found[1], found[2], found[3] in _CAUGHT


def _is_noticed(mutant: str) -> bool:
    """By all unit tests, in an interpreter that imports the mutant."""
    command = [sys.executable, "-m", "pytest", "-x", "--quiet", "-p", "no:cacheprovider"]
    environ = os.environ | {"MUTANT_UNDER_TEST": mutant}
    run = subprocess.run(
        [*command, "tests/unit"], cwd=FOLDER / "mutants", env=environ, capture_output=True
    )
    return run.returncode != 0


def main() -> int:
    modules = sys.argv[1:] or DECIDING
    _copy(modules)
    subprocess.run([MUTMUT, "run"], cwd=FOLDER, check=True, stdout=subprocess.DEVNULL)
    results = list(_results())
    left = [name for name, _, is_caught in results if not is_caught]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        late = {
            name for name, noticed in zip(left, pool.map(_is_noticed, left), strict=True) if noticed
        }
    caught = Counter(module for name, module, is_caught in results if is_caught or name in late)
    number = Counter(module for _, module, _ in results)
    for module in modules:
        print(f"{module:14} {caught[module]:5} of {number[module]:5}")
    score = caught.total() / number.total()
    print(f"{score:.1%} of {number.total()} mutants were noticed; survivors:")
    print(*(name for name in left if name not in late), sep="\n")
    return 0 if score >= SCORE_MIN else 1


if __name__ == "__main__":
    sys.exit(main())
