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


def launched(playwright: Playwright, chromium: Chromium) -> Browser:
    expect.set_options(timeout=SHOWN_WITHIN_MS)
    return playwright.chromium.launch(
        executable_path=chromium.path, env=dict(chromium.environ) or None, args=FLAGS
    )
