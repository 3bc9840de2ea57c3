"""No test is skipped or expected to fail: each stands for something that is promised."""

import ast
from collections.abc import Iterator
from pathlib import Path

_TESTS = Path(__file__).parents[1]
_FORBIDDEN = {"skip", "skipif", "xfail", "importorskip", "SkipTest", "skipTest", "skipUnless"}


def _forbidden(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", None)
        if name in _FORBIDDEN:
            yield f"{name} in line {getattr(node, 'lineno', 0)}"


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    found = {
        str(file.relative_to(_TESTS)): list(_forbidden(file.read_text()))
        for file in _TESTS.rglob("*.py")
    }
    assert len(found) > 50
    assert not {file: lines for file, lines in found.items() if lines}


def test_a_skipped_test_would_be_found() -> None:
    assert list(_forbidden("import pytest\n@pytest.mark.skip\ndef test(): ...\n"))
    assert list(_forbidden("import pytest\npytest.importorskip('x')\n"))
