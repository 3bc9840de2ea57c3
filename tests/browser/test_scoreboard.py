"""The pages with any name, details and language, and while matches change."""

import itertools
from collections.abc import Iterator
from typing import Final

import pytest
from playwright.sync_api import Page, Route, expect

from infra.local.build import BUNDLE
from scorecast_client.publisher import Publisher
from tests.browser.screens import PHONE, Screens
from tests.e2e.cup import KICK_OFF, Cup
from tests.e2e.deployed import unique

SHIFT_MAX: Final = 0.02
OBSERVE_SHIFTS: Final = """window.shift = 0;
new PerformanceObserver((list) => {
    for (const {value, hadRecentInput} of list.getEntries()) shift += hadRecentInput ? 0 : value;
}).observe({type: "layout-shift", buffered: true});"""
LONG_MS: Final = 20_000
EMBED: Final = """({url, match, token, integrity}) => {
    const score = document.createElement("live-score");
    const attributes = Object.entries({url, match, token});
    for (const [name, value] of attributes) score.setAttribute(name, value);
    const script = Object.assign(document.createElement("script"), {integrity});
    script.crossOrigin = "anonymous";
    script.src = "/client/scorecast.iife.js";
    document.body.append(score, script);
}"""


def put_match(cup: Cup, publisher: Publisher, match_id: str) -> str:
    players = [(unique("p"), "Ann"), (unique("p"), "Bob")]
    publisher.put_match(match_id, tournament_id=cup.id, participants=players, scheduled_at=KICK_OFF)
    return match_id


@pytest.mark.parametrize("name", ["constructor", "isPrototypeOf", "__proto__"])
def test_match_may_have_any_name(
    screens: Screens, cup: Cup, publisher: Publisher, name: str
) -> None:
    match = put_match(cup, publisher, name)
    page = screens.page()
    page.clock.install()
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    screens.spectator(cup, page=page)
    publisher.start(match)
    publisher.score(match, (1, 0))

    expect(page.locator("#live .score")).to_have_text(["1", "0"])
    page.clock.run_for(LONG_MS)
    expect(page.locator("#status")).to_have_text("Live")
    assert len(sockets) == 1
    publisher.complete(match, winner_id=None)


