"""Every frame that the tests of this session have received. Named so as to come last."""

import json
from collections import defaultdict
from typing import Final

from tests.e2e.client import Frame, Received
from tests.e2e.cup import Cup, kick_off
from tests.e2e.deployed import PATHS, Deployed, unique
from tests.message_schemas import faults_of_server

NUMBERED_BY_THE_MATCH: Final = frozenset(
    {
        "dispute_created",
        "dispute_resolved",
        "match_completed",
        "match_reopened",
        "match_started",
        "match_state_changed",
        "result_amended",
        "score_updated",
    }
)


def _hear_some(cup: Cup) -> None:
    """So that there is something to look at when this module runs alone."""
    match = cup.new_match()
    official, fan = cup.official(), cup.fan(match)
    kick_off(official, match, fan)
    assert fan.ask("score_update", match_id=match.id)["type"] == "error"
    assert fan.ask("subscribe", match_id=unique("nowhere"))["type"] == "error"
    assert fan.ask("subscribe", tournament_id=cup.id, since=0)["type"] == "subscribed"
    assert fan.ask("unsubscribe", match_id=match.id)["type"] == "unsubscribed"


def test_every_message_is_one_of_the_document(cup: Cup, received: list[Received]) -> None:
    """API Gateway's own errors, which have no type, are among those that it knows."""
    _hear_some(cup)

    wrong = {one.text: faults_of_server(json.loads(one.text)) for one in received}

    assert received
    assert {text: faults for text, faults in wrong.items() if faults} == {}


def test_every_error_is_a_sentence(cup: Cup, received: list[Received]) -> None:
    _hear_some(cup)
    errors = [message for message in _frames(received) if message.get("type") == "error"]

    assert errors
    assert [error for error in errors if not str(error["message"]).endswith(".")] == []


def test_no_client_has_received_a_sequence_number_twice_with_different_content(
    cup: Cup, received: list[Received]
) -> None:
    _hear_some(cup)
    contents: dict[tuple[str, int], set[str]] = defaultdict(set)

    for one, message in zip(received, _frames(received), strict=True):
        if message.get("type") in NUMBERED_BY_THE_MATCH:
            contents[message["data"]["match_id"], message["data"]["sequence"]].add(one.text)

    assert contents
    assert [number for number, texts in contents.items() if len(texts) > 1] == []


def _frames(received: list[Received]) -> list[Frame]:
    return [json.loads(one.text) for one in received]


def test_the_functions_have_logged_no_token_no_secret_and_no_name(
    cup: Cup, deployed: Deployed
) -> None:
    """What the queues' functions have printed in this session is in MiniStack's log."""
    _hear_some(cup)
    log = PATHS.cloud_log.read_text()
    secret = deployed.description["jwt"]["secret"]

    assert "MessagesPublished" in log
    assert [word for word in ("eyJ", "Bearer", "The first", secret) if word in log] == []
