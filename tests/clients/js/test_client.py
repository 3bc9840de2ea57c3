"""The browser client: its own tests in Node, its types, and the package's content."""

import base64
import gzip
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from infra.local.build import BUNDLE_BUILT, make
from infra.local.paths import ROOT

CLIENT = ROOT / "clients" / "js"
TOOLS = Path(sys.executable).parent
CORE_BYTES_MAX = 6 * 1024
ADDITION_BYTES_MAX = 1_500
ADDITIONS = (
    "cells",
    "element",
    "official",
    "overflow",
    "publisher",
    "react",
    "react-native",
    "reducer",
    "scores",
    "standings",
    "store",
    "vue",
)
SCRIPT = "scorecast.iife.js"
CHECK_OPTIONS = ["--strict", "--noEmit", "--module", "nodenext", "--target", "es2022"]
CHECK_OPTIONS += ["--lib", "es2023,dom", "--types", "--skipLibCheck", "false", "--jsx", "react-jsx"]


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
    make(BUNDLE_BUILT)


@pytest.mark.parametrize("script", ["test", "test:bundle"])
def test_own_tests_pass_with_source_and_bundle(script: str) -> None:
    output = run(TOOLS / "npm", "run", "--silent", script)
    passed = re.search(r"^. pass (\d+)$", output, re.MULTILINE)
    assert passed is not None and int(passed[1]) > 0, output


def test_source_and_tests_have_strict_types() -> None:
    run(TOOLS / "npm", "run", "--silent", "check")
    assert json.loads((CLIENT / "tsconfig.json").read_text())["compilerOptions"]["strict"] is True


def gzipped_bytes(module: str) -> int:
    code = (CLIENT / "dist" / f"{module}.js").read_bytes()
    return len(gzip.compress(code, compresslevel=9))


def test_core_is_small() -> None:
    assert gzipped_bytes("index") <= CORE_BYTES_MAX


@pytest.mark.parametrize("module", ADDITIONS)
def test_addition_is_small(module: str) -> None:
    assert gzipped_bytes(module) <= ADDITION_BYTES_MAX


def test_every_entry_point_has_a_size_limit() -> None:
    package = json.loads((CLIENT / "package.json").read_text())
    assert package["exports"].keys() == {".", *(f"./{name}" for name in (*ADDITIONS, SCRIPT))}


def test_bundle_is_a_module_without_imports() -> None:
    code = (CLIENT / "dist" / "index.js").read_text()
    assert not re.search(r"\bimport\b|\brequire\(", code)
    script = "console.log(Object.keys(await import('@scorecast/client')).sort().join())"
    names = run(TOOLS / "node", "--input-type=module", "--eval", script)
    assert names.strip() == "AnswerTimeout,CommandRefused,ConnectionLost,browser,connect"


def test_connecting_fails_at_once_where_there_is_no_websocket() -> None:
    """As in Node 20. It was tried again for ever, as if there were no network."""
    connecting = (
        'try { connect({ url: "wss://host" }) } catch (error) { console.log(error.message) }'
    )
    script = f"import {{ connect }} from '@scorecast/client'; {connecting}"
    options = ("--no-experimental-websocket", "--input-type=module", "--eval", script)
    assert run(TOOLS / "node", *options).strip() == "WebSocket is not defined"


@pytest.mark.parametrize("module", ADDITIONS)
def test_addition_is_imported_where_there_is_no_document(module: str) -> None:
    script = f"console.log(Object.keys(await import('@scorecast/client/{module}')).length)"
    assert int(run(TOOLS / "node", "--input-type=module", "--eval", script)) > 0


def test_package_contains_bundle_types_and_licence() -> None:
    packed = json.loads(run(TOOLS / "npm", "pack", "--dry-run", "--json", "--ignore-scripts"))
    package = packed[0] if isinstance(packed, list) else next(iter(packed.values()))
    files = {file["path"] for file in package["files"]}
    declarations = {f"dist/{path.stem}.d.ts" for path in (CLIENT / "src").glob("*.ts")}
    modules = {f"dist/{name}.js" for name in ("index", *ADDITIONS)}
    modules |= {f"dist/{SCRIPT}", f"dist/{SCRIPT}.sri"}
    assert files == declarations | modules | {"LICENSE", "README.md", "package.json"}


