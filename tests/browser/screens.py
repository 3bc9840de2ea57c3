"""The pages of a test, each in its own browser context, and their errors."""

import json
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode, urljoin, urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect

from tests.browser.proxy import Proxy
from tests.e2e.cup import Cup, Pairing

PHONE: Final = (320, 640)
DESK: Final = (1000, 800)
NO_WORKER: Final = "Service Worker registration blocked by Playwright"
CONNECTION_CUT: Final = ("WebSocket connection to", "Failed to load resource: net::")
"""How Chromium reports a cut connection; a page cannot prevent it."""
GIVEN_UP: Final = "WebSocket is closed before the connection is established."
"""How Chromium reports that the client gave a socket up: after 15 s without a welcome, as a cold
start on a busy machine takes, or with its page. The next one is opened."""


class Screens:
    def __init__(self, browser: Browser, description: Mapping[str, Any]) -> None:
        self.faults: list[str] = []
        """Console errors, and requests to foreign hosts."""
        self._browser = browser
        self._page_url = str(description["page_url"])
        self._config = {name: description[name] for name in ("ws_url", "http_url")}
        self._own = {urlsplit(str(url)).netloc for url in (self._page_url, *self._config.values())}
        self._contexts: list[BrowserContext] = []

    @property
    def http_url(self) -> str:
        return str(self._config["http_url"])

    @property
    def ws_url(self) -> str:
        return str(self._config["ws_url"])

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def context(
        self,
        *,
        proxy: Proxy | None = None,
        size: tuple[int, int] = DESK,
        has_worker: bool = False,
    ) -> BrowserContext:
        """What one person's tabs share. With a proxy, it is in front of the cloud.

        A service worker would answer what tests answer in the place of a server.
        """
        width, height = size
        context = self._browser.new_context(
            viewport={"width": width, "height": height},
            timezone_id="UTC",
            locale="en-GB",
            service_workers="allow" if has_worker else "block",
        )
        self._contexts.append(context)
        if proxy:
            self._route_through(proxy, context)
        return context

    def page(self, *, proxy: Proxy | None = None, within: BrowserContext | None = None) -> Page:
        """A page that has not navigated yet."""
        page = (within or self.context(proxy=proxy)).new_page()
        page.on("console", lambda message: self._console(message, may_break=proxy is not None))
        page.on("pageerror", lambda error: self.faults.append(str(error)))
        page.on("request", lambda request: self._visited(request.url))
        page.on("websocket", lambda socket: self._visited(socket.url))
        return page

    def visit(self, page: Page, path: str = "", **query: str) -> Page:
        page.goto(self.url(path, **query))
        return page

    def url(self, path: str = "", **query: str) -> str:
        return urljoin(self._page_url, path) + (f"?{urlencode(query)}" if query else "")

    def spectator(
        self, cup: Cup, match: Pairing | None = None, page: Page | None = None, **query: str
    ) -> Page:
        """A page that shows the match, or else the tournament, and is live."""
        query |= {"tournament": cup.id} | ({"match": match.id} if match else {})
        shown = self.visit(page or self.page(), **query)
        expect(shown.locator("#status")).to_have_text("Live")
        return shown

    def official(
        self, cup: Cup, match: Pairing, page: Page | None = None, *, token: str | None = None
    ) -> Page:
        """The official's page of the match, signed in and live."""
        page = page or self.page()
        page.goto(self.url("official.html", tournament=cup.id) + f"#{match.id}")
        page.get_by_label("Your access token").fill(token or cup.token(cup.organizer))
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.locator("#status")).to_have_text("Live")
        expect(page.locator("#controls")).to_be_visible()
        return page

    def routed_through(self, proxy: Proxy, config: Mapping[str, Any]) -> dict[str, Any]:
        """The configuration with the proxy's URLs, which pages may request too."""
        routed = proxy.through(config)
        self._own |= {urlsplit(routed[name]).netloc for name in self._config}
        return routed

    def _route_through(self, proxy: Proxy, context: BrowserContext) -> None:
        def fulfill(route: Route) -> None:
            routed = self.routed_through(proxy, route.fetch().json())
            route.fulfill(body=json.dumps(routed), content_type="application/json")

        context.route("**/config.json", fulfill)

    def _console(self, message: ConsoleMessage, *, may_break: bool) -> None:
        is_cut = may_break and message.text.startswith(CONNECTION_CUT)
        expected = is_cut or message.text == NO_WORKER or message.text.endswith(GIVEN_UP)
        if message.type in ("error", "warning") and not expected:
            self.faults.append(f"{message.text} ({message.location})")

    def _visited(self, url: str) -> None:
        place = urlsplit(url)
        if place.scheme not in ("data", "blob") and place.netloc not in self._own:
            self.faults.append(f"requested {url}")
