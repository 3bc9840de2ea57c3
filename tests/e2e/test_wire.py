"""Every frame that the tests of this session have heard. Named so as to come last."""

import json
from collections import defaultdict

from tests.e2e.client import Frame, Heard
from tests.e2e.deployed import unique
from tests.e2e.venue import Venue, kick_off

EVENTS = frozenset(
    {
        "dispute_created",
        "match_completed",
        "match_started",
        "match_state_changed",
        "score_updated",
    }
)
TOURNAMENT_EVENTS = frozenset({"bracket_generated", "bracket_updated", "tournament_completed"})
TYPES = (
    EVENTS
    | TOURNAMENT_EVENTS
    | {
        "accepted",
        "connection_established",
        "error",
        "goodbye",
        "ping",
        "pong",
        "subscribed",
        "unsubscribed",
        "refreshed",
        "viewers",
    }
)


def _hear_some(venue: Venue) -> None:
    """So that there is something to look at when this module runs alone."""
    match = venue.new_match()
    official, fan = venue.official(), venue.fan(match)
    kick_off(official, match, fan)
    assert fan.ask("score_update", match_id=match.id)["type"] == "error"
    assert fan.ask("subscribe", match_id=unique("nowhere"))["type"] == "error"


def _check(frame: Frame) -> None:
    assert frame["type"] in TYPES
    if frame["type"] in EVENTS:
        data = frame["data"]
        assert isinstance(data["match_id"], str) and isinstance(data["tournament_id"], str)
        assert isinstance(data["sequence"], int) and isinstance(data["server_time"], int)
    if frame["type"] in TOURNAMENT_EVENTS:
        data = frame["data"]
        assert isinstance(data["tournament_id"], str) and isinstance(data["sequence"], int)
    if frame["type"] == "error":
        assert isinstance(frame["code"], str)
        assert frame["message"].endswith(".")
    if frame["type"] == "goodbye":
        assert 4000 <= frame["code"] < 5000
        assert isinstance(frame["reason"], str) and isinstance(frame["reconnect"], bool)


def test_every_frame_is_json_with_a_type_and_what_the_type_asks_for(
    venue: Venue, heard: list[Heard]
) -> None:
    _hear_some(venue)

    for one in heard:
        frame = json.loads(one.text)
        assert isinstance(frame, dict), one.text
        _check(frame)


def test_no_client_has_heard_a_sequence_number_twice_with_different_content(
    venue: Venue, heard: list[Heard]
) -> None:
    _hear_some(venue)
    contents: dict[tuple[str, int], set[str]] = defaultdict(set)

    for one in heard:
        frame = json.loads(one.text)
        if frame["type"] in EVENTS:
            contents[frame["data"]["match_id"], frame["data"]["sequence"]].add(one.text)

    assert contents
    assert [number for number, texts in contents.items() if len(texts) > 1] == []
