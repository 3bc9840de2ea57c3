"""The score engine in the local cloud: what takes a real queue, a real schedule or real time."""

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.e2e.client import RECEIVE_SECONDS_MAX, Frame, Received
from tests.e2e.cup import Cup, kick_off
from tests.e2e.deployed import Deployed, until

LOOK_SECONDS = 0.1


@pytest.fixture
def http(deployed: Deployed) -> Iterator[httpx.Client]:
    """The HTTP API, for an admin."""
    token = deployed.stack.tokens["admin"]
    headers = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=deployed.stack.http_url, headers=headers, timeout=30) as client:
        yield client


def _publish(http: httpx.Client, cup: Cup, kind: str, **data: Any) -> httpx.Response:
    return http.post(f"/tournaments/{cup.id}/events", json={"type": kind, "data": data})


def test_B5_a_cancelled_match_abandons_its_window(cup: Cup, deployed: Deployed) -> None:
    """an abandoned window (match cancelled) emits nothing and leaves nothing behind"""
    match = cup.new_match()
    official, fan = cup.official(), cup.fan(match)
    kick_off(official, match, fan)

    official.report(match.id, 1, 0)
    official.command("match_state_change", match.id, new_state="cancelled")

    changed = fan.receive("match_state_changed")
    assert (changed["sequence"], changed["new_state"]) == (3, "cancelled")
    assert fan.received_within(LOOK_SECONDS) is None
    item = deployed.match_item(match.id)
    assert not {"window_id", "window_opened_at_ms"} & item.keys()


def test_B12_a_steady_stream_is_published_while_it_goes_on(cup: Cup) -> None:
    """updates more often than the window is long: a pure debounce emits nothing at all"""
    match = cup.new_match()
    official, fan = cup.official(), cup.fan(match)
    kick_off(official, match, fan)

    began_s, reported = time.monotonic(), 0
    while (news := fan.received_within(LOOK_SECONDS)) is None:
        reported += 1
        official.report(match.id, reported, 0)
        assert time.monotonic() - began_s < RECEIVE_SECONDS_MAX

    assert news["type"] == "score_updated"


def test_a_tournaments_events_are_published_in_order_and_recovered(
    cup: Cup, http: httpx.Client
) -> None:
    match = cup.new_match()
    follower, fan = cup.follower(), cup.fan(match)
    kinds = ("bracket_generated", "bracket_updated", "tournament_completed")

    for number, kind in enumerate(kinds, start=1):
        answer = _publish(http, cup, kind, round=number)
        assert answer.json() == {"tournament_id": cup.id, "sequence": number}

    for number, kind in enumerate(kinds, start=1):
        news = follower.receive(kind)
        assert (news["sequence"], news["tournament_id"], news["round"]) == (
            number,
            cup.id,
            number,
        )
    refused = _publish(http, cup, "bracket_updated")
    assert (refused.status_code, refused.json()["code"]) == (409, "invalid_transition")
    recovered = fan.ask("subscribe", tournament_id=cup.id, since=1)["data"]
    assert recovered["recovered"] is True
    assert [event["type"] for event in recovered["events"]] == list(kinds[1:])
    assert recovered["snapshot"]["state"] == "completed"


def test_viewers_get_their_number(cup: Cup, received: list[Received]) -> None:
    """Joins at the same time are news together, with the room's newest number."""
    match = cup.new_match()
    official, first = cup.official(), cup.fan(match)
    kick_off(official, match, first)
    cup.fan(match)
    cup.fan(match)

    def news() -> list[Frame]:
        assert first.received_within(LOOK_SECONDS) is None
        return [each for each in _counts(received) if each["match_id"] == match.id]

    until(lambda: any(each["count"] == 3 for each in news()))

    assert {each["room"] for each in news()} == {"match"}
    assert news()[-1]["sequence"] == 2


def _counts(received: list[Received]) -> list[Frame]:
    frames = [json.loads(each.text) for each in received]
    return [message["data"] for message in frames if message["type"] == "viewers"]
