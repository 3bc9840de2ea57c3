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
BASH_ONLY: Final = re.compile(r"\$\{!|\$\{\w+(\^|,)|\bread -\w*p|\b(mapfile|readarray|shopt)\b")
QUOTED: Final = re.compile(r"'[^']*'|\"(?:[^\"\\]|\\.)*\"")
PATTERN: Final = re.compile(r"[\w/.]\?|\w\[\w")
"""An address with a query, or a package's extra: zsh looks for files of such names."""
GNU_ONLY: Final = re.compile(
    r"date\s[^|\n]*(%\d?N|-d\b|--)|sed -i\b|readlink -f|base64 -w|xargs -r|grep -\w*P|stat -c"
    r"|\b(sha256sum|md5sum|nproc|tac|timeout)\s"
)
SHELL_PAGES: Final = (*PAGES, *sorted((ROOT / "clients").glob("*/README.md")))
COMMENT: Final = re.compile(r"(?:^|\s)#\s", re.MULTILINE)
ANCHORED: Final = re.compile(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)")


@pytest.fixture(scope="module")
def template() -> dict[str, Any]:
    return source.written()


def test_the_page_has_every_output_of_the_stack(template: dict[str, Any]) -> None:
    stated = [
        name for row in rows(section(PLATFORM, "## In your account")) for name in words(row[0])
    ]
    assert sorted(stated) == sorted(template["Outputs"])


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


@pytest.mark.parametrize("path", SHELL_PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_shell_blocks_run_in_zsh_and_on_macos_too(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert not blocks(text, "(?:bash|shell|console|zsh)"), "write sh, which is checked"
    assert [obstacle(block) for block in blocks(text, "sh") if obstacle(block)] == []


def obstacle(block: str) -> str | None:
    """What keeps a block from running in zsh, or on macOS."""
    unquoted = QUOTED.sub("''", block)
    for pattern, text, reason in (
        (ZSH_OWN, block, "zsh keeps this variable for itself"),
        (BASH_ONLY, block, "bash alone knows this"),
        (PATTERN, unquoted, "zsh takes it for a pattern: quote it"),
        (GNU_ONLY, block, "BSD's tool has no such option"),
        (COMMENT, block, "zsh takes a pasted comment for arguments"),
    ):
        if found := pattern.search(text):
            return f"{found[0]!r}: {reason}"
    return None


@pytest.mark.parametrize(
    "line",
    [
        "date +%s%3N",
        "date -d yesterday +%s",
        "date --iso-8601",
        "sed -i s/a/b/ file",
        "readlink -f .",
        "base64 -w0 file",
        "grep -oP x file",
        "sha256sum file",
        "timeout 5 make dev",
        "path=$2",
        "status=$?",
        "read -rp 'Name: ' name",
        'echo "${name^^}" "${!name}"',
        "pip install ./clients/python[verify]",
        "curl $SCORECAST_HTTP/matches?state=live",
        "make dev # starts it",
    ],
)
def test_a_line_that_another_shell_refuses_is_noticed(line: str) -> None:
    assert obstacle(f"cd scorecast\n{line}\n")


@pytest.mark.parametrize(
    "line",
    [
        "date +%s",
        "shasum -a 256 -c SHA256SUMS",
        "pip install './clients/python[verify]'",
        'curl "$SCORECAST_HTTP/matches?state=live"',
        "pip install ./scorecast_client-*.whl",
        "--details '{\"minute\": 37}'",
    ],
)
def test_a_line_for_every_shell_passes(line: str) -> None:
    assert obstacle(line) is None


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_a_link_to_a_heading_leads_to_one(path: Path) -> None:
    for target, anchor in ANCHORED.findall(path.read_text(encoding="utf-8")):
        there = linked(path, target) if target else path
        assert anchor in anchors(there.read_text(encoding="utf-8")), f"{target}#{anchor}"


def anchors(text: str) -> set[str]:
    """As GitHub makes them of headings."""
    titles = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title.lower()).replace(" ", "-") for title in titles}
