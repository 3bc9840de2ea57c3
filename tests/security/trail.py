"""Which branches of some modules a run has taken, at next to no cost once all are known.

Python's own monitoring calls back for every branch; one whose two ways have both been seen is not
watched any more.
"""

import sys
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

_TOOL: Final = 4
_EVENT: Final = sys.monitoring.events.BRANCH

type Branch = tuple[types.CodeType, int]


class Trail:
    """`news` counts the ways taken for the first time."""

    def __init__(self) -> None:
        self.news = 0
        self._ways: dict[Branch, set[int]] = {}

    def note(self, code: types.CodeType, offset: int, destination: int) -> Any:
        ways = self._ways.setdefault((code, offset), set())
        if destination not in ways:
            ways.add(destination)
            self.news += 1
        return sys.monitoring.DISABLE if len(ways) > 1 else None

    def one_sided(self) -> int:
        """Branches of which only one way has been taken."""
        return sum(len(ways) == 1 for ways in self._ways.values())


@contextmanager
def followed(*modules: types.ModuleType) -> Iterator[Trail]:
    trail = Trail()
    watched = [code for module in modules for code in _codes_of(module)]
    sys.monitoring.use_tool_id(_TOOL, "scorecast messages")
    sys.monitoring.register_callback(_TOOL, _EVENT, trail.note)
    for code in watched:
        sys.monitoring.set_local_events(_TOOL, code, _EVENT)
    sys.monitoring.restart_events()
    try:
        yield trail
    finally:
        for code in watched:
            sys.monitoring.set_local_events(_TOOL, code, 0)
        sys.monitoring.register_callback(_TOOL, _EVENT, None)
        sys.monitoring.free_tool_id(_TOOL)


def _codes_of(module: types.ModuleType) -> Iterator[types.CodeType]:
    for value in vars(module).values():
        function = getattr(value, "__wrapped__", value)
        if isinstance(function, types.FunctionType) and function.__module__ == module.__name__:
            yield from _nested_codes(function.__code__)


def _nested_codes(code: types.CodeType) -> Iterator[types.CodeType]:
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _nested_codes(constant)
