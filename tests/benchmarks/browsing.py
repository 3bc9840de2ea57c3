"""A local cloud and a Chromium, for what is measured in pages."""

import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

from playwright.sync_api import sync_playwright

from infra.local.paths import StackPaths
from scorecast_client.publisher import Publisher
from scorecast_client.stack import read_stack
from tests.benchmarks.report import Missing
from tests.browser.chromium import find
from tests.browser.launch import launched
from tests.browser.screens import Screens
from tests.e2e.cup import Cup
from tests.e2e.deployed import infra_local

STACK: Final = "bench"
WATCH_PAINTS: Final = """() => {
    window.paints = {};
    const read = () => %s;
    const note = (value, atMs) => { paints[value] ??= performance.timeOrigin + atMs; };
    const look = () => {
        const value = read();
        requestAnimationFrame(() => {
            const {port1, port2} = new MessageChannel();
            port1.onmessage = () => note(value, performance.now());
            port2.postMessage(null);
        });
    };
    new MutationObserver(look).observe(document.body,
        {subtree: true, childList: true, characterData: true});
    look();
    window.painted = async (value) => {
        while (!(value in paints)) await new Promise(requestAnimationFrame);
        return paints[value];
    };
}"""
"""Note when a number was first seen: the message comes after the frame that shows it."""
PAINTED: Final = "(value) => painted(value)"
"""Wait for that time. `wait_for_function` would need a policy that lets texts be run."""


@contextmanager
def cloud_and_browser() -> Iterator[tuple[Cup, Publisher, Screens]]:
    """A stack with the parameters of the template, a tournament on it, and pages that show it."""
    try:
        description = _up()
        stack = read_stack(StackPaths(STACK).stack_file)
        with ExitStack() as opened:
            playwright = opened.enter_context(sync_playwright())
            publisher = opened.enter_context(Publisher(stack.http_url, token=stack.tokens["admin"]))
            screens = Screens(launched(playwright, find()), description)
            opened.callback(screens.close)
            yield Cup(stack, publisher, sockets=opened, received=[]), publisher, screens
    finally:
        infra_local("down", stack=STACK)


def _up() -> Mapping[str, Any]:
    done = infra_local("up", stack=STACK)
    if done.returncode:
        raise Missing(f"the local cloud does not come up: {done.stderr}")
    described: Mapping[str, Any] = json.loads(Path(StackPaths(STACK).stack_file).read_text())
    return described
