"""The README's promise: short, and every test that it names is there."""

import ast
import re
from pathlib import Path

from tests.docs.pages import section

ROOT = Path(__file__).parents[2]
LINES_MAX = 10


def _promised() -> list[str]:
    text = section((ROOT / "README.md").read_text(), "## The promise")
    return re.findall(r"`(test_\w+)` \|$", text, re.MULTILINE)


def _tests() -> set[str]:
    return {
        node.name
        for path in (ROOT / "tests").rglob("test_*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }


def test_the_promise_is_short_and_each_line_names_its_test() -> None:
    text = section((ROOT / "README.md").read_text(), "## The promise")
    lines = [line for line in text.splitlines() if line.startswith("| ") and "---" not in line][1:]
    assert 0 < len(lines) <= LINES_MAX
    assert len(_promised()) == len(lines)


def test_every_test_that_the_promise_names_is_there() -> None:
    assert set(_promised()) <= _tests()
