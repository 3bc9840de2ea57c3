"""The pages with a screen reader, a keyboard, or a small phone."""

import json
from typing import Any, Final

import pytest
from playwright.sync_api import Page, expect

from infra.local.paths import ROOT
from scorecast_client.publisher import Publisher
from tests.browser.screens import Screens
from tests.e2e.cup import KICK_OFF, Cup, Pairing

AXE: Final = ROOT / "clients" / "js" / "node_modules" / "axe-core" / "axe.min.js"
LANGUAGES: Final = ("en", "de", "es")
TABS: Final = ("live", "schedule", "results", "groups", "bracket")
WIDTHS: Final = (320, 768, 1920)
VIOLATIONS: Final = """async (rules) => (await axe.run({
    resultTypes: ["violations"], ...(rules && {runOnly: rules})
})).violations
    .filter(({impact}) => impact === "serious" || impact === "critical")
    .map(({id, nodes}) => [id, ...nodes.map(({target}) => target.join(" "))])"""
CONTROLS: Final = "a[href], button, input, textarea, summary"
FOCUSED: Final = """() => {
    const focused = document.activeElement;
    if (focused === document.body) return null;
    const {outlineStyle} = getComputedStyle(focused);
    return {html: focused.outerHTML, isOutlined: outlineStyle !== "none"};
}"""
REACHABLE: Final = """(controls) => [...document.querySelectorAll(controls)]
    .filter((one) => one.checkVisibility({visibilityProperty: true}) && !one.disabled)
    .map((one) => one.outerHTML)"""
LONG_NAME: Final = "Donaudampfschifffahrtselektrizitaetenhauptbetriebswerk"


@pytest.fixture
def matches(cup: Cup, publisher: Publisher) -> list[Pairing]:
    """One match in each state, one of them followed by another."""
    scheduled, live, paused, disputed, completed = made = [cup.new_match() for _ in range(5)]
    for match in (live, paused, disputed, completed):
        publisher.start(match.id)
        publisher.score(match.id, (2, 1), details={"minute": 44, "scorer": LONG_NAME})
    publisher.change_state(paused.id, "paused")
    publisher.change_state(disputed.id, "disputed")
    publisher.complete(completed.id, winner_id=completed.first)
    publisher.put_match(
        scheduled.id,
        tournament_id=cup.id,
        participants=[(scheduled.first, LONG_NAME), (scheduled.second, "B")],
        scheduled_at=KICK_OFF,
    )
    return made


def structure(matches: list[Pairing]) -> dict[str, Any]:
    """All but the last in a group, the last two as rounds of a knockout."""
    ids = [match.id for match in matches]
    final = {"match_id": ids[0], "slots": [{"winner_of": ids[-1]}, None]}
    return {
        "groups": [{"name": "Group A", "matches": ids[1:-1]}],
        "rounds": [
            {"name": "Semi-final", "matches": [{"match_id": ids[-1], "slots": [None, None]}]},
            {"name": "Final", "matches": [final]},
        ],
    }


def with_structure(page: Page, matches: list[Pairing]) -> Page:
    body = json.dumps(structure(matches))
    page.route(
        "**/tournaments/*/structure",
        lambda route: route.fulfill(body=body, content_type="application/json"),
    )
    return page


def assert_view_is_accessible(page: Page, view: str, language: str) -> None:
    """In every theme, which changes colours and no words, and from a small phone to a desktop."""
    what = f"{view} in {language}"
    if not page.evaluate("Boolean(window.axe)"):
        page.evaluate(f"(() => {{ {AXE.read_text(encoding='utf-8')} }})()")
    page.emulate_media(color_scheme="light", reduced_motion="reduce")
    assert page.evaluate(VIOLATIONS, None) == [], what
    if language == LANGUAGES[0]:
        page.emulate_media(color_scheme="dark", reduced_motion="reduce")
        assert page.evaluate(VIOLATIONS, ["color-contrast"]) == [], f"{what}, dark"
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 700})
        scrolled = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert scrolled <= 0, f"{what}: wider than its window of {width} px"


