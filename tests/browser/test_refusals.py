"""Rejected commands and invalid input: a sentence for people."""

import json
import time
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from scorecast_client.publisher import Publisher
from tests.browser.screens import Screens
from tests.e2e.cup import Cup


def outcome_of_a_tap(official: Page, button: str) -> str:
    """The sentence that the official reads after a rejected command."""
    official.get_by_role("button", name=button).click()
    entry = official.locator("#log li").first
    expect(entry).to_have_attribute("data-status", "refused")
    return entry.locator(".outcome").inner_text()


def without_events(page: Page, kind: str) -> None:
    """The page does not receive events of this type, as if they were late."""

    def relay(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def forward(text: str | bytes) -> None:
            if json.loads(text)["type"] != kind:
                socket.send(text)

        server.on_message(forward)

    page.route_web_socket("**/*", relay)


def test_goal_after_the_end_is_rejected(screens: Screens, cup: Cup, publisher: Publisher) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    page = screens.page()
    without_events(page, "match_completed")
    official = screens.official(cup, match, page)
    expect(official.get_by_role("button", name="+1 The first")).to_be_enabled()
    publisher.complete(match.id, winner_id=None)

    sentence = outcome_of_a_tap(official, "+1 The first")

    assert sentence == "The match is finished, and its result is final."


def test_stale_score_shows_the_stored_one(screens: Screens, cup: Cup, publisher: Publisher) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    ahead_ms = int(time.time() * 1_000) + 30_000  # within what the service allows
    newest = {"participant1_score": 4, "participant2_score": 2, "client_revision": ahead_ms}
    cup.official().command("score_update", match.id, **newest)
    official = screens.official(cup, match)
    expect(official.get_by_role("textbox", name="The first")).to_have_value("4")

    sentence = outcome_of_a_tap(official, "+1 The first")

    assert sentence.startswith("Not saved: 4\N{EN DASH}2 is already stored, from someone else.")


def test_phone_with_a_slow_clock_reports_scores(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    publisher.score(match.id, (1, 0))
    page = screens.page()
    page.clock.install(time=datetime.now(UTC) - timedelta(days=1))
    official = screens.official(cup, match, page)

    official.get_by_role("button", name="+1 The second").click()

    expect(official.locator("#log .outcome").first).to_contain_text("Saved")


def test_former_organizer_is_rejected(screens: Screens, cup: Cup, publisher: Publisher) -> None:
    match = cup.new_match()
    official = screens.official(cup, match)
    publisher.put_tournament(cup.id, name="A cup", organizers=["somebody-else"])

    sentence = outcome_of_a_tap(official, "Start match")

    assert sentence == "Your token does not allow this in this match."


def test_spectator_token_has_no_controls(screens: Screens, cup: Cup) -> None:
    official = screens.official(cup, cup.new_match(), token=cup.token("passer-by"))

    expect(official.locator("#state")).to_contain_text("Your token does not let you run this match")
    assert official.locator("#actions button:visible, #score button:visible").count() == 0


def test_invalid_score_cannot_be_sent(screens: Screens, cup: Cup, publisher: Publisher) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    official = screens.official(cup, match)
    field = official.get_by_role("textbox", name="The first")
    report = official.locator("#report")

    for typed in ("-1", "1.5", "two", "1000000000001", "9999999999999", " "):
        field.fill(typed)
        expect(report).to_be_disabled()
    official.on("dialog", lambda dialog: dialog.accept())
    field.fill("1000000000000")
    report.click()

    expect(official.locator("#log .outcome").first).to_contain_text("Saved")
    assert publisher.match(match.id)["participant1_score"] == 10**12


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("nonsense", "This is not an access token. Copy all of it: three parts separated by dots."),
        ("expired", "This token has expired. Please ask for a new one."),
    ],
)
def test_invalid_token_is_rejected_before_sending(
    screens: Screens, cup: Cup, token: str, sentence: str
) -> None:
    page = screens.visit(screens.page(), "official.html", tournament=cup.id)
    given = cup.token(cup.organizer, minutes=-1) if token == "expired" else token

    page.get_by_label("Your access token").fill(given)
    page.get_by_role("button", name="Sign in", exact=True).click()

    expect(page.get_by_role("alert")).to_have_text(sentence)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ({"match": "no such id"}, "The link does not name a match."),
        ({"tournament": "../x"}, "The link does not name a tournament."),
    ],
)
def test_invalid_link_has_a_notice(screens: Screens, query: dict[str, str], sentence: str) -> None:
    page = screens.visit(screens.page(), **query)

    expect(page.locator("#notice-text")).to_contain_text(sentence)
    expect(page.get_by_role("button", name="Try now")).to_be_hidden()
