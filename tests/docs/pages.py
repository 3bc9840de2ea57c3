"""The pages of the documentation, as tests read them."""

import json
import re
from pathlib import Path
from typing import Any, Final

from infra.local.paths import ROOT

PAGES: Final = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
_LINK: Final = re.compile(r"\]\((?!https?:)([^)#\s]*)(#[^)\s]*)?\)")


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text(encoding="utf-8")


def section(text: str, heading: str) -> str:
    """What stands under a heading, its sub-headings included."""
    level = heading.split(" ")[0]
    start = text.index(f"\n{heading}\n") + 1
    end = re.search(rf"^#{{1,{len(level)}}} ", text[start + len(heading) :], re.MULTILINE)
    return text[start:] if end is None else text[start : start + len(heading) + end.start()]


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks of one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def json_examples(text: str) -> list[dict[str, Any]]:
    """The examples in JSON."""
    return [dict(json.loads(block)) for block in blocks(text, "json")]


def rows(text: str) -> list[list[str]]:
    """The cells of every row of every table, its backquotes and escapes as they are written."""
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if not set("".join(row)) <= set("- ")]


def words(cell: str) -> list[str]:
    """What stands in backquotes."""
    return re.findall(r"`([^`]+)`", cell)


def links(text: str) -> list[str]:
    """The files that a page links to, as it names them."""
    return [target for target, _ in _LINK.findall(text) if target]


def linked(source: Path, target: str) -> Path:
    return (source.parent / target).resolve()
