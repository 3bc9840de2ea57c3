"""What loading a page transfers, and from where."""

from playwright.sync_api import Page, Request, expect

from scorecast_client.publisher import Publisher
from tests.browser.screens import DESK, PHONE, Screens
from tests.browser.test_scoreboard import OBSERVE_SHIFTS, SHIFT_MAX
from tests.e2e.cup import Cup

TRANSFERRED_BYTES_MAX = 60_000
REFUSED = """() => new Promise((resolve) => {
    addEventListener("securitypolicyviolation", (event) => resolve(event.effectiveDirective));
    const script = document.createElement("script");
    script.textContent = "window.isBroken = true";
    document.body.append(script);
})"""


def finished(page: Page) -> list[Request]:
    """The requests of the page that finish from now on."""
    requests: list[Request] = []
    page.on("requestfinished", lambda request: requests.append(request))
    return requests


def transferred_bytes(requests: list[Request]) -> dict[str, int]:
    """Headers and compressed bodies, by address."""
    sizes = {request.url: request.sizes() for request in requests}
    return {
        url: size["responseHeadersSize"] + size["responseBodySize"] for url, size in sizes.items()
    }


def test_each_page_transfers_few_bytes(screens: Screens, cup: Cup, publisher: Publisher) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    for shown in (screens.spectator, screens.official):
        page = screens.page()
        requests = finished(page)
        shown(cup, match, page)
        transferred = transferred_bytes(requests)

        assert any(url.endswith(".css") for url in transferred)
        assert sum(transferred.values()) < TRANSFERRED_BYTES_MAX, transferred


def test_first_load_moves_little(screens: Screens, cup: Cup, publisher: Publisher) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    publisher.score(match.id, (1, 0), details={"minute": 9, "scorer": "Ann"})
    for size in (PHONE, DESK):
        context = screens.context(size=size)
        for shown in (None, match):
            page = screens.page(within=context)
            page.add_init_script(OBSERVE_SHIFTS)
            screens.spectator(cup, shown, page)
            expect(page.locator(".score").first).to_have_text("1")
            assert page.evaluate("window.shift") <= SHIFT_MAX, (size, shown)


def test_injected_script_is_not_executed(screens: Screens, cup: Cup) -> None:
    page = screens.spectator(cup)

    assert page.evaluate(REFUSED) == "script-src-elem"
    assert page.evaluate("window.isBroken") is None
    # Two policies refuse it, the page's own and its host's.
    assert [fault for fault in screens.faults if "Content Security Policy" not in fault] == []
    screens.faults.clear()


def test_foreign_request_is_detected(screens: Screens, cup: Cup) -> None:
    page = screens.spectator(cup)
    assert screens.faults == []

    page.evaluate("fetch('http://127.0.0.1:9/elsewhere').catch(() => null)")

    assert "requested http://127.0.0.1:9/elsewhere" in screens.faults
    screens.faults.clear()
