"""Takes the README's pictures of the page, on a running stack, while the World Cup is replayed.

    make up && .venv/bin/python -m docs.scoreboard

Takes some minutes: it goes on until the quarter-finals. Needs Chromium.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Literal

import httpx
from playwright.sync_api import Browser, Page, sync_playwright

from infra.local.commands import WORLD_CUP
from infra.local.paths import ROOT, StackPaths

DOCS: Final = Path(__file__).parent
WAIT_SECONDS_MAX: Final = 900
POLL_SECONDS: Final = 0.1
PICTURE_BYTES_MAX: Final = 150_000
FLAGS: Final = ("--no-sandbox", "--hide-scrollbars")  # a container's root has no sandbox
Scheme = Literal["light", "dark"]

SHOWN: Final = """() => {
    const all = (rows) => [...document.querySelectorAll(rows)];
    const goals = all("#live .score").reduce((sum, score) => sum + Number(score.textContent), 0);
    const count = (tab) => Number(document.querySelector(`#tab-${tab} small`).textContent);
    return {live: count("live"), finished: count("results"), goals};
}"""
"""What the page says of matches; `goals` are those of the live ones."""

MOST_GOALS: Final = """() => {
    const goals = (row) => [...row.querySelectorAll(".score")].map((score) => +score.textContent);
    const sum = (row) => goals(row).reduce((one, two) => one + two);
    const rows = [...document.querySelectorAll("#finished li")].slice(0, 12);
    return rows.sort((one, two) => sum(two) - sum(one))[0].querySelector("a").href;
}"""


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--speed", default="1800", help="of the replay, over real time")
    parser.add_argument("--chromium", default=shutil.which("chromium"))
    options = parser.parse_args()
    page_url = json.loads(StackPaths.from_environ(os.environ).stack_file.read_text())["page_url"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=options.chromium, args=FLAGS)
        take_official(browser, page_url)  # its taps are not to wait for those of the replay
        with replayed(page_url, options.speed):
            take_tournament(browser, page_url)
        browser.close()
    return 0


@contextmanager
def replayed(page_url: str, speed: str) -> Iterator[None]:
    """A replay is running, and the page shows its tournament."""
    before = tournament_of(page_url)
    command = [sys.executable, "-m", "infra.local", "replay", str(WORLD_CUP), "--speed", speed]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL) as replay:
        try:
            wait_until(
                lambda: tournament_of(page_url) != before, "The page never showed the replay."
            )
            yield
        finally:
            replay.terminate()


def tournament_of(page_url: str) -> str:
    return str(httpx.get(f"{page_url}config.json").json()["tournament_id"])


def wait_until(condition: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + WAIT_SECONDS_MAX
    while not condition():
        if time.monotonic() > deadline:
            raise SystemExit(otherwise)
        time.sleep(POLL_SECONDS)


def take_tournament(browser: Browser, page_url: str) -> None:
    """The page as the groups end, its bracket near the end, then a match that it has received."""
    light = opened(browser, page_url, width=900, height=430)
    dark = opened(browser, page_url, width=1100, height=760, scheme="dark")
    phone = opened(browser, page_url, width=320, height=640)
    wait_for_matches(light, {"live": 2, "goals": 3, "finished": 56})
    light.get_by_role("tab", name="Live").click()
    phone.get_by_role("tab", name="Live").click()
    take(light, "scoreboard")
    take(phone, "phone")
    wait_for_matches(light, {"live": 1, "goals": 1, "finished": 97})
    dark.get_by_role("tab", name="Bracket").click()
    dark.locator("#bracket li").last.wait_for()
    take(dark, "knockout-dark")
    light.goto(light.evaluate(MOST_GOALS))
    light.set_viewport_size({"width": 900, "height": 700})
    light.locator("#timeline li").nth(3).wait_for()
    take(light, "match")


def take_official(browser: Browser, page_url: str) -> None:
    """A phone's view of the demo match, after three goals, one of them with its scorer."""
    page = opened(browser, f"{page_url}official.html", width=320, height=780)
    page.get_by_role("button", name="organizer").click()
    page.locator("#choice a").first.click()
    page.locator("#controls").wait_for()
    page.locator('[data-phase="live"]').wait_for()
    start = page.get_by_role("button", name="Start match")
    if start.is_visible():
        start.click()
    for side in (0, 1, 0):
        tap(page, side)
    page.evaluate("scrollTo(0, 0)")
    take(page, "official")


def tap(page: Page, side: int) -> None:
    entries = page.locator("#log li")
    before = entries.count()
    page.locator(".side").nth(side).get_by_role("button", name="+1").click()
    entries.nth(before).wait_for()
    page.locator('#log li[data-status="sending"]').wait_for(state="detached")


def opened(
    browser: Browser, url: str, *, width: int, height: int, scheme: Scheme = "light"
) -> Page:
    context = browser.new_context(
        viewport={"width": width, "height": height}, color_scheme=scheme, timezone_id="UTC"
    )
    page = context.new_page()
    page.goto(url)
    return page


def wait_for_matches(page: Page, wanted: dict[str, int]) -> None:
    def is_shown() -> bool:
        shown: dict[str, int] = page.evaluate(SHOWN)
        return all(shown[what] >= least for what, least in wanted.items())

    wait_until(is_shown, f"The page never showed {wanted}.")


def take(page: Page, name: str) -> None:
    path = DOCS / f"{name}.png"
    page.locator('[data-phase="live"]').wait_for()
    page.mouse.move(0, 0)
    page.screenshot(path=path)
    size = path.stat().st_size
    print(f"{path.name}: {size} bytes", flush=True)
    if size > PICTURE_BYTES_MAX:
        raise SystemExit(f"{path.name} has more than {PICTURE_BYTES_MAX} bytes.")


if __name__ == "__main__":
    sys.exit(main())