@pytest.mark.parametrize(
    "details",
    [
        {"minute": {"a": 1}, "scorer": "Ann"},
        {"kind": {"toString": 1}, "scorer": "Ann"},
        {"penalties": {"home": "x"}, "minute": [], "scorer": "Ann"},
    ],
)
def test_details_of_any_shape_break_no_page(
    screens: Screens, cup: Cup, publisher: Publisher, details: dict[str, object]
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    publisher.score(match.id, (1, 0), details=details)

    page = screens.spectator(cup)
    official = screens.official(cup, match)

    expect(page.locator("#live .note")).to_have_text("Ann")
    expect(official.get_by_role("textbox", name="The first")).to_have_value("1")


def test_tap_keeps_the_details_of_the_match(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    publisher.score(match.id, (1, 0), details={"sets": [[6, 4]], "scorer": "Ann"})
    official = screens.official(cup, match)

    official.get_by_role("button", name="+1 The first").click()
    expect(official.locator("#log .outcome").first).to_contain_text("Saved")

    assert publisher.match(match.id)["details"] == {"sets": [[6, 4]]}


def test_tap_can_be_undone(screens: Screens, cup: Cup, publisher: Publisher) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    official = screens.official(cup, match)

    official.get_by_role("button", name="+1 The first").click()
    expect(official.locator("#log li")).to_have_count(1)
    official.get_by_role("button", name="Undo", exact=True).click()
    expect(official.locator("#log li")).to_have_count(2)
    expect(official.locator("#log .outcome").first).to_contain_text("Saved")

    assert publisher.match(match.id)["participant1_score"] == 0


def test_matches_that_begin_and_end_move_nothing(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    matches = [cup.new_match() for _ in range(5)]
    publisher.start(matches[0].id)
    page = screens.page(within=screens.context(size=PHONE))
    page.add_init_script(OBSERVE_SHIFTS)
    screens.spectator(cup, page=page)
    expect(page.locator("#live .score")).to_have_text(["0", "0"])

    for match, following in itertools.pairwise(matches):
        publisher.score(match.id, (1, 0), details={"minute": 9, "scorer": "Ann"})
        publisher.complete(match.id, winner_id=match.first)
        publisher.start(following.id)
        card = page.locator(f'#live [data-match="{following.id}"]')
        expect(card).to_have_attribute("data-state", "live")

    assert page.locator("#live li").count() == 1
    assert page.evaluate("shift") <= SHIFT_MAX


def test_title_begins_with_the_score(screens: Screens, cup: Cup, publisher: Publisher) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    publisher.score(match.id, (2, 1))

    page = screens.spectator(cup, match)

    expect(page).to_have_title(
        "2\N{EN DASH}1 \N{MIDDLE DOT} The first v The second \N{MIDDLE DOT} Live"
    )


@pytest.mark.parametrize(("language", "tab"), [("de", "Spielplan"), ("es", "Calendario")])
def test_page_is_in_the_readers_language(
    screens: Screens, cup: Cup, language: str, tab: str
) -> None:
    cup.new_match()
    page = screens.visit(screens.page(), tournament=cup.id, lang=language)

    expect(page.get_by_role("tab", name=tab)).to_have_attribute("aria-selected", "true")
    expect(page.locator("html")).to_have_attribute("lang", language)


def test_reload_keeps_the_tab(screens: Screens, cup: Cup) -> None:
    cup.new_match()
    page = screens.spectator(cup)

    page.get_by_role("tab", name="Results").click()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowRight")
    page.set_viewport_size({"width": 320, "height": 640})
    page.reload()

    chosen = page.get_by_role("tab", name="Results")
    expect(chosen).to_have_attribute("aria-selected", "true")
    expect(chosen).to_be_in_viewport(ratio=1)  # the tabs are wider than the phone


def test_a_proxys_error_is_retried(screens: Screens, cup: Cup) -> None:
    page = screens.page()
    page.clock.install()
    answers = iter([(403, "<h1>Blocked</h1>"), (502, "")])
    page.route("**/tickets*", lambda route: _answer_once(route, answers))
    page.on("console", lambda message: screens.faults.clear())
    screens.visit(page, tournament=cup.id)

    expect(page.locator("#status")).to_contain_text("Trying again")
    page.clock.run_for(LONG_MS)
    expect(page.locator("#status")).to_have_text("Live")
    screens.faults.clear()


def _answer_once(route: Route, answers: Iterator[tuple[int, str]]) -> None:
    answer = next(answers, None)
    if answer is None:
        route.fallback()
    else:
        route.fulfill(status=answer[0], body=answer[1], content_type="text/html")


def test_script_with_its_hash_shows_a_score(
    screens: Screens, cup: Cup, publisher: Publisher
) -> None:
    match = cup.new_match()
    publisher.start(match.id)
    publisher.score(match.id, (2, 1))
    page = embedded(screens.page(), screens, match.id, cup.token("fan"))

    score = page.locator("live-score")
    expect(score.locator("dd")).to_have_text(["2", "1"])
    publisher.score(match.id, (3, 1))
    expect(score.locator("dd")).to_have_text(["3", "1"])


def embedded(page: Page, screens: Screens, match: str, token: str) -> Page:
    """A page that has nothing but the script and an element: a JSON file of the page's host."""
    integrity = BUNDLE.with_name("scorecast.iife.js.sri").read_text().strip()
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    screens.visit(page, "tokens.json")
    options = {"url": screens.ws_url, "match": match, "token": token, "integrity": integrity}
    page.evaluate(EMBED, options)
    return page
