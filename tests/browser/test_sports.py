"""Each kind of sport as an official taps it and a spectator sees it."""

import re
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from scorecast_client.publisher import Publisher
from tests.browser.screens import PHONE, Screens
from tests.e2e.client import Received
from tests.e2e.cup import KICK_OFF, Cup
from tests.e2e.deployed import Deployed, unique

SCORING: Final[dict[str, dict[str, Any] | None]] = {
    "tennis": {"scale": 0, "negative": False, "unit": "sets", "best_of": 3},
    "esports": {"scale": 0, "negative": False, "unit": "maps", "best_of": 3},
    "chess": {"scale": 1, "negative": False, "unit": "games"},
    "football": None,
    "handball": {"scale": 0, "negative": False, "unit": "goals"},
}
MINUS: Final = "\N{MINUS SIGN}"
DASH: Final = "\N{EN DASH}"


class Ground:
    """One official's page and one spectator's, for a match of each sport."""

    def __init__(self, screens: Screens, cup: Cup, publisher: Publisher) -> None:
        self._screens = screens
        self._cup = cup
        self._publisher = publisher
        self._matches = {sport: unique(sport) for sport in SCORING}
        for sport, match in self._matches.items():
            self._register(match, SCORING[sport])
        self.official = screens.page(within=screens.context(size=PHONE))
        self.official.on("dialog", lambda dialog: dialog.accept())
        self._sign_in()
        self.spectator = screens.page()

    def _register(self, match: str, scoring: dict[str, Any] | None) -> None:
        self._publisher.put_match(
            match,
            tournament_id=self._cup.id,
            participants=[(unique("a"), "Ann"), (unique("b"), "Bob")],
            scheduled_at=KICK_OFF,
            scoring=scoring,
        )
        self._publisher.start(match)

    def _sign_in(self) -> None:
        path = self._screens.url("official.html", tournament=self._cup.id)
        self.official.goto(f"{path}#&token={self._cup.token(self._cup.organizer)}")
        expect(self.official.locator("#status")).to_have_text("Live")

    def open(self, sport: str) -> tuple[Page, Page]:
        """Both pages show the sport's match."""
        match = self._matches[sport]
        self.official.evaluate("(match) => { location.hash = match; }", match)
        expect(self.official.locator("#controls")).to_be_visible()
        self._screens.visit(self.spectator, tournament=self._cup.id, match=match)
        expect(self.spectator.locator("#status")).to_have_text("Live")
        return self.official, self.spectator

    def stored(self, sport: str) -> dict[str, Any]:
        return self._publisher.match(self._matches[sport])


@pytest.fixture(scope="module")
def ground(
    browser: Browser, deployed: Deployed, publisher: Publisher, received: list[Received]
) -> Iterator[Ground]:
    screens = Screens(browser, deployed.description)
    with ExitStack() as sockets:
        cup = Cup(deployed.stack, publisher, sockets=sockets, received=received)
        yield Ground(screens, cup, publisher)
    screens.close()
    assert screens.faults == []


