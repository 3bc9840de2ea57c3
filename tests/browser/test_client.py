"""The JavaScript client by itself, in a page that has nothing else."""

from typing import Any

import pytest
from playwright.sync_api import Page

from scorecast_client.publisher import Publisher
from tests.browser.line import Line
from tests.browser.screens import Screens
from tests.e2e.deployed import Deployed
from tests.e2e.venue import Pairing, Venue

KINDS = ["snapshot", "status", "score_updated", "match_started", "match_state_changed"]
CONNECT = """async ({options, tokens, kinds}) => {
    const {connect} = await import("/client/index.js");
    const token = () => (tokens.length > 1 ? tokens.shift() : tokens[0]);
    window.heard = [];
    window.connection = connect({...options, token});
    for (const kind of kinds) connection.on(kind, (event) => heard.push({kind, ...event}));
}"""
HEARD = """({kind, wanted}) => heard.find((event) => event.kind === kind
    && Object.entries(wanted).every(([name, value]) => event[name] === value))"""
LIFE_MINUTES = 0.75
"""Of a token; half of it is over before the client is due to be pinged."""


@pytest.fixture
def bare(screens: Screens, line: Line) -> Page:
    """What the page's host serves as JSON: a place of its origin with no script and no policy."""
    page = screens.page(line=line)
    page.clock.install()
    return screens.visit(page, "structure.json")


@pytest.fixture
def urls(deployed: Deployed, line: Line, screens: Screens) -> dict[str, str]:
    told = screens.led_through(line, deployed.description)
    return {"url": told["ws_url"], "http": told["http_url"]}


def connect(page: Page, options: dict[str, str], *tokens: str) -> None:
    page.evaluate(CONNECT, {"options": options, "tokens": tokens, "kinds": KINDS})


def wait_for(page: Page, kind: str, **wanted: Any) -> dict[str, Any]:
    found = page.wait_for_function(HEARD, arg={"kind": kind, "wanted": wanted})
    event: dict[str, Any] = found.json_value()
    return event


def started(venue: Venue, publisher: Publisher) -> Pairing:
    match = venue.new_match()
    publisher.start(match.id)
    return match


def test_it_reports_a_score_and_hears_it(
    bare: Page, urls: dict[str, str], venue: Venue, publisher: Publisher
) -> None:
    match = started(venue, publisher)
    connect(bare, urls, venue.token(venue.organizer))

    joined = bare.evaluate("(match) => connection.subscribe({match})", match.id)
    accepted = bare.evaluate("(match) => connection.reportScore(match, [1, 0])", match.id)
    refused = bare.evaluate(
        "(match) => connection.start(match).catch(({name, code, data}) => ({name, code, data}))",
        match.id,
    )

    assert (joined["role"], joined["snapshot"]["state"]) == ("organizer", "live")
    assert accepted == {"match_id": match.id, "revision": 1}
    assert (refused["code"], refused["data"]["state"]) == ("invalid_transition", "live")
    assert wait_for(bare, "score_updated", participant1_score=1)["revision"] == 1


def test_no_token_stands_in_the_address_of_a_socket(
    bare: Page, urls: dict[str, str], venue: Venue, publisher: Publisher
) -> None:
    token = venue.token("somebody")
    with bare.expect_websocket() as opened:
        connect(bare, urls | {"match": started(venue, publisher).id}, token)
    wait_for(bare, "snapshot", established=True)

    assert "ticket=" in opened.value.url
    assert token not in opened.value.url


def test_after_a_cut_it_tells_all_that_was_decided_once_and_in_order(
    bare: Page, urls: dict[str, str], venue: Venue, publisher: Publisher, line: Line
) -> None:
    match = started(venue, publisher)
    connect(bare, urls | {"match": match.id}, venue.token("somebody"))
    wait_for(bare, "snapshot", established=True)

    line.cut()
    wait_for(bare, "status", phase="waiting")
    publisher.change_state(match.id, "paused")
    publisher.change_state(match.id, "live")
    publisher.score(match.id, (0, 1))
    publisher.change_state(match.id, "paused")
    line.mend()
    bare.clock.fast_forward(20_000)

    wait_for(bare, "snapshot", established=True, recovered=True)
    told = bare.evaluate("heard.filter(({kind}) => kind === 'match_state_changed')")
    newest = publisher.match(match.id)["sequence"]
    assert [event["new_state"] for event in told] == ["paused", "live", "paused"]
    assert [event["sequence"] for event in told][-1] == newest
    assert bare.evaluate("heard.findLast(({kind}) => kind === 'snapshot').snapshot.sequence") == (
        newest
    )


def test_a_score_that_was_reported_without_a_line_arrives_when_it_is_mended(
    bare: Page, urls: dict[str, str], venue: Venue, publisher: Publisher, line: Line
) -> None:
    match = started(venue, publisher)
    connect(bare, urls, venue.token(venue.organizer))
    wait_for(bare, "status", phase="live")

    line.cut()
    wait_for(bare, "status", phase="waiting")
    bare.evaluate("(match) => { window.report = connection.reportScore(match, [3, 3]); }", match.id)
    line.mend()
    bare.clock.fast_forward(20_000)

    assert bare.evaluate("report") == {"match_id": match.id, "revision": 1}


def test_a_token_is_renewed_ahead_of_its_end_on_the_same_socket(
    bare: Page, urls: dict[str, str], venue: Venue
) -> None:
    ends_soon, new = (venue.token("somebody", minutes=minutes) for minutes in (LIFE_MINUTES, 60))
    with bare.expect_websocket() as opened:
        connect(bare, urls | {"tournament": venue.id}, ends_soon, new)
    wait_for(bare, "snapshot", established=True)

    with opened.value.expect_event("framesent", lambda text: "refresh" in text) as sent:
        with opened.value.expect_event("framereceived", lambda text: "refreshed" in text):
            bare.clock.fast_forward(int(LIFE_MINUTES / 2 * 60_000))

    assert new in sent.value
    assert not opened.value.is_closed()
