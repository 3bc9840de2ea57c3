"""The packages in the lock files, and which of them are shipped to AWS or users. Pure."""

import json
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

CLIENT: Final = "scorecast-client"
SERVICE: Final = "scorecast"
NODE_MODULES: Final = "node_modules/"


@dataclass(frozen=True, order=True)
class Package:
    ecosystem: str
    """As OSV names it."""
    name: str
    version: str
    is_shipped: bool = False
    """False of what only develops, builds or tests."""

    def __str__(self) -> str:
        return f"{self.ecosystem}/{self.name}@{self.version}"


def python_packages(uv_lock: str) -> list[Package]:
    """The layer and the Python client, with what they need, are shipped."""
    listed = tomllib.loads(uv_lock)["package"]
    needs: dict[str, list[str]] = {}
    for each in listed:
        needs.setdefault(each["name"], []).extend(_names(each.get("dependencies", [])))
    [service] = [each for each in listed if each["name"] == SERVICE]
    shipped = _closure([CLIENT, *_names(service["dev-dependencies"]["layer"])], needs)
    return [
        Package("PyPI", each["name"], each["version"], is_shipped=each["name"] in shipped)
        for each in listed
        if "registry" in each["source"]
    ]


def npm_packages(package_lock: str) -> list[Package]:
    installed = json.loads(package_lock)["packages"].items()
    return [
        Package("npm", path.rpartition(NODE_MODULES)[2], each["version"], not each.get("dev"))
        for path, each in installed
        if path and not each.get("link")
    ]


def _names(dependencies: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    return (each["name"] for each in dependencies)


def _closure(roots: Iterable[str], needs: Mapping[str, Iterable[str]]) -> set[str]:
    found: set[str] = set()
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += needs.get(name, [])
    return found
