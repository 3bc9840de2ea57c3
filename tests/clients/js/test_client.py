"""The browser client: its own tests in Node, its types, and what would be published."""

import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.bundle import bundle
from infra.local.paths import ROOT

CLIENT = ROOT / "clients" / "js"
TOOLS = Path(sys.executable).parent
GZIPPED_BYTES_MAX = 6 * 1024
CHECK_OPTIONS = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022"]
CHECK_OPTIONS += ["--lib", "es2023,dom", "--types", "--skipLibCheck", "false"]


def run(*command: str | Path, cwd: Path = CLIENT) -> str:
    ran = subprocess.run(
        command,
        cwd=cwd,
        env=os.environ | {"PATH": f"{TOOLS}{os.pathsep}{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.fixture(scope="module", autouse=True)
def built() -> None:
    bundle()


@pytest.mark.parametrize("script", ["test", "test:bundle"])
def test_its_own_tests_pass_with_the_source_and_with_the_bundle(script: str) -> None:
    told = run(TOOLS / "npm", "run", "--silent", script)
    passed = re.search(r"^. pass (\d+)$", told, re.MULTILINE)
    assert passed is not None and int(passed[1]) > 0, told


def test_source_and_tests_are_of_strict_types() -> None:
    run(TOOLS / "npm", "run", "--silent", "check")
    assert json.loads((CLIENT / "tsconfig.json").read_text())["compilerOptions"]["strict"] is True


def test_the_bundle_is_small() -> None:
    code = (CLIENT / "dist" / "index.js").read_bytes()
    assert len(gzip.compress(code, compresslevel=9)) < GZIPPED_BYTES_MAX


def test_the_bundle_is_a_module_that_imports_nothing() -> None:
    code = (CLIENT / "dist" / "index.js").read_text()
    assert not re.search(r"\bimport\b|\brequire\(", code)
    tell = "console.log(Object.keys(await import('@scorecast/client')).sort().join())"
    names = run(TOOLS / "node", "--input-type=module", "--eval", tell)
    assert names.strip() == "AnswerTimeout,CommandRefused,ConnectionLost,connect"


def test_what_would_be_published_is_the_bundle_its_types_and_the_licence() -> None:
    told = json.loads(run(TOOLS / "npm", "pack", "--dry-run", "--json", "--ignore-scripts"))
    package = told[0] if isinstance(told, list) else next(iter(told.values()))
    files = {file["path"] for file in package["files"]}
    declarations = {f"dist/{path.stem}.d.ts" for path in (CLIENT / "src").glob("*.ts")}
    assert files == declarations | {"dist/index.js", "LICENSE", "README.md", "package.json"}


def test_the_package_has_no_dependencies_and_names_files_that_there_are() -> None:
    package = json.loads((CLIENT / "package.json").read_text())
    assert not package.keys() & {"dependencies", "peerDependencies", "optionalDependencies"}
    entry = package["exports"]["."]
    assert (entry["types"], entry["default"]) == (package["types"], package["main"])
    for name in entry.values():
        assert (CLIENT / name).is_file()
    assert package["license"] == "Apache-2.0"
    assert (CLIENT / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """A project that has installed the package."""
    installed = tmp_path / "node_modules" / "@scorecast" / "client"
    installed.mkdir(parents=True)
    shutil.copytree(CLIENT / "dist", installed / "dist")
    shutil.copy(CLIENT / "package.json", installed)
    (tmp_path / "package.json").write_text('{"type":"module"}')
    return tmp_path


def check_types(user: Path, code: str) -> subprocess.CompletedProcess[str]:
    (user / "example.ts").write_text(code)
    tsc = CLIENT / "node_modules" / ".bin" / "tsc"
    return subprocess.run(
        [TOOLS / "node", tsc, *CHECK_OPTIONS, "example.ts"],
        cwd=user,
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_the_examples_of_the_readme_are_of_the_packages_types(user: Path) -> None:
    examples = re.findall(r"^```ts\n(.*?)^```", (CLIENT / "README.md").read_text(), re.M | re.S)
    assert len(examples) == 2
    for example in examples:
        checked = check_types(user, example)
        assert checked.returncode == 0, checked.stdout


def test_a_wrong_use_is_an_error_of_types(user: Path) -> None:
    wrong = """
import { connect } from "@scorecast/client";
connect({ url: "wss://h/live" }).on("score_updated", (told) => told.participant3_score);
"""
    checked = check_types(user, wrong)
    assert checked.returncode != 0
    assert "participant3_score" in checked.stdout
