"""What the page does after a goodbye."""

import json
import re

import httpx
from playwright.sync_api import Page, WebSocketRoute, expect

from scorecast_client.publisher import Publisher
from tests.browser.screens import Screens
from tests.e2e.cup import Cup, Pairing
from tests.e2e.deployed import ROOM_CAPACITY, Deployed, unique, until

LONG_MS = 3 * 60_000
VIEWERS = 8


def test_disconnected_page_gives_the_reason_and_stays_closed(
    screens: Screens, cup: Cup, deployed: Deployed
) -> None:
    match, user = cup.new_match(), unique("guest")
    page = screens.page()
    page.clock.install()
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    screens.spectator(cup, match, page, token=cup.token(user))

    answer = httpx.delete(
        f"{deployed.stack.http_url}/users/{user}/connections",
        params={"tokens": "keep"},
        headers={"Authorization": f"Bearer {deployed.stack.tokens['admin']}"},
        timeout=20,
    )
    assert answer.json() == {"disconnected": 1}
    expect(page.locator("#notice-text")).to_have_text("The organizers have closed this connection.")
    expect(page.locator("#status")).to_have_text("Closed")
    page.clock.fast_forward(LONG_MS)
    page.clock.run_for(1_000)

    assert len(sockets) == 1
    page.get_by_role("button", name="Try now").click()
    expect(page.locator("#status")).to_have_text("Live")
    assert len(sockets) == 2


def test_eight_viewers_of_a_room_of_five_see_each_score(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    fans = [cup.fan(match) for _ in range(ROOM_CAPACITY)]
    pages = [overflowing(screens, cup, match) for _ in range(VIEWERS - ROOM_CAPACITY)]
    for page in pages:
        expect(page.locator("#status")).to_have_text("Every few seconds")
        expect(page.locator("#notice-text")).to_contain_text("Many are watching")

    publisher.score(match.id, (1, 0))
    for page in pages:
        expect(page).to_have_title(re.compile(r"^1\D0"))
    fans[0].close()
    until(lambda: publisher.room(match.id)["viewers"] < ROOM_CAPACITY)
    pages[0].clock.fast_forward(LONG_MS)

    expect(pages[0].locator("#status")).to_have_text("Live")
    expect(pages[0].locator("#notice")).to_be_hidden()
    expect(pages[1].locator("#status")).to_have_text("Every few seconds")


def overflowing(screens: Screens, cup: Cup, match: Pairing) -> Page:
    """A page that takes each chance of a free place, as soon as its clock is moved on."""
    page = screens.page()
    page.add_init_script("Math.random = () => 0.1")
    page.clock.install()
    return screens.visit(page, tournament=cup.id, match=match.id)


def relayed(page: Page) -> list[WebSocketRoute]:
    """The page's sockets, on which a test can send messages in the server's place."""
    sockets: list[WebSocketRoute] = []

    def relay(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket("**/*", relay)
    return sockets


def goodbye(code: int, reason: str, *, retry_after_ms: int) -> str:
    message = {"type": "goodbye", "code": code, "reason": reason, "reconnect": True}
    return json.dumps(message | {"retry_after_ms": retry_after_ms})


def test_goodbye_delay_is_respected(screens: Screens, cup: Cup) -> None:
    page = screens.page()
    page.clock.install()
    sockets = relayed(page)
    screens.spectator(cup, page=page)

    sockets[0].send(goodbye(4008, "slow_consumer", retry_after_ms=LONG_MS))
    expect(page.locator("#notice-text")).to_have_text("Your connection is too slow to keep up.")
    expect(page.locator("#status")).to_contain_text("Reconnecting in")
    page.clock.fast_forward(LONG_MS // 2)
    expect(page.locator("#status")).to_contain_text("Reconnecting in")
    assert len(sockets) == 1
    page.clock.fast_forward(LONG_MS)

    expect(page.locator("#status")).to_have_text("Live")
    assert len(sockets) == 2


def test_expiring_socket_is_replaced_without_interruption(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    page = screens.page()
    sockets = relayed(page)
    screens.spectator(cup, match, page)
    page.evaluate(
        """() => {
            window.phases = [];
            const note = () => phases.push(document.body.dataset.phase);
            new MutationObserver(note).observe(document.body, {attributeFilter: ["data-phase"]});
        }"""
    )

    sockets[0].send(goodbye(4012, "max_duration", retry_after_ms=1))
    # Playwright reports sockets only during a call.
    until(lambda: bool(page.evaluate("true")) and len(sockets) == 2)
    until(lambda: publisher.room(match.id)["viewers"] == 1)
    publisher.start(match.id)

    expect(page.locator("#timeline .what")).to_have_text("Match started")
    assert set(page.evaluate("phases")) <= {"live"}
