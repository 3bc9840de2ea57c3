"""A Chromium for each module; for each test its pages and a proxy in front of the cloud.

The stack is that of the end-to-end tests: both suites together start it once.
"""

from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.browser.chromium import find
from tests.browser.launch import launched
from tests.browser.proxy import Proxy
from tests.browser.screens import Screens
from tests.e2e.conftest import cup, deployed, publisher, received
from tests.e2e.deployed import Deployed

__all__ = ["cup", "deployed", "publisher", "received"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Not for the session: while Playwright runs, its thread cannot run another asyncio loop."""
    with sync_playwright() as playwright:
        yield launched(playwright, find())


@pytest.fixture
def screens(browser: Browser, deployed: Deployed) -> Iterator[Screens]:
    opened = Screens(browser, deployed.description)
    yield opened
    opened.close()
    assert opened.faults == []


@pytest.fixture
def proxy(deployed: Deployed) -> Iterator[Proxy]:
    cloud = urlsplit(deployed.description["endpoint_url"])
    assert cloud.hostname and cloud.port
    with Proxy(cloud.hostname, cloud.port) as running:
        yield running