def press(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("button", name=name, exact=True).click()


def report(page: Page, first: str, second: str) -> None:
    """Type both numbers instead of tapping many times."""
    page.get_by_role("textbox", name="Ann").fill(first)
    page.get_by_role("textbox", name="Bob").fill(second)
    press(page, f"Report {first}{DASH}{second}")


def rows(page: Page) -> Locator:
    return page.locator("#periods tr")


def test_M9_tennis_is_tapped_and_shown_by_sets(ground: Ground) -> None:
    official, spectator = ground.open("tennis")

    report(official, "6", "4")
    press(official, "End Set 1", "+1 Bob")

    expect(spectator.locator("#hero .score")).to_have_text(["1", "0"])
    expect(rows(spectator)).to_have_text(["Sets12", "Ann60", "Bob41"])
    expect(spectator.locator("#periods .won")).to_have_text("6")
    expect(spectator.locator("#timeline .what").first).to_have_text(f"Set 1: 6{DASH}4")
    expect(official.locator("#sides .won")).to_have_text(["1 set", "0 sets"])
    press(official, "Undo")
    expect(rows(spectator)).to_have_text(["Sets1", "Ann6", "Bob4"])


def test_M9_esports_is_tapped_and_shown_by_maps_until_it_is_decided(ground: Ground) -> None:
    official, spectator = ground.open("esports")

    report(official, "13", "8")
    press(official, "End Map 1")
    report(official, "16", "14")
    press(official, "End Map 2")
    expect(official.get_by_role("button", name="+1 Ann")).to_be_disabled()
    press(official, "Complete…")
    official.locator("#completion").get_by_label("Ann").check()
    press(official, "Complete match")

    expect(spectator.locator("#hero .badge")).to_have_text("FT")
    expect(spectator.locator("#hero .score")).to_have_text(["2", "0"])
    expect(rows(spectator)).to_have_text(["Maps12", "Ann1316", "Bob814"])


def test_M9_chess_is_tapped_and_shown_with_half_points(ground: Ground) -> None:
    official, spectator = ground.open("chess")

    press(official, "+0.5 Ann", "+0.5 Bob", "+1 Bob")
    expect(spectator.locator("#hero .score")).to_have_text(["0.5", "1.5"])
    press(official, f"{MINUS}0.5 Bob")

    expect(spectator.locator("#hero .score")).to_have_text(["0.5", "1"])
    assert ground.stored("chess")["participant2_score"] == 10
    assert spectator.locator("#hero").get_by_role("table").count() == 0


def test_M9_a_shootout_is_tapped_and_shown_kick_by_kick(ground: Ground) -> None:
    official, spectator = ground.open("football")
    first, second = spectator.locator("#kicks-0 i"), spectator.locator("#kicks-1 i")

    press(official, "Begin shoot-out", "Ann: scored", "Bob: missed", "Ann: scored")
    expect(spectator.locator("#shots")).to_have_text(f"Shoot-out 2{DASH}0")
    expect(first).to_have_text(["✓", "✓"])
    expect(second).to_have_text(["✕"])
    press(official, "Take back the last kick")
    expect(first).to_have_text(["✓"])
    press(official, "Ann: missed")

    expect(first).to_have_text(["✓", "✕"])
    expect(spectator.locator("#shots")).to_have_text(f"Shoot-out 1{DASH}0")
    expect(spectator.locator("#kicks-0")).to_have_attribute("aria-label", "Ann: Scored, Missed")


def test_M9_handball_has_a_running_clock_and_halves(ground: Ground) -> None:
    official, spectator = ground.open("handball")
    badge = spectator.locator("#hero .badge")
    places = [official.locator(each).bounding_box() for each in ("#run-clock", "#set-clock")]
    assert len({place and place["y"] for place in places}) == 1  # beside each other on a phone

    press(official, "Set…")
    official.get_by_label("Minutes").fill("29")
    official.get_by_label("Seconds").fill("50")
    press(official, "Set clock", "Start clock", "+1 Ann")
    expect(spectator.locator("#hero .score")).to_have_text(["1", "0"])
    expect(badge).to_have_text(re.compile("29:5[1-9]|30:"))  # it runs on its own
    press(official, "Begin Period 2", "+1 Bob")

    expect(badge).to_contain_text("Period 2 ")
    expect(rows(spectator)).to_have_text(["Periods12", "Ann10", "Bob01"])
    clock = ground.stored("handball")["clock"]
    assert (clock["period"], clock["running"]) == ("2", False)


def test_buttons_stay_on_one_line_in_a_wider_font(ground: Ground) -> None:
    official, _ = ground.open("football")
    heights = "(taps) => taps.map((tap) => tap.getBoundingClientRect().height)"
    taps = official.locator("#sides button")
    before = taps.evaluate_all(heights)
    official.evaluate("document.body.style.letterSpacing = '0.3em'")
    assert taps.evaluate_all(heights) == before
    official.evaluate("document.body.style.letterSpacing = ''")
