"""What the server refuses, and what a page does not even send: a sentence for a person."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from scorecast_client.publisher import Publisher
from tests.browser.screens import Screens
from tests.e2e.venue import Venue


def outcome_of_a_tap(official: Page, button: str) -> str:
    """What the official reads of a command that was not done."""
    official.get_by_role("button", name=button).click()
    entry = official.locator("#log li").first
    expect(entry).to_have_attribute("data-status", "refused")
    return entry.locator(".outcome").inner_text()


def deaf_to(page: Page, kind: str) -> None:
    """The page does not hear events of this type, as if they were still on their way."""

    def relay(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def tell(text: str | bytes) -> None:
            if json.loads(text)["type"] != kind:
                socket.send(text)

        server.on_message(tell)

    page.route_web_socket("**/*", relay)


def test_a_goal_after_the_end_is_refused_with_a_sentence(
    screens: Screens, venue: Venue, publisher: Publisher
) -> None:
    match = venue.new_match()
    publisher.start(match.id)
    page = screens.page()
    deaf_to(page, "match_completed")
    official = screens.official(venue, match, page)
    expect(official.get_by_role("button", name="+1 The first")).to_be_enabled()
    publisher.complete(match.id, winner_id=None)

    sentence = outcome_of_a_tap(official, "+1 The first")

    assert sentence == "The match is over, and its result stands."


def test_a_score_that_is_older_than_the_stored_one_is_refused_with_both(
    screens: Screens, venue: Venue, publisher: Publisher
) -> None:
    match = venue.new_match()
    publisher.start(match.id)
    newest = {"participant1_score": 4, "participant2_score": 2, "client_revision": 2**53 - 1}
    venue.official().command("score_update", match.id, **newest)
    official = screens.official(venue, match)
    expect(official.get_by_role("textbox", name="The first")).to_have_value("4")

    sentence = outcome_of_a_tap(official, "+1 The first")

    assert sentence.startswith("Not taken: 4\N{EN DASH}2 is stored already, from someone else.")


def test_the_scores_of_a_phone_that_is_a_day_late_count_all_the_same(
    screens: Screens, venue: Venue, publisher: Publisher
) -> None:
    match = venue.new_match()
    publisher.start(match.id)
    publisher.score(match.id, (1, 0))
    page = screens.page()
    page.clock.install(time=datetime.now(UTC) - timedelta(days=1))
    official = screens.official(venue, match, page)

    official.get_by_role("button", name="+1 The second").click()

    expect(official.locator("#log .outcome").first).to_have_text("Acknowledged, revision 2")


def test_who_runs_the_tournament_no_longer_is_told_that(
    screens: Screens, venue: Venue, publisher: Publisher
) -> None:
    match = venue.new_match()
    official = screens.official(venue, match)
    publisher.put_tournament(venue.id, name="A cup", organizers=["somebody-else"])

    sentence = outcome_of_a_tap(official, "Start the match")

    assert sentence == "Your token does not let you do this in this match."


def test_a_spectators_token_runs_nothing_and_is_told_so(screens: Screens, venue: Venue) -> None:
    official = screens.official(venue, venue.new_match(), token=venue.token("passer-by"))

    expect(official.locator("#state")).to_contain_text("Your token does not run this match")
    assert official.locator("#actions button:visible, #score button:visible").count() == 0


def test_a_score_that_is_none_cannot_be_sent(
    screens: Screens, venue: Venue, publisher: Publisher
) -> None:
    match = venue.new_match()
    publisher.start(match.id)
    official = screens.official(venue, match)
    field = official.get_by_role("textbox", name="The first")
    report = official.locator("#report")

    for typed in ("-1", "1.5", "two", "1000001", "9999999", " "):
        field.fill(typed)
        expect(report).to_be_disabled()
    field.fill("1000000")
    report.click()

    expect(official.locator("#log .outcome").first).to_contain_text("Acknowledged")
    assert publisher.match(match.id)["participant1_score"] == 1_000_000


@pytest.mark.parametrize(
    ("token", "sentence"),
    [
        ("nonsense", "This is no access token. Copy all of it: three parts with dots between."),
        ("expired", "This token has expired. Please ask for a new one."),
    ],
)
def test_a_token_that_is_none_is_refused_before_it_is_sent(
    screens: Screens, venue: Venue, token: str, sentence: str
) -> None:
    page = screens.visit(screens.page(), "official.html", tournament=venue.id)
    given = venue.token(venue.organizer, minutes=-1) if token == "expired" else token

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
def test_a_link_that_names_nothing_is_told_in_a_sentence(
    screens: Screens, query: dict[str, str], sentence: str
) -> None:
    page = screens.visit(screens.page(), **query)

    expect(page.locator("#notice-text")).to_contain_text(sentence)
    expect(page.get_by_role("button", name="Try now")).to_be_hidden()
