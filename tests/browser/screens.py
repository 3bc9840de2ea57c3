"""The pages of a test, each in a browser context of its own, and what goes wrong in them."""

import json
from collections.abc import Mapping
from typing import Any, Final, Literal
from urllib.parse import urlencode, urljoin, urlsplit

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Route, expect

from tests.browser.line import Line
from tests.e2e.venue import Pairing, Venue

PHONE: Final = (320, 640)
DESK: Final = (1000, 800)
BROKEN_LINE: Final = ("WebSocket connection to", "Failed to load resource: net::")
"""How Chromium itself begins to tell that a line is cut; no page can keep it from that."""
Scheme = Literal["dark", "light"]


class Screens:
    def __init__(self, browser: Browser, description: Mapping[str, Any]) -> None:
        self.faults: list[str] = []
        """Errors told to the console, and requests to where none should go."""
        self._browser = browser
        self._page_url = str(description["page_url"])
        self._config = {name: description[name] for name in ("ws_url", "http_url")}
        self._own = {urlsplit(str(url)).netloc for url in (self._page_url, *self._config.values())}
        self._contexts: list[BrowserContext] = []

    @property
    def http_url(self) -> str:
        return str(self._config["http_url"])

    def close(self) -> None:
        for context in self._contexts:
            context.close()

    def context(self, *, line: Line | None = None, size: tuple[int, int] = DESK) -> BrowserContext:
        """What one person's tabs share. With a line, the cloud is at the end of that."""
        width, height = size
        context = self._browser.new_context(
            viewport={"width": width, "height": height}, timezone_id="UTC", locale="en-GB"
        )
        self._contexts.append(context)
        if line:
            self._lead_through(line, context)
        return context

    def page(self, *, line: Line | None = None, within: BrowserContext | None = None) -> Page:
        """A page that was not sent anywhere yet."""
        page = (within or self.context(line=line)).new_page()
        page.on("console", lambda message: self._console(message, may_break=line is not None))
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
        self, venue: Venue, match: Pairing | None = None, page: Page | None = None, **query: str
    ) -> Page:
        """A page that shows the match, or else the tournament, and is live."""
        query |= {"tournament": venue.id} | ({"match": match.id} if match else {})
        shown = self.visit(page or self.page(), **query)
        expect(shown.locator("#status")).to_have_text("Live")
        return shown

    def official(
        self, venue: Venue, match: Pairing, page: Page | None = None, *, token: str | None = None
    ) -> Page:
        """A page that runs the match, signed in and live."""
        page = page or self.page()
        page.goto(self.url("official.html", tournament=venue.id) + f"#{match.id}")
        page.get_by_label("Your access token").fill(token or venue.token(venue.organizer))
        page.get_by_role("button", name="Sign in", exact=True).click()
        expect(page.locator("#status")).to_have_text("Live")
        expect(page.locator("#desk")).to_be_visible()
        return page

    def led_through(self, line: Line, config: Mapping[str, Any]) -> dict[str, Any]:
        """A configuration whose cloud is at the line's end, where pages may go as well."""
        told = line.through(config)
        self._own |= {urlsplit(told[name]).netloc for name in self._config}
        return told

    def _lead_through(self, line: Line, context: BrowserContext) -> None:
        def fulfill(route: Route) -> None:
            told = self.led_through(line, route.fetch().json())
            route.fulfill(body=json.dumps(told), content_type="application/json")

        context.route("**/config.json", fulfill)

    def _console(self, message: ConsoleMessage, *, may_break: bool) -> None:
        expected = may_break and message.text.startswith(BROKEN_LINE)
        if message.type in ("error", "warning") and not expected:
            self.faults.append(f"{message.text} ({message.location})")

    def _visited(self, url: str) -> None:
        place = urlsplit(url)
        if place.scheme not in ("data", "blob") and place.netloc not in self._own:
            self.faults.append(f"asked {url}")
