"""The console: what a connection receives, gaps in it, and ending a user's connections."""

import json

from playwright.sync_api import Page, WebSocketRoute, expect

from scorecast_client.publisher import Publisher
from tests.browser.screens import Screens
from tests.browser.test_accessibility import assert_view_is_accessible
from tests.e2e.cup import Cup
from tests.e2e.deployed import unique


def opened(screens: Screens, cup: Cup, token: str, page: Page | None = None) -> Page:
    page = screens.visit(page or screens.page(), "console.html", tournament=cup.id)
    page.get_by_label("Your access token").fill(token)
    page.get_by_role("button", name="Sign in", exact=True).click()
    return page


def test_scores_are_shown_as_messages_and_a_lost_one_as_a_gap(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    lost: list[str] = []

    def lose_first_score(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def forward(message: str | bytes) -> None:
            if not lost and json.loads(message)["type"] == "score_updated":
                lost.append(str(message))
            else:
                socket.send(message)

        server.on_message(forward)

    page = screens.page()
    page.route_web_socket("**/*", lose_first_score)
    opened(screens, cup, cup.token(cup.organizer), page)
    started = page.locator("#messages tr", has_text="match_started")
    expect(page.locator("#messages")).to_contain_text("connection_established")
    publisher.start(match.id)
    expect(started).to_have_attribute("data-way", "in")
    assert started.locator("td").nth(3).inner_text() == "2"

    publisher.score(match.id, (1, 0))
    while not lost:
        page.wait_for_timeout(50)
    publisher.score(match.id, (2, 0))

    expect(page.locator("#gaps")).to_have_text("1")
    expect(page.locator("#messages [data-gap]")).to_contain_text("4, gap: 3 to 3 missing")
    expect(page.locator('#messages [data-way="out"]').first).to_contain_text("subscribe")
    assert_view_is_accessible(page, "console", "en")


def test_connections_of_a_user_are_closed(screens: Screens, cup: Cup) -> None:
    user = unique("watcher")
    spectator = screens.spectator(cup, token=cup.token(user))
    page = opened(screens, cup, cup.token(unique("operator"), role="admin"))

    page.get_by_label("User id").fill(user)
    page.get_by_role("button", name="Disconnect").click()

    expect(page.locator("#disconnected")).to_have_text(f"1 connection of {user} closed.")
    expect(spectator.locator("#notice-text")).to_contain_text("organizers have closed")


def test_spectators_see_nothing_of_the_console(screens: Screens, cup: Cup) -> None:
    page = opened(screens, cup, cup.token(unique("spectator")))

    expect(page.locator("#token-error")).to_contain_text("This token is a spectator")
    expect(page.locator("#messages")).to_be_hidden()
    assert page.locator("#messages tbody tr").count() == 0
