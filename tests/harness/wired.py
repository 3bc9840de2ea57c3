"""What `wiring` has made: found by its name, and forgotten."""

import pkgutil
from collections.abc import Collection, Iterator
from importlib import import_module
from types import ModuleType
from typing import Any

from scorecast import wiring

MODULES = [
    import_module(f"{wiring.__name__}.{each.name}")
    for each in pkgutil.iter_modules(wiring.__path__)
]


def place(name: str) -> ModuleType:
    """The module that makes a part."""
    [found] = [module for module in MODULES if name in vars(module)]
    return found


def forget(but: Collection[str] = ()) -> None:
    """Have every part made anew, as a cold start does."""
    for name, made in _made_once():
        if name not in but:
            made.cache_clear()


def _made_once() -> Iterator[tuple[str, Any]]:
    for module in MODULES:
        for name, made in vars(module).items():
            if hasattr(made, "cache_clear"):
                yield name, made
