"""The pages of the documentation, unchanged, with the quickstart's back-end."""

import socket
from collections.abc import Iterator
from typing import Final

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from infra.local.paths import ROOT
from infra.local.ports import HOST
from scorecast_client.publisher import Publisher
from tests.browser.proxy import Proxy
from tests.docs.desk import Desk, lay
from tests.docs.pages import blocks, page, section
from tests.e2e.cup import Cup, Pairing
from tests.e2e.deployed import PATHS, Deployed, until

QUICKSTART: Final = section(page("quickstart-front-end.md"), "## A page")
TEN_LINES: Final = "## Embed a live score in ten lines"
OVERLAY: Final = "## An unattended overlay"
SOCKET: Final = "wss://HOST/live"
AROUND_THE_README: Final = """<!doctype html>
<title>README</title>
<output></output>
<script type="importmap">{"imports": {"@scorecast/client": "./index.js"}}</script>
<script>
  const url = "URL", token = "TOKEN";
  function show(score) {
    document.querySelector("output").textContent =
      `${score.participant1_score} : ${score.participant2_score}`;
  }
</script>
<script type="module">CODE</script>
"""


@pytest.fixture(scope="module")
def desk(deployed: Deployed, tmp_path_factory: pytest.TempPathFactory) -> Desk:
    laid = lay(tmp_path_factory.mktemp("desk"), PATHS.stack_file)
    laid.paste(blocks(QUICKSTART, "sh")[0])
    return laid


@pytest.fixture(scope="module")
def site(desk: Desk) -> Iterator[str]:
    """Where the quickstart's back-end serves what is in `site`."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    (code,) = blocks(QUICKSTART, "python")
    desk.put("serve.py", code.replace("8000", str(port)))
    with desk.running(".venv/bin/python serve.py"):
        url = f"http://{HOST}:{port}/"
        until(lambda: _answers(url))
        yield url


@pytest.fixture
def faults() -> list[str]:
    return []


@pytest.fixture
def tab(browser: Browser, faults: list[str]) -> Iterator[Page]:
    context = browser.new_context()
    opened = context.new_page()
    opened.on("pageerror", lambda error: faults.append(str(error)))
    yield opened
    context.close()
    assert faults == []


def _answers(url: str) -> bool:
    try:
        return httpx.get(url + "scorecast-token", trust_env=False).is_success
    except httpx.TransportError:
        return False


def recipe(heading: str, *, url: str, match: Pairing) -> str:
    (html,) = blocks(section(page("recipes.md"), heading), "html")
    assert SOCKET in html and "demo-1" in html
    return html.replace(SOCKET, url).replace("demo-1", match.id)


def test_quickstart_page_shows_the_score(
    desk: Desk, site: str, deployed: Deployed, tab: Page
) -> None:
    (html,) = blocks(QUICKSTART, "html")
    desk.put("site/index.html", html.replace(SOCKET, deployed.stack.ws_url))
    tab.goto(site)
    expect(tab.locator("#score")).to_have_text("0 : 0")
    expect(tab.locator("#teams")).to_have_text("Participant One v Participant Two")
    expect(tab.locator("#status")).to_have_text("")

    desk.paste(blocks(QUICKSTART, "sh")[1])

    expect(tab.locator("#score")).to_have_text("1 : 0")


def test_readme_example_shows_a_live_score(
    desk: Desk, site: str, deployed: Deployed, tab: Page, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    (code,) = blocks((ROOT / "README.md").read_text(encoding="utf-8"), "js")
    html = AROUND_THE_README.replace("URL", deployed.stack.ws_url)
    html = html.replace("TOKEN", cup.token("reader")).replace("CODE", code)
    desk.put("site/readme.html", html.replace("demo-1", match.id))
    tab.goto(site + "readme.html")
    expect(tab.locator("output")).to_have_text("0 : 0")

    publisher.start(match.id)
    publisher.score(match.id, (1, 0))

    expect(tab.locator("output")).to_have_text("1 : 0")


def test_ten_lines_show_a_live_score(
    desk: Desk, site: str, deployed: Deployed, tab: Page, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    html = recipe(TEN_LINES, url=deployed.stack.ws_url, match=match)
    assert len(html.splitlines()) == 10
    desk.put("site/ten.html", html)
    tab.goto(site + "ten.html")
    expect(tab.locator("#score")).to_have_text("0 : 0")

    publisher.start(match.id)
    publisher.score(match.id, (1, 0))
    expect(tab.locator("#score")).to_have_text("1 : 0")
    publisher.complete(match.id, winner_id=match.first, score=(2, 1))
    expect(tab.locator("#score")).to_have_text("2 : 1")


def test_overlay_fades_while_disconnected(
    desk: Desk,
    site: str,
    deployed: Deployed,
    tab: Page,
    proxy: Proxy,
    cup: Cup,
    publisher: Publisher,
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    url = proxy.through(deployed.description)["ws_url"]
    desk.put("site/overlay.html", recipe(OVERLAY, url=url, match=match))
    tab.goto(site + "overlay.html")
    expect(tab.locator("#score")).to_have_text("0 : 0")
    expect(tab.locator("#viewers")).to_have_text("1 watching")

    proxy.cut()
    expect(tab.locator("#board")).to_have_class("old")
    publisher.score(match.id, (0, 1))
    proxy.restore()

    expect(tab.locator("#board")).not_to_have_class("old")
    expect(tab.locator("#score")).to_have_text("0 : 1")


def test_closed_overlay_reconnects(
    desk: Desk, site: str, deployed: Deployed, tab: Page, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    # Of its own each time: with the connections the user's older tokens end.
    tab.route("**/scorecast-token", lambda route: route.fulfill(body=cup.token("wall")))
    tab.clock.install()
    desk.put("site/wall.html", recipe(OVERLAY, url=deployed.stack.ws_url, match=match))
    tab.goto(site + "wall.html")
    expect(tab.locator("#score")).to_have_text("0 : 0")

    publisher.disconnect_user("wall")
    expect(tab.locator("#board")).to_have_class("old")
    publisher.score(match.id, (3, 1))
    tab.clock.fast_forward(30_000)

    expect(tab.locator("#score")).to_have_text("3 : 1")
