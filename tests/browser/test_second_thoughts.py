"""Two officials at once, and what an official takes back; others see it on their pages."""

from collections.abc import Callable

from playwright.sync_api import Page, WebSocketRoute, expect

from scorecast_client.publisher import Publisher
from tests.browser.screens import Screens
from tests.e2e.cup import Cup

HELD = ("score_updated", "viewers")


def held_scores(page: Page) -> Callable[[], None]:
    """The page receives no score until the function that this returns is called.

    Nor the number of viewers: it shows that something is missing, and the page asks for it.
    """
    held: list[Callable[[], None]] = []
    is_held = [True]

    def relay(socket: WebSocketRoute) -> None:
        server = socket.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            if is_held[0] and any(f'"type":"{kind}"' in str(message) for kind in HELD):
                held.append(lambda: socket.send(message))
            else:
                socket.send(message)

        server.on_message(pass_on)

    def release() -> None:
        is_held[0] = False
        for send in held:
            send()

    page.route_web_socket("**/*", relay)
    return release


def test_M7_a_tap_in_conflict_is_applied_to_what_another_official_has_stored(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    page = screens.page()
    release = held_scores(page)
    official = screens.official(cup, match, page)
    spectator = screens.spectator(cup, match)

    publisher.score(match.id, (1, 0))
    expect(spectator.locator("#hero .score")).to_have_text(["1", "0"])
    official.get_by_role("button", name="+1 The second").click()
    expect(official.locator("#log .outcome").first).to_contain_text(
        "1\N{EN DASH}0 was stored meanwhile"
    )
    official.get_by_role(
        "button", name="Someone has stored 1\N{EN DASH}0: make it 1\N{EN DASH}1"
    ).click()

    expect(official.locator("#log .outcome").first).to_contain_text("Saved")
    expect(spectator.locator("#hero .score")).to_have_text(["1", "1"])
    release()
    expect(official.get_by_role("textbox", name="The second")).to_have_value("1")


def test_M4_an_official_takes_back_a_start_and_an_end(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    official, spectator = screens.official(cup, match), screens.spectator(cup, match)
    badge, what = spectator.locator("#hero .badge"), spectator.locator("#timeline .what")

    def press(*names: str) -> None:
        for name in names:
            official.get_by_role("button", name=name, exact=True).click()

    press("Start match", "Undo start…", "Undo start")
    expect(official.locator("#state")).to_have_text("Not started")
    press("Postpone…", "Postpone match")
    expect(badge).to_have_text("Postponed")
    press("End without play…")
    official.locator("#awarding").get_by_label("The first").check()
    press("Complete match")
    expect(badge).to_have_text("Walkover")
    press("Amend result…")
    amending = official.locator("#amending")
    amending.get_by_label("The second").last.check()
    amending.get_by_label("Outcome").select_option("Awarded")
    amending.get_by_label("Reason, shown to everyone").fill("Wrong team")
    press("Amend result")
    expect(what.first).to_have_text("Result amended: Wrong team")
    stored = publisher.match(match.id)
    assert (stored["winner_id"], stored["outcome"]) == (match.second, "awarded")
    press("Reopen match…")
    official.locator("#reopening").get_by_label("Reason, shown to everyone").fill("They came")
    press("Reopen match")
    expect(what.first).to_have_text("Match reopened: They came")
    expect(badge).to_have_text("Live")


def test_M6_a_dispute_is_raised_after_the_end_and_read_by_officials_only(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    publisher.complete(match.id, winner_id=match.first)
    player = screens.official(cup, match, token=cup.token(match.second))
    official, spectator = screens.official(cup, match), screens.spectator(cup, match)

    player.get_by_role("button", name="Dispute…").click()
    player.get_by_label("What is disputed?").fill("It was offside")
    player.get_by_role("button", name="Open dispute").click()

    expect(official.locator("#disputes")).to_contain_text("It was offside")
    expect(spectator.locator("#timeline .what").first).to_have_text("Dispute opened")
    expect(spectator.locator("body")).not_to_contain_text("offside")
    expect(player.get_by_role("button", name="Uphold")).to_have_count(0)
    official.get_by_role("button", name="Reject").click()
    expect(player.locator("#disputes")).to_contain_text("Rejected")
