"""What an official does on one page, and others see on theirs."""

from playwright.sync_api import expect

from scorecast_client.publisher import Publisher
from tests.browser.screens import Screens
from tests.e2e.cup import Cup
from tests.e2e.deployed import until


def test_spectator_sees_a_tapped_goal(screens: Screens, cup: Cup) -> None:
    match = cup.new_match()
    spectator = screens.spectator(cup, match)
    official = screens.official(cup, match)

    official.get_by_role("button", name="Start match").click()
    expect(spectator.locator("#timeline li")).to_contain_text("Match started")
    official.get_by_role("button", name="+1 The second").click()

    expect(spectator.locator("#hero .score")).to_have_text(["0", "1"])
    expect(spectator.locator("#timeline .what").first).to_have_text("The second: Goal")
    expect(spectator.locator("#announcements")).to_contain_text("The first 0, The second 1")
    expect(official.locator("#log .outcome").first).to_contain_text("Saved")


def test_tournament_page_follows_a_match(screens: Screens, cup: Cup, publisher: Publisher) -> None:
    match = cup.new_match()
    page = screens.spectator(cup)
    expect(page.locator("#upcoming .name")).to_have_text(["The first", "The second"])

    publisher.start(match.id)
    publisher.score(match.id, (2, 0), details={"minute": 12, "scorer": "Ann"})
    expect(page.locator("#live .score")).to_have_text(["2", "0"])
    expect(page.locator("#live .note")).to_have_text("12\N{PRIME} Ann")
    publisher.complete(match.id, winner_id=match.first)

    expect(page.locator("#finished .score")).to_have_text(["2", "0"])
    expect(page.locator("#finished .badge")).to_have_text("FT")


def test_late_visitor_sees_earlier_events(screens: Screens, cup: Cup, publisher: Publisher) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    publisher.change_state(match.id, "paused")
    publisher.change_state(match.id, "live")

    page = screens.spectator(cup, match)

    expect(page.locator("#timeline .what")).to_have_text(
        ["Match resumed", "Match paused", "Match started"]
    )


def test_two_tabs_of_one_user_are_independent(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    browser, token = screens.context(), cup.token("two-tabs")
    tabs = [
        screens.spectator(cup, match, screens.page(within=browser), token=token) for _ in range(2)
    ]
    publisher.score(match.id, (1, 0))
    for tab in tabs:
        expect(tab.locator("#hero .score")).to_have_text(["1", "0"])

    left, stays = tabs
    left.close()
    until(lambda: publisher.room(match.id)["viewers"] == 1)
    publisher.score(match.id, (1, 1))

    expect(stays.locator("#hero .score")).to_have_text(["1", "1"])
    expect(stays.locator("#status")).to_have_text("Live")


def test_names_are_rendered_as_text(screens: Screens, cup: Cup, publisher: Publisher) -> None:
    name = "<img src=x onerror=alert(1)>"
    match = cup.new_match()
    publisher.put_tournament(cup.id, name=name, organizers=[cup.organizer])

    page = screens.spectator(cup)
    official = screens.official(cup, match)
    official.get_by_role("button", name="Start match").click()
    official.get_by_role("button", name="Dispute…").click()
    official.get_by_label("What is disputed?").fill(name)
    official.get_by_role("button", name="Open dispute").click()

    expect(page.locator("h1")).to_have_text(name)
    expect(official.locator("#disputes")).to_contain_text(name)
    assert page.locator("img").count() == official.locator("img").count() == 0
