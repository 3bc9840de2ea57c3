"""What the simulator can claim, read from its source: the texts of all its violations."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

_FOLDER: Final = Path(__file__).parents[1]
_CLAIMING: Final = frozenset({"fail", "Violation"})


def patterns() -> dict[str, str]:
    """For each claim a pattern that its texts match, by the place that makes it."""
    return {
        f"{path.name}:{call.lineno}": _pattern(call.args[0])
        for path in sorted(_FOLDER.glob("*.py"))
        for call in _claims(ast.parse(path.read_text()))
    }


def _claims(module: ast.Module) -> Iterator[ast.Call]:
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and node.args and _name(node.func) in _CLAIMING:
            if isinstance(node.args[0], (ast.JoinedStr, ast.Constant)):
                yield node


def _name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _pattern(text: ast.expr) -> str:
    if isinstance(text, ast.Constant):
        return re.escape(str(text.value))
    assert isinstance(text, ast.JoinedStr)
    parts = [
        re.escape(str(part.value)) if isinstance(part, ast.Constant) else ".*"
        for part in text.values
    ]
    return "".join(parts)
