"""What the quickstarts say about the template and the clients. Their blocks: tests/e2e."""

import re
import tomllib
from pathlib import Path
from typing import Any, Final

import pytest

from infra import template as source
from infra.local.paths import ROOT
from tests.docs.pages import PAGES, blocks, linked, page, rows, section, words

PLATFORM: Final = page("quickstart-platform.md")
INTERFACE: Final = (ROOT / "clients" / "js" / "src" / "interface.ts").read_text()
ZSH_OWN: Final = re.compile(r"(?<![\w-])(path|status|argv|options|prompt)=")
"""`path=` empties PATH; `status=` is an error."""
GNU_ONLY: Final = re.compile(
    r"date\s[^|\n]*(%\d?N|\s-d\b|--)|sed -i\b|readlink -f|base64 -w|xargs -r"
)
COMMENT: Final = re.compile(r"(?:^|\s)#\s", re.MULTILINE)
ANCHORED: Final = re.compile(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)")


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return source.written()


def test_the_page_has_every_output_of_the_stack(template: dict[str, Any]) -> None:
    told = [name for row in rows(section(PLATFORM, "## In your account")) for name in words(row[0])]
    assert sorted(told) == sorted(template["Outputs"])


def test_an_environment_is_a_section_of_samconfig() -> None:
    sections = tomllib.loads((ROOT / "samconfig.toml").read_text())
    (sentence,) = re.findall(r"`ENV` names a section of `samconfig.toml`: (.+)\. At", PLATFORM)
    assert words(sentence) == [each for each in sections if each not in ("version", "local")]
    assert sections["dev"]["global"]["parameters"]["stack_name"] == "scorecast-dev"


def test_the_dashboard_has_the_names_of_stack_and_region() -> None:
    dashboard = source.nested("Observability")["Resources"]["Dashboard"]["Properties"]
    assert dashboard["DashboardName"] == {"Fn::Sub": "${StackName}-${AWS::Region}"}
    titles = re.findall(r'"title": "([^"]+)"', dashboard["DashboardBody"]["Fn::Sub"])
    assert "Messages" in titles and titles[0] == "Alarms"


def test_every_phase_of_a_connection_is_explained() -> None:
    (declared,) = re.findall(r"export type Phase = (.+);", INTERFACE)
    table = rows(section(page("quickstart-front-end.md"), "## What a status means"))
    assert [words(row[0]) for row in table[1:]] == [
        [each] for each in re.findall(r'"(\w+)"', declared)
    ]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_shell_blocks_run_in_zsh_and_on_macos_too(path: Path) -> None:
    for block in blocks(path.read_text(encoding="utf-8"), "sh"):
        assert not ZSH_OWN.search(block), "zsh keeps this variable for itself"
        assert not GNU_ONLY.search(block), "BSD's tool has no such option"
        assert not COMMENT.search(block), "zsh takes a pasted comment for arguments"


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_link_to_a_heading_leads_to_one(path: Path) -> None:
    for target, anchor in ANCHORED.findall(path.read_text(encoding="utf-8")):
        there = linked(path, target) if target else path
        assert anchor in anchors(there.read_text(encoding="utf-8")), f"{target}#{anchor}"


def anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