def test_package_has_no_dependencies_and_existing_entry_points() -> None:
    package = json.loads((CLIENT / "package.json").read_text())
    assert not package.keys() & {"dependencies", "optionalDependencies"}
    assert package["private"] is True
    assert package["peerDependencies"].keys() == package["peerDependenciesMeta"].keys()
    assert all(peer["optional"] for peer in package["peerDependenciesMeta"].values())
    entry = package["exports"]["."]
    assert (entry["types"], entry["default"]) == (package["types"], package["main"])
    for each in package["exports"].values():
        for name in [each] if isinstance(each, str) else each.values():
            assert (CLIENT / name).is_file()
    assert package["license"] == "Apache-2.0"
    assert (CLIENT / "LICENSE").read_bytes() == (ROOT / "LICENSE").read_bytes()


def test_script_has_its_hash_and_a_global_name() -> None:
    script = CLIENT / "dist" / SCRIPT
    digest = base64.b64encode(hashlib.sha384(script.read_bytes()).digest()).decode()
    assert script.with_name(f"{SCRIPT}.sri").read_text().strip() == f"sha384-{digest}"
    names = "console.log(Object.keys(Scorecast).sort().join())"
    output = run(TOOLS / "node", "--eval", f"{script.read_text()};{names}")
    exported = {"LiveScore", "connect", "connectOrPoll", "matchStore", "official"}
    assert exported <= set(output.strip().split(","))


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """A project with the package installed."""
    installed = tmp_path / "node_modules" / "@scorecast" / "client"
    installed.mkdir(parents=True)
    shutil.copytree(CLIENT / "dist", installed / "dist")
    shutil.copy(CLIENT / "package.json", installed)
    for framework in ("react", "vue", "@vue", "@types", "csstype"):
        (tmp_path / "node_modules" / framework).symlink_to(CLIENT / "node_modules" / framework)
    (tmp_path / "package.json").write_text('{"type":"module"}')
    return tmp_path


def check_types(
    user: Path, code: str, name: str = "example.ts"
) -> subprocess.CompletedProcess[str]:
    (user / name).write_text(code)
    tsc = CLIENT / "node_modules" / ".bin" / "tsc"
    return subprocess.run(
        [TOOLS / "node", tsc, *CHECK_OPTIONS, name],
        cwd=user,
        capture_output=True,
        text=True,
        timeout=240,
    )


def test_readme_examples_have_valid_types(user: Path) -> None:
    readme = (CLIENT / "README.md").read_text()
    examples = re.findall(r"^```(tsx?)\n(.*?)^```", readme, re.MULTILINE | re.DOTALL)
    assert len(examples) == 7
    for language, example in examples:
        checked = check_types(user, example, f"example.{language}")
        assert checked.returncode == 0, checked.stdout


def test_examples_of_the_frameworks_pages_have_valid_types(user: Path) -> None:
    for module, fake in (
        ("react-native", "react-native"),
        ("@react-native-community/netinfo", "netinfo"),
    ):
        folder = user / "node_modules" / module
        folder.mkdir(parents=True)
        shutil.copy(CLIENT / "test" / "fakes" / f"{fake}.ts", folder / "index.ts")
        (folder / "package.json").write_text('{"types": "index.ts", "type": "module"}')
    pages = [ROOT / "docs" / f"with-{name}.md" for name in ("react", "react-native")]
    for page in pages:
        [example] = re.findall(r"^```tsx\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)
        checked = check_types(user, example, "example.tsx")
        assert checked.returncode == 0, checked.stdout


def test_wrong_use_is_a_type_error(user: Path) -> None:
    wrong = """
import { connect } from "@scorecast/client";
connect({ url: "wss://h/live" }).on("score_updated", (output) => output.participant3_score);
"""
    checked = check_types(user, wrong)
    assert checked.returncode != 0
    assert "participant3_score" in checked.stdout
