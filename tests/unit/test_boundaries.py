import ast
import json
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FUNCTIONS = ROOT / "functions"
PACKAGE = ROOT / "layers" / "core" / "scorecast"
FLOORS = {
    "protocol": 0,
    "domain": 1,
    "runtime": 2,
    "aws": 3,
    "app": 4,
    "http": 5,
    "wiring": 6,
}
"""Each package imports from floors below its own, and from itself."""
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
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
LAYER = {each.partition(">=")[0] for each in PROJECT["dependency-groups"]["layer"]}
PACKAGES = packages_distributions()
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
    found = sorted(folder.rglob("*.py"))
    assert found
    return found


def _name(file: Path) -> str:
    return ".".join(file.relative_to(PACKAGE).with_suffix("").parts)


def _package(name: str) -> str:
    return name.partition(".")[0]


MODULES = [file for file in _files(PACKAGE) if file.parent != PACKAGE]


@pytest.mark.parametrize("file", MODULES, ids=_name)
def test_imports_go_down(file: Path) -> None:
    own = _package(_name(file))
    imported = {
        _package(name.removeprefix("scorecast."))
        for name in _imports(file)
        if name.startswith("scorecast.")
    }
    assert {each for each in imported if each != own and FLOORS[each] >= FLOORS[own]} == set()


@pytest.mark.parametrize("file", [*_files(PACKAGE), *_files(FUNCTIONS)], ids=lambda file: file.stem)
def test_everything_imported_is_in_the_layer_or_the_runtime(file: Path) -> None:
    """The local cloud does not show what is missing: its own Python has more packages."""
    modules = {_package(name) for name in _imports(file)} - sys.stdlib_module_names - {"scorecast"}
    imported = {module for module in modules if not module.startswith("types_boto3")}
    packages = {PACKAGES[module][0].lower().replace("_", "-") for module in imported}
    assert packages <= LAYER | {"boto3", "botocore"}


@pytest.mark.parametrize(
    "file", [file for file in MODULES if FLOORS[_package(_name(file))] < 2], ids=_name
)
def test_protocol_and_domain_are_pure(file: Path) -> None:
    assert _reaches(file, OUTSIDE) == set()


@pytest.mark.parametrize("file", MODULES, ids=_name)
def test_no_module_imports_a_function(file: Path) -> None:
    assert _reaches(file, {function.stem for function in _files(FUNCTIONS)}) == set()


@pytest.mark.parametrize("file", _files(FUNCTIONS), ids=lambda file: file.stem)
def test_functions_do_not_import_each_other(file: Path) -> None:
    assert _reaches(file, {function.stem for function in _files(FUNCTIONS)}) == set()


@pytest.mark.parametrize("file", _files(FUNCTIONS), ids=lambda file: file.stem)
def test_functions_reach_no_aws_service_past_the_package(file: Path) -> None:
    assert _reaches(file, {"boto3", "socket", "os"}) == set()


@pytest.mark.parametrize("file", MODULES, ids=_name)
def test_imports_read_no_environment_and_make_no_client(file: Path) -> None:
    """The one composition root is `wiring`, and it does so when it is asked."""
    for statement in ast.parse(file.read_text()).body:
        if not isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.Expr):
            source = ast.unparse(statement)
            assert "os.environ" not in source
            assert ".client(" not in source


@pytest.mark.parametrize("file", _files(FUNCTIONS), ids=lambda file: file.stem)
def test_a_function_loads_only_the_wiring_that_it_uses(file: Path) -> None:
    wiring = PACKAGE / "wiring"
    imported = [name for name in _imports(file) if name.startswith("scorecast.wiring.")]
    assert imported, "it names the modules, not the package"
    source = file.read_text()
    assert {name for name in imported if f"{name.rpartition('.')[2]}." not in source} == set()
    assert list(_imports(wiring / "__init__.py")) == [], "importing one module would import all"


def _loaded_by(function: str, then: str = "") -> set[str]:
    """The top-level modules that a fresh process holds after importing a function."""
    program = f"import json, sys, {function}\n{then}\nprint(json.dumps(sorted(sys.modules)))"
    path = f"{FUNCTIONS}:{PACKAGE.parent}:{ROOT}"
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
def test_only_functions_that_parse_load_pydantic(function: str) -> None:
    use = "from scorecast.runtime.telemetry import count, log\nlog().info('x')\ncount(X=1)\n"
    use += "from scorecast.app import flush, subscribe, welcome"
    assert ("pydantic" in _loaded_by(function, use)) is (function == "message")


def test_the_api_loads_pydantic_with_the_first_body() -> None:
    use = "from scorecast.http.bodies import read\n"
    use += "from scorecast.protocol.commands import MatchStart\n"
    use += "from tests.unit.http_requests import request\nread((MatchStart,), request('{}'), {})"
    assert "pydantic" in _loaded_by("api", use)
