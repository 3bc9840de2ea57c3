"""What the protocol's modules say about their fields, members and constants: the text below each.

Python drops such text at import, so it is read from the source.
"""

import ast
import inspect
import sys
from collections.abc import Iterator
from enum import Enum
from functools import cache
from itertools import pairwise
from types import ModuleType, get_original_bases


def of_fields(shape: type) -> dict[str, str]:
    """By field of a dataclass or typed dictionary, inherited ones included."""
    found: dict[str, str] = {}
    for base in get_original_bases(shape):
        if base.__module__.startswith("scorecast."):
            found |= of_fields(base)
    return found | _of_class(shape)


def of_members[E: Enum](enumeration: type[E]) -> dict[E, str]:
    texts = _of_class(enumeration)
    return {member: texts[member.name] for member in enumeration}


def of_constants(module: ModuleType) -> dict[str, str]:
    return dict(_texts(_tree(module).body))


@cache
def _tree(module: ModuleType) -> ast.Module:
    return ast.parse(inspect.getsource(module))


def _of_class(described: type) -> dict[str, str]:
    for statement in _tree(sys.modules[described.__module__]).body:
        if isinstance(statement, ast.ClassDef) and statement.name == described.__name__:
            return dict(_texts(statement.body))
    return {}


def _texts(statements: list[ast.stmt]) -> Iterator[tuple[str, str]]:
    for statement, after in pairwise(statements):
        match statement, after:
            case (
                (ast.AnnAssign(target=ast.Name(id=name)) | ast.Assign(targets=[ast.Name(id=name)])),
                ast.Expr(value=ast.Constant(value=str(text))),
            ):
                yield name, " ".join(text.split())
