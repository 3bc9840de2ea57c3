import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"
PACKAGE = ROOT / "layers" / "core" / "scorecast"
OUTSIDE = {
    "boto3",
    "botocore",
    "ssl",
    "select",
    "aws_lambda_powertools",
    "os",
    "time",
    "random",
    "secrets",
    "uuid",
    "logging",
    "socket",
    "urllib.request",
    "scorecast.aws",
}
HEAVY = {"boto3", "botocore", "pydantic", "aws_lambda_powertools"}


def _imports(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{file.name}: imports are absolute"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _reaches(file: Path, modules: set[str]) -> set[str]:
    """Which of `modules` a file imports, or imports from."""
    imported = [f"{name}." for name in _imports(file)]
    return {module for module in modules if any(n.startswith(f"{module}.") for n in imported)}


def _files(folder: Path) -> list[Path]:
    found = sorted(folder.glob("*.py"))
    assert found
    return found


@pytest.mark.parametrize("file", _files(PACKAGE), ids=lambda file: file.stem)
def test_what_decides_reaches_for_nothing_outside(file: Path) -> None:
    assert _reaches(file, OUTSIDE) == set()


@pytest.mark.parametrize("file", _files(PACKAGE / "aws"), ids=lambda file: file.stem)
def test_what_performs_knows_no_function(file: Path) -> None:
    assert _reaches(file, {function.stem for function in _files(FUNCTIONS)}) == set()


@pytest.mark.parametrize("file", _files(FUNCTIONS), ids=lambda file: file.stem)
def test_functions_do_not_import_each_other(file: Path) -> None:
    assert _reaches(file, {function.stem for function in _files(FUNCTIONS)}) == set()


@pytest.mark.parametrize("file", _files(FUNCTIONS), ids=lambda file: file.stem)
def test_functions_reach_no_aws_service_past_the_package(file: Path) -> None:
    assert _reaches(file, {"boto3", "socket", "os"}) == set()


@pytest.mark.parametrize(
    "file", [*_files(PACKAGE), *_files(PACKAGE / "aws")], ids=lambda file: file.stem
)
def test_nobody_reads_the_environment_or_makes_a_client_at_import(file: Path) -> None:
    """The one composition root is `wiring`, and it does so when it is asked."""
    for statement in ast.parse(file.read_text()).body:
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Expr):
            source = ast.unparse(statement)
            assert "os.environ" not in source
            assert ".client(" not in source


def _loaded_by(function: str, then: str = "") -> set[str]:
    """The top-level modules that a fresh process holds after importing a function."""
    program = f"import json, sys, {function}\n{then}\nprint(json.dumps(sorted(sys.modules)))"
    path = f"{FUNCTIONS}:{PACKAGE.parent}"
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={"PYTHONPATH": path, "POWERTOOLS_METRICS_NAMESPACE": "S", "PATH": ""},
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in json.loads(done.stdout.splitlines()[-1])}


def test_the_authorizer_starts_without_anything_heavy() -> None:
    assert not _loaded_by("authorizer") & HEAVY


@pytest.mark.parametrize("function", [file.stem for file in _files(FUNCTIONS)])
def test_nobody_pays_for_pydantic(function: str) -> None:
    use = "from scorecast.aws.telemetry import count, log\nlog().info('x')\ncount(X=1)"
    assert "pydantic" not in _loaded_by(function, use)
    wiring = f"import {function}\nfrom scorecast.aws import conversation, reception, emission"
    assert "pydantic" not in _loaded_by(function, wiring)


def test_only_the_api_imports_the_bodies() -> None:
    importers = [
        file.stem
        for file in [*_files(FUNCTIONS), *_files(PACKAGE), *_files(PACKAGE / "aws")]
        if _reaches(file, {"scorecast.registration"})
    ]
    assert importers == ["api"]
