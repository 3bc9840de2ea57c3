"""The page's own tests, which run in Node, and checks of its files without a browser."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
NODE = Path(sys.executable).parent / "node"
PAGE = ROOT / "clients" / "js" / "scoreboard"
PURE = {
    "bracket",
    "command-log",
    "connection-status",
    "error-messages",
    "i18n",
    "labels",
    "live-slots",
    "match-filter",
    "match-groups",
    "play",
    "play-labels",
    "structure",
    "teams",
    "timeline",
    "token-claims",
    "trace",
}
OUTER = re.compile(r"\b(document|window|fetch|Date\.now|Math\.random|setTimeout|sessionStorage)\b")


def test_scoreboard_tests_pass() -> None:
    ran = subprocess.run(
        [NODE, "--test"],
        cwd=PAGE,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "pass 0" not in ran.stdout


@pytest.mark.parametrize("name", sorted(PURE))
def test_pure_module_uses_no_document_clock_or_network(name: str) -> None:
    source = (PAGE / f"{name}.js").read_text()

    assert not OUTER.search(re.sub(r"/\*.*?\*/|//.*", "", source, flags=re.DOTALL))
    imported = re.findall(r'from "\./(.+?)\.js"', source)
    assert {name for name in imported if not name.startswith("catalogs/")} <= PURE


@pytest.mark.parametrize(
    ("page", "entry"),
    [("index.html", "main.js"), ("official.html", "official.js"), ("console.html", "console.js")],
)
def test_every_element_of_a_page_s_modules_exists(page: str, entry: str) -> None:
    html = _assembled(page)
    wanted = set[str]()
    for source in _reached(entry):
        text = (PAGE / source).read_text()
        wanted |= set(re.findall(r'\b(?:find|copyOf)\("([\w-]+)"\)', text))

    missing = {name for name in wanted if f'id="{name}"' not in html}

    assert missing == set()


def _assembled(page: str) -> str:
    write = f"process.stdout.write(assembled('{page}'))"
    script = f"import('./page-parts.js').then(({{ assembled }}) => {write})"
    ran = subprocess.run(
        [NODE, "-e", script], cwd=PAGE, capture_output=True, text=True, timeout=60, check=True
    )
    return ran.stdout


def _reached(entry: str) -> set[str]:
    reached, waiting = set[str](), [entry]
    while waiting:
        name = waiting.pop()
        if name not in reached and (PAGE / name).exists():
            reached.add(name)
            waiting += re.findall(r'from "\./(.+?\.js)"', (PAGE / name).read_text())
    return reached


UNKNOWN_NAME = re.compile(r"error TS(?:2304|2305|2552|2614|2724): .*")
CHECK_OPTIONS = ["--allowJs", "--checkJs", "--noEmit", "--ignoreConfig", "--strict", "false"]
CHECK_OPTIONS += ["--module", "nodenext", "--target", "es2022", "--lib", "es2023,dom,dom.iterable"]


def test_page_modules_use_only_existing_names() -> None:
    tsc = PAGE.parent / "node_modules" / ".bin" / "tsc"
    checked = subprocess.run(
        [NODE, tsc, *CHECK_OPTIONS, "main.js", "official.js", "console.js"],
        cwd=PAGE,
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert "TS2339" in checked.stdout, "the document's elements have no static types"
    assert UNKNOWN_NAME.findall(checked.stdout) == []
