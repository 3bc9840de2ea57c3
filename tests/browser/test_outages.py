"""A cut or silent connection: the page says so, reconnects, and misses nothing."""

import json
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Page, WebSocket, expect

from scorecast_client.publisher import Publisher
from tests.browser.proxy import Proxy
from tests.browser.screens import Screens
from tests.e2e.cup import Cup

DECISIVE = {"match_started", "match_state_changed", "match_completed"}
DECIDED = "#timeline li:is([data-kind=started], [data-kind=changed], [data-kind=completed]) .what"
"""Their rows in the timeline; scores in between may be merged."""
BACKOFF_MS_MAX = 20_000


def received_by(page: Page) -> list[dict[str, Any]]:
    """Every decisive event that the page receives from now on, recovered ones included."""
    events: list[dict[str, Any]] = []

    def receive(text: str | bytes) -> None:
        message = json.loads(text)
        recovered = message["data"].get("events", []) if message["type"] == "subscribed" else []
        events.extend(event for event in [message, *recovered] if event["type"] in DECISIVE)

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", receive)

    page.on("websocket", listen)
    return events


def sequences(events: Sequence[dict[str, Any]]) -> list[int]:
    """Without the duplicates that the protocol allows."""
    return sorted({event["data"]["sequence"] for event in events})


def test_page_recovers_every_event_after_a_cut(
    screens: Screens, cup: Cup, publisher: Publisher, proxy: Proxy
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    publisher.score(match.id, (1, 0))
    page = screens.page(proxy=proxy)
    page.clock.install()
    events = received_by(page)
    screens.spectator(cup, match, page)
    expect(page.locator("#hero .score")).to_have_text(["1", "0"])

    proxy.cut()
    expect(page.locator("#status")).to_contain_text("Reconnecting")
    publisher.score(match.id, (2, 0))
    publisher.change_state(match.id, "paused")
    publisher.score(match.id, (2, 1))
    publisher.change_state(match.id, "live")
    publisher.score(match.id, (3, 1))
    newest = publisher.complete(match.id, winner_id=match.first)
    proxy.restore()
    page.clock.fast_forward(BACKOFF_MS_MAX)

    expect(page.locator("#hero .score")).to_have_text(["3", "1"])
    expect(page.locator("#status")).to_have_text("Live")
    expect(page.locator(DECIDED)).to_have_text(
        ["Final result", "Match resumed", "Match paused", "Match started"]
    )
    stored = publisher.match(match.id)
    assert stored["revision"] == newest["revision"]
    assert sequences(events)[-1] == stored["sequence"]
    assert [event["type"] for event in events if event["data"]["sequence"] > 2] == [
        "match_state_changed",
        "match_state_changed",
        "match_completed",
    ]


def test_offline_page_says_so_and_catches_up(
    screens: Screens, cup: Cup, publisher: Publisher, proxy: Proxy
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    page = screens.spectator(cup, page=screens.page(proxy=proxy))

    page.context.set_offline(True)
    proxy.cut()
    expect(page.locator("#notice-text")).to_contain_text("You are offline")
    publisher.score(match.id, (1, 0))
    publisher.score(match.id, (2, 0))
    proxy.restore()
    page.context.set_offline(False)

    expect(page.locator("#live .score")).to_have_text(["2", "0"])
    expect(page.locator("#notice")).to_be_hidden()


def test_silent_connection_is_shown_and_replaced(
    screens: Screens, cup: Cup, publisher: Publisher, proxy: Proxy
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    page = screens.page(proxy=proxy)
    page.clock.install()
    screens.spectator(cup, page=page)

    proxy.hold()
    publisher.score(match.id, (0, 1))
    page.clock.fast_forward(40_000)
    expect(page.locator("#status")).to_have_text("No signal")
    expect(page.locator("#notice-text")).to_contain_text("These scores may be out of date")
    page.clock.fast_forward(40_000)
    expect(page.locator("#status")).to_contain_text("Reconnecting")
    proxy.restore()
    page.clock.fast_forward(BACKOFF_MS_MAX)

    expect(page.locator("#live .score")).to_have_text(["0", "1"])
    expect(page.locator("#status")).to_have_text("Live")


def test_offline_taps_are_saved_after_reconnecting(
    screens: Screens, cup: Cup, publisher: Publisher, proxy: Proxy
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    official = screens.official(cup, match, screens.page(proxy=proxy))
    goal = official.get_by_role("button", name="+1 The first")
    expect(goal).to_be_enabled()

    proxy.cut()
    expect(official.locator("#status")).to_contain_text("Reconnecting")
    goal.click()
    goal.click()
    proxy.restore()

    expect(official.locator("#log .outcome").first).to_contain_text("Saved")
    assert publisher.match(match.id)["participant1_score"] == 2
