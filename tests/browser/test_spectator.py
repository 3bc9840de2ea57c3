"""What a spectator has beyond the scores: favourites, a filter, the page without a network."""

import json
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urljoin

import httpx
from playwright.sync_api import Page, expect

from scorecast_client.publisher import Publisher
from tests.browser.screens import Screens
from tests.e2e.cup import KICK_OFF, Cup
from tests.e2e.deployed import unique

TEAMS: Final = ("Ghana", "Mali", "Perú", "Chile")
CONTROLLED: Final = "() => navigator.serviceWorker.ready.then(() => true)"


def put_matches(cup: Cup, publisher: Publisher, count: int) -> list[str]:
    """One on each day, between two of the teams."""
    ids = [unique("match") for _ in range(count)]
    for day, match_id in enumerate(ids):
        pair = (TEAMS[day % 4], TEAMS[(day + 1) % 4])
        publisher.put_match(
            match_id,
            tournament_id=cup.id,
            participants=[(f"{cup.id}-{TEAMS.index(name)}", name) for name in pair],
            scheduled_at=KICK_OFF + timedelta(days=day),
        )
    return ids


def rows(page: Page) -> list[str]:
    return [row.get_attribute("data-match") or "" for row in page.locator("#upcoming li").all()]


def test_matches_of_a_favourite_team_come_first(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    ids = put_matches(cup, publisher, 6)
    page = screens.spectator(cup)
    page.locator("#tab-schedule").click()
    expect(page.locator("#upcoming li")).to_have_count(6)
    assert rows(page) == ids

    page.locator(f'#upcoming [data-match="{ids[2]}"] a').click()
    page.get_by_role("button", name="Follow Chile").click()
    expect(page.get_by_role("button", name="Follow Chile")).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("link", name="All matches").click()
    page.locator("#tab-schedule").click()

    expect(page.locator("#upcoming h2").first).to_have_text("Your teams")
    assert rows(page) == [ids[2], ids[3], ids[0], ids[1], ids[4], ids[5]]


def test_matches_are_filtered_by_keyboard(screens: Screens, cup: Cup, publisher: Publisher) -> None:
    ids = put_matches(cup, publisher, 8)
    publisher.change_state(ids[0], "postponed")
    page = screens.spectator(cup)
    page.locator("#tab-schedule").click()
    expect(page.locator("#upcoming li")).to_have_count(8)

    page.get_by_role("searchbox").or_(page.get_by_role("combobox")).focus()
    page.keyboard.type("peru")
    expect(page.locator("#upcoming li")).to_have_count(4)
    expect(page.locator("#tab-schedule small")).to_have_text("4")
    expect(page.locator("#announcements")).to_contain_text("4 matches fit.")
    page.keyboard.press("ControlOrMeta+A")
    page.keyboard.type("Postponed")
    expect(page.locator("#upcoming li")).to_have_count(1)
    page.reload()
    expect(page.locator("#upcoming li")).to_have_count(1)
    page.locator("#filter").fill("nobody")
    expect(page.get_by_text("No match fits.")).to_be_visible()


def test_last_scores_are_shown_with_their_age_without_a_network(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    publisher.score(match.id, (2, 1))
    context = screens.context(has_worker=True)
    page = screens.spectator(cup, page=context.new_page())
    expect(page.locator("#live .score")).to_have_text(["2", "1"])
    assert page.evaluate(CONTROLLED)
    page.goto("about:blank")

    context.set_offline(True)
    page.clock.install(time=datetime.now(UTC) + timedelta(hours=3))
    screens.visit(page, tournament=cup.id)

    expect(page.locator("#live .score")).to_have_text(["2", "1"])
    expect(page.locator("#viewers")).to_contain_text("3 hr ago")
    expect(page.locator("#notice-text")).to_contain_text("You are offline")
    border = page.locator("#live li").evaluate("(card) => getComputedStyle(card).borderStyle")
    assert border == "dashed"
    publisher.score(match.id, (3, 1))
    context.set_offline(False)
    expect(page.locator("#live .score")).to_have_text(["3", "1"])
    expect(page.locator("#status")).to_have_text("Live")


def test_page_can_be_installed(screens: Screens) -> None:
    url = screens.url("manifest.webmanifest")
    manifest = httpx.get(url)

    assert manifest.headers["content-type"] == "application/manifest+json"
    icons = json.loads(manifest.text)["icons"]
    assert {icon["sizes"] for icon in icons} >= {"192x192", "512x512"}
    for icon in icons:
        assert httpx.get(urljoin(url, icon["src"])).headers["content-type"] == icon["type"]
