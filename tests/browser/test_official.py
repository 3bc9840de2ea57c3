"""What an official's phone meets: a bad network, an invitation, an expiring sign-in."""

from typing import Final

from playwright.sync_api import Page, expect

from scorecast_client.publisher import Publisher
from tests.browser.proxy import Proxy
from tests.browser.screens import PHONE, Screens
from tests.e2e.cup import Cup

SENSES: Final = """
window.vibrations = [];
const count = (change) => {
  const { dataset } = document.documentElement;
  dataset.locks = Number(dataset.locks ?? 0) + change;
};
navigator.vibrate = (ms) => window.vibrations.push(ms);
Object.defineProperty(navigator, "wakeLock", { value: {
  request: async (kind) => {
    count(1);
    const release = async () => count(-1);
    return Object.assign(new EventTarget(), { kind, release });
  },
} });
"""
"""What a headless browser does not have: a motor, and a screen that goes dark."""

HEIGHTS: Final = "[...document.querySelectorAll('.side button')].map((each) => each.offsetHeight)"
WIDENED: Final = """() => {
    for (const each of document.querySelectorAll(".side button")) each.style.letterSpacing = "2em";
}"""
"""A font that is wider than ours: no button may break into two lines."""


def press(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("button", name=name, exact=True).click()


def test_phone_vibrates_at_a_tap_and_stays_awake_while_a_match_is_in_play(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    page = screens.page(within=screens.context(size=PHONE))
    page.add_init_script(SENSES)
    screens.official(cup, match, page)

    press(page, "+1 The first")
    expect(page.locator("#log [data-status=done]")).to_have_count(1)
    assert page.evaluate("window.vibrations") == [30]
    expect(page.locator("html")).to_have_attribute("data-locks", "1")
    heights = page.evaluate(HEIGHTS)
    page.evaluate(WIDENED)
    assert page.evaluate(HEIGHTS) == heights

    publisher.complete(match.id, winner_id=match.first)
    expect(page.locator("html")).to_have_attribute("data-locks", "0")


def test_taps_without_a_network_outlive_a_reload_and_are_sent_once_in_order(
    screens: Screens, cup: Cup, publisher: Publisher, proxy: Proxy
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    page = screens.page(proxy=proxy)
    page.on("dialog", lambda dialog: dialog.accept())
    screens.official(cup, match, page)

    proxy.cut()
    expect(page.locator("#status")).to_contain_text("Reconnecting")
    press(page, "+1 The first", "+1 The first", "+1 The second")
    expect(page.locator("#log [data-status=unsent]")).to_have_count(3)
    page.reload()
    expect(page.locator("#token-error")).to_contain_text("cannot be reached")
    proxy.restore()

    expect(page.locator("#controls")).to_be_visible()
    expect(page.locator("#log [data-status=done]")).to_have_count(3)
    scores = [
        (entry["data"]["participant1_score"], entry["data"]["participant2_score"])
        for entry in publisher.history(match.id)
        if entry["type"] == "score_accepted"
    ]
    assert scores == [(1, 0), (2, 0), (2, 1)]


def test_invitation_leaves_no_token_behind_and_is_renewed_in_place(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    page = screens.page(within=screens.context(size=PHONE))
    path = screens.url("official.html", tournament=cup.id)
    invited = cup.token("invited", minutes=2, matches=(match.id,))

    page.goto(f"{path}#{match.id}&token={invited}")
    expect(page.locator("#holder")).to_contain_text("invited, until")
    assert page.url == f"{path}#{match.id}"
    before = page.locator("#holder").inner_text()
    page.locator("#goal summary").click()
    page.get_by_label("Scorer").fill("Ann")
    expect(page.locator("#notice-text")).to_contain_text("expires in a few minutes")
    press(page, "Renew sign-in")
    page.get_by_label("Your access token").fill(
        cup.token("invited", minutes=600, matches=(match.id,))
    )
    press(page, "Sign in")

    expect(page.locator("#holder")).not_to_have_text(before)
    expect(page.get_by_label("Scorer")).to_have_value("Ann")
    press(page, "+1 The first")
    expect(page.locator("#log .outcome").first).to_contain_text("Saved")
    assert publisher.match(match.id)["details"] == {"scorer": "Ann", "team": match.first}


def test_tournament_is_completed_once_nothing_is_in_play_and_reopened(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    page = screens.official(cup, match)
    page.get_by_role("link", name="Your matches").click()

    press(page, "Complete tournament…", "Complete tournament")
    expect(page.locator("#tournament-error")).to_contain_text("still in play")
    publisher.complete(match.id, winner_id=None)
    expect(page.locator("#finished li")).to_have_count(1)
    press(page, "Complete tournament…", "Complete tournament")
    expect(page.locator("#tournament-state")).to_have_text("This tournament is complete.")
    assert publisher.tournament(cup.id)["state"] == "completed"
    press(page, "Reopen tournament…", "Reopen tournament")

    expect(page.get_by_role("button", name="Complete tournament…")).to_be_visible()
    assert publisher.tournament(cup.id)["state"] == "open"
