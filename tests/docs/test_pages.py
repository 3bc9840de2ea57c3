"""The pages as a whole: their links lead somewhere, their commands and examples are real."""

import ast
import importlib
import json
import re
from pathlib import Path

import pytest

from infra.local.paths import ROOT
from infra.local.ports import CLOUD_PORT, PAGE_PORT
from tests.docs.pages import PAGES, blocks, linked, links, page, rows, section, words


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_a_link_to_a_file_leads_to_one(path: Path) -> None:
    targets = links(path.read_text(encoding="utf-8"))
    assert [target for target in targets if not linked(path, target).exists()] == []


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_an_example_in_python_compiles_and_finds_what_it_imports(path: Path) -> None:
    for block in blocks(path.read_text(encoding="utf-8"), "python"):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.ImportFrom):
                module = importlib.import_module(str(node.module))
                assert [each.name for each in node.names if not hasattr(module, each.name)] == []
            elif isinstance(node, ast.Import):
                for each in node.names:
                    importlib.import_module(each.name)


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_an_example_in_json_is_json(path: Path) -> None:
    for block in blocks(path.read_text(encoding="utf-8"), "json"):
        json.loads(block)


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_a_make_command_is_a_target(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    text = path.read_text(encoding="utf-8")
    asked = set(re.findall(r"(?:^|`)make ([a-z]+)", text, re.MULTILINE))
    assert asked <= targets


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_a_page_names_folders_and_files_that_there_are(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"`((?:functions|layers|infra|tests|docs|clients)/[\w./-]*)`", text)
    assert [name for name in found if not (ROOT / name).exists()] == []


def test_what_the_design_names_in_brackets_is_in_the_code() -> None:
    """Modules, functions, and methods as `module.method`."""
    folders = (ROOT / "layers" / "core" / "scorecast", ROOT / "functions")
    files = {path.stem: path for folder in folders for path in folder.rglob("*.py")}
    inside = re.findall(r"\(((?:`[a-z_.]+`(?:, )?)+)[);:]", page("design.md"))
    for name in {word for each in inside for word in words(each)}:
        module, _, method = name.partition(".")
        assert module in files or f"def {module}(" in files["matches"].read_text(), name
        if method:
            homes = [path for folder in folders for path in folder.rglob(f"{module}.py")]
            assert any(f"def {method}(" in path.read_text() for path in homes), name


def test_the_local_ports_are_those_of_the_page() -> None:
    stated = {
        words(row[0])[0]: row[1]
        for row in rows(section(page("local.md"), "## Commands"))
        if words(row[0])
    }
    assert (stated["PORT"], stated["PAGE_PORT"]) == (str(CLOUD_PORT), str(PAGE_PORT))


def test_the_emulator_compared_is_the_one_that_is_locked() -> None:
    [version] = re.findall(r"ministack\[full\]==([\d.]+)", (ROOT / "pyproject.toml").read_text())
    assert f"MiniStack {version}" in page("local.md")
