"""A line that is cut or goes silent: the page says so, comes back, and has missed nothing."""

import json
from collections.abc import Sequence
from typing import Any

from playwright.sync_api import Page, WebSocket, expect

from scorecast_client.publisher import Publisher
from tests.browser.line import Line
from tests.browser.screens import Screens
from tests.e2e.venue import Venue

DECISIVE = {"match_started", "match_state_changed", "match_completed"}
DECIDED = "#timeline li:is([data-kind=started], [data-kind=changed], [data-kind=completed]) .what"
"""What the timeline tells of them; scores in between may be merged into one."""
BACKOFF_MS_MAX = 20_000


def told_to(page: Page) -> list[dict[str, Any]]:
    """Every event that the page is told from now on, the recovered ones among them."""
    events: list[dict[str, Any]] = []

    def hear(text: str | bytes) -> None:
        frame = json.loads(text)
        recovered = frame["data"].get("events", []) if frame["type"] == "subscribed" else []
        events.extend(event for event in [frame, *recovered] if event["type"] in DECISIVE)

    def listen(socket: WebSocket) -> None:
        socket.on("framereceived", hear)

    page.on("websocket", listen)
    return events


def numbers(events: Sequence[dict[str, Any]]) -> list[int]:
    """Without the repetitions that the protocol allows."""
    return sorted({event["data"]["sequence"] for event in events})


def test_a_page_that_was_cut_off_has_missed_nothing(
    screens: Screens, venue: Venue, publisher: Publisher, line: Line
) -> None:
    match = venue.new_match()
    publisher.start(match.id)
    publisher.score(match.id, (1, 0))
    page = screens.page(line=line)
    page.clock.install()
    events = told_to(page)
    screens.spectator(venue, match, page)
    expect(page.locator("#live .score")).to_have_text(["1", "0"])

    line.cut()
    expect(page.locator("#status")).to_contain_text("Reconnecting")
    publisher.score(match.id, (2, 0))
    publisher.change_state(match.id, "paused")
    publisher.score(match.id, (2, 1))
    publisher.change_state(match.id, "live")
    publisher.score(match.id, (3, 1))
    newest = publisher.complete(match.id, winner_id=match.first)
    line.mend()
    page.clock.fast_forward(BACKOFF_MS_MAX)

    expect(page.locator("#finished .score")).to_have_text(["3", "1"])
    expect(page.locator("#status")).to_have_text("Live")
    expect(page.locator(DECIDED)).to_have_text(
        ["Final result", "Play goes on", "Play is paused", "The match has begun"]
    )
    stored = publisher.match(match.id)
    assert stored["revision"] == newest["revision"]
    assert numbers(events)[-1] == stored["sequence"]
    assert [event["type"] for event in events if event["data"]["sequence"] > 2] == [
        "match_state_changed",
        "match_state_changed",
        "match_completed",
    ]


def test_a_page_that_is_offline_says_so_and_catches_up(
    screens: Screens, venue: Venue, publisher: Publisher, line: Line
) -> None:
    match = venue.new_match()
    publisher.start(match.id)
    page = screens.spectator(venue, page=screens.page(line=line))

    page.context.set_offline(True)
    line.cut()
    expect(page.locator("#notice-text")).to_contain_text("You are offline")
    publisher.score(match.id, (1, 0))
    publisher.score(match.id, (2, 0))
    line.mend()
    page.context.set_offline(False)

    expect(page.locator("#live .score")).to_have_text(["2", "0"])
    expect(page.locator("#notice")).to_be_hidden()


def test_a_line_that_goes_silent_is_told_and_then_replaced(
    screens: Screens, venue: Venue, publisher: Publisher, line: Line
) -> None:
    match = venue.new_match()
    publisher.start(match.id)
    page = screens.page(line=line)
    page.clock.install()
    screens.spectator(venue, page=page)

    line.hold()
    publisher.score(match.id, (0, 1))
    page.clock.fast_forward(40_000)
    expect(page.locator("#status")).to_have_text("No signal")
    expect(page.locator("#notice-text")).to_contain_text("These scores may be out of date")
    page.clock.fast_forward(40_000)
    expect(page.locator("#status")).to_contain_text("Reconnecting")
    line.mend()
    page.clock.fast_forward(BACKOFF_MS_MAX)

    expect(page.locator("#live .score")).to_have_text(["0", "1"])
    expect(page.locator("#status")).to_have_text("Live")


def test_a_tap_without_a_line_arrives_once_it_is_mended(
    screens: Screens, venue: Venue, publisher: Publisher, line: Line
) -> None:
    match = venue.new_match()
    publisher.start(match.id)
    official = screens.official(venue, match, screens.page(line=line))
    goal = official.get_by_role("button", name="+1 The first")
    expect(goal).to_be_enabled()

    line.cut()
    expect(official.locator("#status")).to_contain_text("Reconnecting")
    goal.click()
    goal.click()
    line.mend()

    expect(official.locator("#log .outcome").first).to_contain_text("Acknowledged")
    assert publisher.match(match.id)["participant1_score"] == 2
