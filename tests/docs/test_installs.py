"""No document has its reader install a name from a registry: nothing of the project is in one."""

import json
import re
import tomllib
from pathlib import Path
from typing import Final

import pytest

from infra.local.paths import ROOT

FOLDERS: Final = (".github", "clients", "docs", "infra", "layers", "functions")
WRITTEN: Final = frozenset({".md", ".html", ".py", ".sh", ".ts", ".js", ".yaml", ".yml"})
GENERATED: Final = frozenset({"node_modules", "dist", "__pycache__"})
INSTALL: Final = re.compile(
    r"\b(?:pipx?|pip3|uv|npm|pnpm|yarn|bun|poetry)(?: pip)? (?:install|add|i) +([^\n`|;)]+)"
)
RUN: Final = re.compile(
    r"\b(?:npx|uvx|pnpm dlx|bunx)\s+(\S+)|https?://(?:unpkg|cdn|esm)\.[^\s\"'`)]+"
)
OTHERS: Final = re.compile(r"uv==\$UV_VERSION|uv==\{|boto3$|segno$")
"""What others publish: bootstrapping's tool, and what two commands need beside the client."""


def documents() -> list[Path]:
    found = [path for folder in FOLDERS for path in (ROOT / folder).rglob("*")]
    found += [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "Makefile"]
    return [
        path
        for path in found
        if (path.suffix in WRITTEN or path.name in ("Makefile", "bootstrap"))
        and path.is_file()
        and not GENERATED & set(path.relative_to(ROOT).parts)
    ]


def installed(text: str) -> list[str]:
    """What the commands in a text install, and what they run from a registry or a CDN."""
    words = [word.strip("\"'") for rest in INSTALL.findall(text) for word in rest.split()]
    names = [word for word in words if not word.startswith("-") and word not in ("\\", "&&")]
    return names + [found[0] for found in RUN.finditer(text)]


def is_file(name: str) -> bool:
    """Of a release or of a clone."""
    return name.startswith(("./", "../", "/", "dist/")) or OTHERS.match(name) is not None


def test_documents_install_files_and_folders_only() -> None:
    names = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in documents()
        for name in installed(path.read_text(encoding="utf-8"))
        if not is_file(name)
    }
    assert names == set()


@pytest.mark.parametrize(
    "text",
    [
        "`pip install scorecast-client`",
        'pip install "scorecast-client[verify]"',
        "npm install @scorecast/client",
        "pnpm add -D @scorecast/client",
        "npx scorecast",
        '<script src="https://unpkg.com/@scorecast/client">',
    ],
)
def test_a_name_from_a_registry_is_noticed(text: str) -> None:
    assert not all(map(is_file, installed(text)))


def test_nothing_is_published_by_mistake() -> None:
    """The names are not the project's in any registry until it owns them there."""
    package = json.loads((ROOT / "clients" / "js" / "package.json").read_text())
    assert package["private"] is True
    project = tomllib.loads((ROOT / "clients" / "python" / "pyproject.toml").read_text())["project"]
    assert "Private :: Do Not Upload" in project["classifiers"]
