"""What the Makefile builds again, and what the build says when it fails."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from infra.local.build import BUNDLE_BUILT, built_template, make
from infra.local.errors import LocalError
from infra.local.paths import ROOT

EARLY, LATE = 1_000_000, 2_000_000
TEMPLATE = str(built_template("x86_64").relative_to(ROOT))
BUNDLE = str(BUNDLE_BUILT.relative_to(ROOT))
LAYER_REQUIREMENTS = "layers/core/requirements.txt"
WHEELS = ".local/build/wheels/.checked"
SCOREBOARD_SOURCES = ("main.js", "catalogs/de.js", "parts/head.html")
INPUTS = (
    *((TEMPLATE, name) for name in ("template.yaml", "functions/connect.py", "uv.lock")),
    *((TEMPLATE, name) for name in ("layers/core/scorecast/limits.py", "functions")),
    *((TEMPLATE, f"infra/{name}.py") for name in ("wheels", "bytecode")),
    *((BUNDLE, f"clients/js/{name}") for name in ("src/index.ts", "src", "build.js")),
    *((BUNDLE, f"clients/js/{name}") for name in ("package.json", "tsconfig.types.json")),
    *((BUNDLE, f"clients/js/scoreboard/{name}") for name in SCOREBOARD_SOURCES),
    (BUNDLE, "clients/js/scoreboard"),
)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that was built after its sources were written."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    for _, name in INPUTS:
        if "." in name:
            touch(tmp_path / name, EARLY)
    for built in (LAYER_REQUIREMENTS, WHEELS, TEMPLATE, BUNDLE):
        touch(tmp_path / built, LATE)
    for folder in (path for path in tmp_path.rglob("*") if path.is_dir()):
        os.utime(folder, (EARLY, EARLY))
    return tmp_path


def touch(path: Path, at: int) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch()
    os.utime(path, (at, at))


def is_outdated(project: Path, target: str) -> bool:
    return subprocess.call(["make", "--question", "--silent", target], cwd=project) == 1


@pytest.mark.parametrize("target", [TEMPLATE, BUNDLE])
def test_unchanged_sources_are_not_built_again(project: Path, target: str) -> None:
    assert not is_outdated(project, target)


@pytest.mark.parametrize(("target", "name"), INPUTS)
def test_a_changed_source_is_built_again(project: Path, target: str, name: str) -> None:
    os.utime(project / name, (LATE + 1, LATE + 1))
    assert is_outdated(project, target)


@pytest.mark.parametrize("target", [TEMPLATE, BUNDLE])
def test_a_missing_output_is_built_again(project: Path, target: str) -> None:
    (project / target).unlink()
    assert is_outdated(project, target)


def test_python_bytecode_is_not_a_source(project: Path) -> None:
    touch(project / "functions" / "__pycache__" / "connect.pyc", LATE + 1)
    os.utime(project / "functions", (EARLY, EARLY))
    assert not is_outdated(project, TEMPLATE)


def test_a_failed_build_says_why() -> None:
    with pytest.raises(LocalError, match=r"The build failed:\n.*No rule to make target"):
        make(ROOT / "no-such-output")
