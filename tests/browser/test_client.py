"""The JavaScript client in a page without anything else."""

from typing import Any

import pytest
from playwright.sync_api import Page

from scorecast_client.publisher import Publisher
from tests.browser.proxy import Proxy
from tests.browser.screens import Screens
from tests.e2e.cup import Cup, Pairing
from tests.e2e.deployed import Deployed

KINDS = ["snapshot", "status", "score_updated", "match_started", "match_state_changed"]
CONNECT = """async ({options, tokens, kinds}) => {
    const {connect} = await import("/client/index.js");
    const module = await import("/client/official.js");
    const token = () => (tokens.length > 1 ? tokens.shift() : tokens[0]);
    window.received = [];
    window.connection = connect({...options, token});
    window.official = module.official(connection);
    for (const kind of kinds) connection.on(kind, (event) => received.push({kind, ...event}));
}"""
RECEIVED = """({kind, wanted}) => received.find((event) => event.kind === kind
    && Object.entries(wanted).every(([name, value]) => event[name] === value))"""
LIFE_MINUTES = 0.75
"""Of a token; half of it has passed before the first ping is due."""


@pytest.fixture
def bare(screens: Screens, proxy: Proxy) -> Page:
    """A JSON file of the page's host: its origin and address, without scripts or policy."""
    page = screens.page(proxy=proxy)
    page.clock.install()
    return screens.visit(page, "tokens.json")


@pytest.fixture
def urls(deployed: Deployed, proxy: Proxy, screens: Screens) -> dict[str, str]:
    routed = screens.routed_through(proxy, deployed.description)
    return {"url": routed["ws_url"], "http": routed["http_url"]}


def connect(page: Page, options: dict[str, str], *tokens: str) -> None:
    page.evaluate(CONNECT, {"options": options, "tokens": tokens, "kinds": KINDS})


def wait_for(page: Page, kind: str, **wanted: Any) -> dict[str, Any]:
    found = page.wait_for_function(RECEIVED, arg={"kind": kind, "wanted": wanted})
    event: dict[str, Any] = found.json_value()
    return event


def started(cup: Cup, publisher: Publisher) -> Pairing:
    match = cup.new_match()
    publisher.start(match.id)
    return match


def test_reported_score_is_received(
    bare: Page, urls: dict[str, str], cup: Cup, publisher: Publisher
) -> None:
    match = started(cup, publisher)
    connect(bare, urls, cup.token(cup.organizer))

    joined = bare.evaluate("(match) => connection.subscribe({match})", match.id)
    accepted = bare.evaluate("(match) => official.reportScore(match, [1, 0])", match.id)
    refused = bare.evaluate(
        "(match) => official.start(match).catch(({name, code, data}) => ({name, code, data}))",
        match.id,
    )

    assert (joined["role"], joined["snapshot"]["state"]) == ("organizer", "live")
    assert accepted == {"match_id": match.id, "revision": 1}
    assert (refused["code"], refused["data"]["state"]) == ("invalid_transition", "live")
    assert wait_for(bare, "score_updated", participant1_score=1)["revision"] == 1


def test_no_token_stands_in_the_address_of_a_socket(
    bare: Page, urls: dict[str, str], cup: Cup, publisher: Publisher
) -> None:
    token = cup.token("somebody")
    with bare.expect_websocket() as opened:
        connect(bare, urls | {"match": started(cup, publisher).id}, token)
    wait_for(bare, "snapshot", established=True)

    assert "ticket=" in opened.value.url
    assert token not in opened.value.url


def test_after_a_cut_it_shows_all_that_was_decided_once_and_in_order(
    bare: Page, urls: dict[str, str], cup: Cup, publisher: Publisher, proxy: Proxy
) -> None:
    match = started(cup, publisher)
    connect(bare, urls | {"match": match.id}, cup.token("somebody"))
    wait_for(bare, "snapshot", established=True)

    proxy.cut()
    wait_for(bare, "status", phase="waiting")
    publisher.change_state(match.id, "paused")
    publisher.change_state(match.id, "live")
    publisher.score(match.id, (0, 1))
    publisher.change_state(match.id, "paused")
    proxy.restore()
    bare.clock.fast_forward(20_000)

    wait_for(bare, "snapshot", established=True, recovered=True)
    events = bare.evaluate("received.filter(({kind}) => kind === 'match_state_changed')")
    newest = publisher.match(match.id)["sequence"]
    assert [event["new_state"] for event in events] == ["paused", "live", "paused"]
    assert [event["sequence"] for event in events][-1] == newest
    assert bare.evaluate(
        "received.findLast(({kind}) => kind === 'snapshot').snapshot.sequence"
    ) == (newest)


def test_offline_score_is_sent_after_reconnecting(
    bare: Page, urls: dict[str, str], cup: Cup, publisher: Publisher, proxy: Proxy
) -> None:
    match = started(cup, publisher)
    connect(bare, urls, cup.token(cup.organizer))
    wait_for(bare, "status", phase="live")

    proxy.cut()
    wait_for(bare, "status", phase="waiting")
    bare.evaluate("(match) => { window.report = official.reportScore(match, [3, 3]); }", match.id)
    proxy.restore()
    bare.clock.fast_forward(20_000)

    assert bare.evaluate("report") == {"match_id": match.id, "revision": 1}


def test_token_is_refreshed_on_the_same_socket(bare: Page, urls: dict[str, str], cup: Cup) -> None:
    ends_soon, new = (cup.token("somebody", minutes=minutes) for minutes in (LIFE_MINUTES, 60))
    with bare.expect_websocket() as opened:
        connect(bare, urls | {"tournament": cup.id}, ends_soon, new)
    wait_for(bare, "snapshot", established=True)

    with opened.value.expect_event("framesent", lambda text: "refresh" in text) as sent:
        with opened.value.expect_event("framereceived", lambda text: "refreshed" in text):
            bare.clock.fast_forward(int(LIFE_MINUTES / 2 * 60_000))

    assert new in sent.value
    assert not opened.value.is_closed()
