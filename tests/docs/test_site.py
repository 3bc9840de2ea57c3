"""The documentation's site: whole, searchable, and of this host alone."""

import json
import subprocess
import tomllib
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

import pytest

from infra.local.paths import ROOT
from infra.site.pages import page_names

PROJECT: Final = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
VERSION: Final = str(PROJECT["version"])
SITE: Final = ROOT / "dist" / "site"
ASKED_FOR: Final = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src")}
NOT_LOADED: Final = frozenset({"canonical", "prev", "next"})


class Page(HTMLParser):
    """What a page loads, where it links to, and what can be linked to."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.ids: set[str] = set()
        self.unstated: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        self.ids.add(given.get("id", ""))
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        if tag == "img" and not given.get("alt"):
            self.unstated.append(given.get("src", ""))
        if given.get("rel") not in NOT_LOADED:
            self.loads += [given[name] for kind, name in ASKED_FOR if kind == tag and name in given]


@pytest.fixture(scope="module")
def site() -> Path:
    subprocess.run(["make", "--silent", "site"], cwd=ROOT, check=True, capture_output=True)
    return SITE / VERSION


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, Page]:
    return {path: Page(path.read_text(encoding="utf-8")) for path in site.glob("*.html")}


def test_every_page_is_on_the_site(pages: dict[Path, Page]) -> None:
    wanted = {Path(name).stem for name in page_names().values() if name.endswith(".md")}
    assert {path.stem for path in pages} >= {*wanted, "http-api"}
    assert f"{VERSION}/index.html" in (SITE / "index.html").read_text()


def test_every_link_within_leads_somewhere(pages: dict[Path, Page]) -> None:
    for path, page in pages.items():
        for link in page.links:
            target = urlsplit(link)
            if target.scheme or path.name == "404.html":
                continue
            file = (path.parent / unquote(target.path)).resolve() if target.path else path
            assert file.exists(), f"{path.name}: {link}"
            if target.fragment and file in pages:
                assert unquote(target.fragment) in pages[file].ids, f"{path.name}: {link}"


def test_no_page_asks_another_host(site: Path, pages: dict[Path, Page]) -> None:
    loaded = {asked for page in pages.values() for asked in page.loads}
    assert loaded and not [asked for asked in loaded if urlsplit(asked).netloc]
    for style in site.rglob("*.css"):
        assert "url(http" not in style.read_text(encoding="utf-8"), style.name


def test_every_picture_has_a_text(pages: dict[Path, Page]) -> None:
    assert [found for page in pages.values() for found in page.unstated] == []
    for name in ("architecture", "sequence"):
        assert "<desc" in (ROOT / "docs" / f"{name}.svg").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("word", "page"),
    [
        ("slow_consumer", "reference.html"),
        ("/users/{user_id}/connections", "http-api.html"),
        ("useMatch", "with-react.html"),
        ("HostPage", "operations.html"),
    ],
)
def test_the_search_knows_the_words_of_pages(site: Path, word: str, page: str) -> None:
    index = json.loads((site / "search" / "search_index.json").read_text(encoding="utf-8"))
    found = [
        each["location"]
        for each in index["docs"]
        if word in each["title"] + each["text"].replace("<span>", "")
    ]
    assert any(location.startswith(page) for location in found), found


def test_llms_txt_lists_every_page_as_markdown(site: Path, pages: dict[Path, Page]) -> None:
    text = (site / "llms.txt").read_text(encoding="utf-8")
    assert text.startswith(f"# Scorecast {VERSION}\n\n> Live scores for every spectator")
    for path in pages:
        if path.name != "404.html":
            assert f"]({path.stem}.md)" in text
            assert (site / f"{path.stem}.md").exists()