def test_every_view_of_spectators_in_every_theme_and_language(
    screens: Screens, cup: Cup, matches: list[Pairing]
) -> None:
    page = with_structure(screens.page(), matches)
    for language in LANGUAGES:
        screens.visit(page, tournament=cup.id, lang=language)
        expect(page.locator("#live li")).to_have_count(3)
        for tab in TABS:
            page.locator(f"#tab-{tab}").click()
            expect(page.locator(f"#panel-{tab}")).to_be_visible()
            assert_view_is_accessible(page, tab, language)
        screens.visit(page, tournament=cup.id, match=matches[3].id, lang=language)
        expect(page.locator("#timeline li").first).to_be_visible()
        expect(page.locator("#follow button").first).to_be_visible()
        assert_view_is_accessible(page, "match", language)
        screens.visit(page, match="no such id", lang=language)
        expect(page.locator("#notice")).to_be_visible()
        assert_view_is_accessible(page, "notice", language)


def test_every_view_of_officials_in_every_theme_and_language(
    screens: Screens, cup: Cup, matches: list[Pairing]
) -> None:
    page = screens.page()
    for language in LANGUAGES:
        screens.visit(page, "official.html", tournament=cup.id, lang=language)
        expect(page.locator("#demo-roles button").first).to_be_visible()
        assert_view_is_accessible(page, "signing in", language)
        page.locator("#token").fill(cup.token(cup.organizer))
        page.locator("#sign-in > button").click()
        expect(page.locator("#choice li")).to_have_count(len(matches))
        assert_view_is_accessible(page, "choice", language)
        page.locator(f'#live [data-match="{matches[1].id}"] a').click()
        page.locator("#goal summary").click()
        for button in ("complete", "dispute", "unstart", "cancel"):
            page.locator(f"#{button}").click()
            assert_view_is_accessible(page, button, language)
        page.locator("#sign-out").click()


def test_tab_reaches_every_control_with_visible_focus(
    screens: Screens, cup: Cup, matches: list[Pairing]
) -> None:
    page = screens.official(cup, matches[1])
    page.locator("#goal summary").click()
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    page.locator("#title").focus()
    wanted = page.evaluate(REACHABLE, CONTROLS)

    seen = []
    for _ in (*wanted, "the browser's own"):
        page.keyboard.press("Tab")
        if focused := page.evaluate(FOCUSED):
            seen.append(focused["html"])
            assert focused["isOutlined"], focused["html"]

    assert len(wanted) >= 14
    assert sorted(seen) == sorted(wanted)


def press(page: Page, label: str, *keys: str) -> None:
    """Go on by Tab to the control of this name, and press the keys there."""
    control = page.get_by_role("button", name=label).or_(page.get_by_role("radio", name=label))
    for _ in range(page.locator(CONTROLS).count()):
        page.keyboard.press("Tab")
        if control.evaluate_all("(all) => all.includes(document.activeElement)"):
            break
    expect(control).to_be_focused()
    for key in keys:
        page.keyboard.press(key)


def test_match_is_run_by_keyboard(screens: Screens, cup: Cup, publisher: Publisher) -> None:
    match = cup.new_match()
    page = screens.official(cup, match)
    outcome = page.locator("#log .outcome").first

    press(page, "Start match", "Enter")
    expect(page.locator("#state")).to_have_text("Live")
    press(page, "+1 The second", "Space")
    expect(outcome).to_contain_text("Saved")
    press(page, "Dispute…", "Enter")
    page.keyboard.type("Offside")
    press(page, "Open dispute", "Enter")
    expect(page.locator("#disputes")).to_contain_text("Offside")
    expect(page.locator("#state")).to_have_text("Live")
    press(page, "Complete…", "Enter")
    page.keyboard.press("ArrowDown")
    press(page, "Complete match", "Enter")
    expect(page.locator("#state")).to_have_text("Finished")

    stored = publisher.match(match.id)
    assert (stored["state"], stored["winner_id"]) == ("completed", match.second)
    assert (stored["participant1_score"], stored["participant2_score"]) == (0, 1)
