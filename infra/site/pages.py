"""The repository's pages as the site has them: under names of their own, their links with them."""

import re
from pathlib import Path
from typing import Final

from infra.local.paths import ROOT

DOCS: Final = ROOT / "docs"
ELSEWHERE: Final = {
    "README.md": "index.md",
    "CHANGELOG.md": "changelog.md",
    "SECURITY.md": "reporting.md",
    "clients/js/README.md": "client-javascript.md",
    "clients/python/README.md": "client-python.md",
}
FILES: Final = ("infra/deployer-policy.json",)
COPIED: Final = frozenset({".png", ".svg", ".json"})
_LINK: Final = re.compile(r"(\]\()(?![a-z]+:|#)([^)#\s]+)(#[^)\s]*)?\)")
_FENCE: Final = re.compile(r"^```(\w+) ([\w./-]+)$", re.MULTILINE)


def page_names() -> dict[Path, str]:
    """What each page, and each file that pages show or link to, is called on the site."""
    names = {path: path.name for path in sorted(DOCS.glob("*.md"))}
    names |= {path: path.name for path in DOCS.iterdir() if path.suffix in COPIED}
    names |= {ROOT / name: page for name, page in ELSEWHERE.items()}
    return names | {ROOT / name: Path(name).name for name in FILES}


def site_page(source: Path, names: dict[Path, str]) -> str:
    """The page's text, its links as on the site. A link to what the site lacks is a `KeyError`."""

    def relinked(found: re.Match[str]) -> str:
        target = (source.parent / found[2]).resolve()
        return f"{found[1]}{names[target]}{found[3] or ''})"

    text = _LINK.sub(relinked, source.read_text(encoding="utf-8"))
    return _FENCE.sub(r'```\1 title="\2"', text)


def title(text: str) -> str:
    return text.removeprefix("# ").partition("\n")[0]


def summary(text: str) -> str:
    """The first sentence below the title."""
    paragraph = re.split(r"\n\s*\n", text.strip())[1]
    plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", " ".join(paragraph.split()))
    return re.split(r"(?<=[.:])\s", plain)[0].rstrip(":")
