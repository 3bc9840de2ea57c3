"""How a Chromium is started, and how long a test waits for what it shows."""

from typing import Final

from playwright.sync_api import Browser, Playwright, expect

from tests.browser.chromium import Chromium

FLAGS: Final = (
    "--no-sandbox",  # a container's root has none
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SHOWN_WITHIN_MS: Final = 30_000
STARTED_WITHIN_MS: Final = 180_000
"""Longer: the first page of a browser reads all of it from the disk, under load slowly."""


def launched(playwright: Playwright, chromium: Chromium) -> Browser:
    """A browser that has shown a page, so that no test pays for its start."""
    expect.set_options(timeout=SHOWN_WITHIN_MS)
    browser = playwright.chromium.launch(
        executable_path=chromium.path,
        env=dict(chromium.environ) or None,
        args=FLAGS,
        timeout=STARTED_WITHIN_MS,
    )
    page = browser.new_page()
    page.goto("about:blank", timeout=STARTED_WITHIN_MS)
    page.screenshot(timeout=STARTED_WITHIN_MS)
    page.close()
    return browser
