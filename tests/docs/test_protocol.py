"""docs/protocol.md against the code: its examples are real, and nothing is left out."""

import re
from typing import Any, Final

import pytest

from infra.local.paths import ROOT
from infra.specs.schemas import EVENTS
from scorecast.domain.matches.attribution import without_users
from scorecast.domain.matches.changes import Change, event_of
from scorecast.domain.matches.decisions import decide
from scorecast.domain.matches.match import Claimed, Disputes
from scorecast.domain.matches.payloads import (
    event_data,
    match_snapshot,
    match_summary,
    score_updated,
    tournament_event_data,
)
from scorecast.domain.matches.tournament import TournamentEventType, tournament_event
from scorecast.http.problems import STATUS
from scorecast.http.resolver import ROUTES
from scorecast.protocol import messages, strict_json
from scorecast.protocol.commands import COMMANDS, MatchEventCommand
from scorecast.protocol.errors import TICKET_CODES, CloseReason, Code, Rejection
from scorecast.protocol.parsing import Request, parse
from scorecast.protocol.states import NEXT, State
from tests import examples
from tests.docs.pages import json_examples, page, rows, section, words

PAGE: Final = page("protocol.md")
SENT_BY_CLIENTS: Final = json_examples(section(PAGE, "## What a client sends"))
SENT_BY_THE_SERVER: Final = {
    message["type"]: message for message in json_examples(section(PAGE, "## What the server sends"))
}
COMMAND_EXAMPLES: Final = [
    message
    for message in SENT_BY_CLIENTS
    if message["type"] in COMMANDS and "server_time" not in message
]
BY: Final = "o1"


@pytest.mark.parametrize("message", COMMAND_EXAMPLES, ids=lambda message: message["type"])
def test_a_command_in_the_page_is_one_for_the_parser(message: dict[str, Any]) -> None:
    parsed = parse(strict_json.compact(message))
    assert isinstance(parsed, Request), parsed


def test_every_command_has_an_example() -> None:
    assert {message["type"] for message in COMMAND_EXAMPLES} == COMMANDS.keys()


def test_a_pong_in_the_page_is_what_the_server_sends() -> None:
    [pong] = [message for message in SENT_BY_CLIENTS if "server_time" in message]
    sent = messages.pong(pong["timestamp"], now_ms=pong["server_time"], message_id=pong["id"])
    assert strict_json.parse(sent) == pong


def decisive(message: dict[str, Any]) -> dict[str, object]:
    """The data of the event that a command makes of a live match."""
    before = {"match_start": "scheduled", "match_amend": "completed", "match_reopen": "completed"}
    match = examples.match(
        state=State(before.get(message["type"], "live")),
        disputes=Disputes(count=1, open={message.get("dispute_id", ""): "p2"}),
    )
    parsed = parse(strict_json.compact(message))
    assert isinstance(parsed, Request)
    assert isinstance(parsed.command, MatchEventCommand)
    change = decide(parsed.command, match, examples.occasion(user_id=BY))
    assert isinstance(change, Change)
    event = event_of(change, match, now_ms=examples.NOW_MS)
    data = without_users(event_data(match.id, match.tournament_id, event))
    return {"type": event.type, **data}


@pytest.mark.parametrize(
    "command",
    [
        "match_start",
        "match_state_change",
        "match_complete",
        "match_amend",
        "match_reopen",
        "dispute_create",
        "dispute_resolve",
    ],
)
def test_a_decisive_event_has_the_fields_in_the_page(command: str) -> None:
    [asked] = [message for message in COMMAND_EXAMPLES if message["type"] == command]
    stated = decisive(asked)
    assert SENT_BY_THE_SERVER[str(stated.pop("type"))]["data"].keys() == stated.keys()


def test_a_score_has_the_fields_in_the_page() -> None:
    claimed = Claimed(
        score=examples.score(), sequence=5, merged=2, claimed_by="request", claimed_at_ms=0
    )
    stated = without_users(score_updated("m1", "t1", claimed))
    assert SENT_BY_THE_SERVER["score_updated"]["data"].keys() == stated.keys()
    assert "window_ms" in section(PAGE, "## What the server sends")


def test_a_bracket_event_has_the_fields_in_the_page() -> None:
    cup = examples.tournament()
    kind = TournamentEventType.BRACKET_UPDATED
    event = tournament_event(kind, {"round": 2}, cup, now_ms=examples.NOW_MS)
    assert not isinstance(event, Rejection)
    stated = tournament_event_data(cup.id, event)
    assert SENT_BY_THE_SERVER["bracket_updated"]["data"].keys() == stated.keys()


def test_snapshots_have_the_fields_in_the_page() -> None:
    welcome_request, tournament, *_ = json_examples(section(PAGE, "## Connecting"))
    assert (
        welcome_request["data"]["snapshot"].keys()
        == match_snapshot(examples.match(), names_reporter=False).keys()
    )
    assert tournament["matches"][0].keys() == match_summary(examples.match()).keys()


def test_every_event_is_in_the_page() -> None:
    text = section(PAGE, "## What the server sends")
    for event in {*TournamentEventType, *EVENTS, "ping"}:
        assert f"`{event}`" in text or f'"type":"{event}"' in text, event


def test_every_error_stands_in_the_page() -> None:
    stated = [words(row[0])[0] for row in rows(section(PAGE, "## Errors")) if words(row[0])]
    assert stated == [code for code in Code if code not in TICKET_CODES]
    text = section(PAGE, "## Connecting")
    assert all(f"`{code}`" in text for code in TICKET_CODES)


def test_an_error_in_the_page_is_what_the_server_sends() -> None:
    [stale] = json_examples(section(PAGE, "## Errors"))
    refused = Rejection(Code(stale["code"]), stale["message"], data=stale["data"])
    assert strict_json.parse(messages.error(refused, stale["id"])) == stale


def test_every_goodbye_stands_in_the_page() -> None:
    stated = [
        (int(row[0]), words(row[1])[0], row[2] != "no")
        for row in rows(section(PAGE, "## Goodbyes"))
        if row[0].isdigit()
    ]
    assert sorted(stated) == sorted(goodbye.value for goodbye in CloseReason)


def test_the_goodbyes_that_are_never_sent_are_those_the_page_names() -> None:
    code = "".join(
        path.read_text()
        for folder in ("layers/core/scorecast", "functions")
        for path in (ROOT / folder).rglob("*.py")
    )
    unsent = {
        goodbye.value[1] for goodbye in CloseReason if f"CloseReason.{goodbye.name}" not in code
    }
    stated = {
        words(row[1])[0]
        for row in rows(section(PAGE, "## Goodbyes"))
        if row[-1] == "Not sent by this version."
    }
    assert stated == unsent


def test_a_goodbye_in_the_page_is_what_the_server_sends() -> None:
    [stated] = json_examples(section(PAGE, "## Goodbyes"))
    goodbye = messages.goodbye(
        CloseReason.HEARTBEAT_TIMEOUT, retry_after_ms=int(stated["retry_after_ms"])
    )
    assert strict_json.parse(goodbye) == stated


def test_the_ways_between_states_are_those_in_the_page() -> None:
    stated: dict[str, set[str]] = {}
    for row in rows(section(PAGE, "## What a client sends")):
        for state in words(row[0]):
            stated[state] = set(words(row[1]))
    assert stated == {str(state): {str(after) for after in NEXT[state]} for state in State}


def test_http_answers_a_code_with_the_status_in_the_page() -> None:
    text = section(PAGE, "## The HTTP API")
    stated = {
        (int(row[0]), code) for row in rows(text) if row[0].isdigit() for code in words(row[1])
    }
    assert stated - {(401, "forbidden")} <= {
        (status.value, str(code)) for code, status in STATUS.items()
    }


def test_the_routes_in_the_page_are_those_of_the_code() -> None:
    text = section(PAGE, "## The HTTP API")
    stated = {words(row[0])[0] for row in rows(text) if words(row[0]) and "/" in row[0]}
    assert stated == set(_routes())


def _routes() -> list[str]:
    """The routes of the HTTP API, with `{id}` for every parameter."""
    return [f"{route.method} {re.sub(r'<\w+>', '{id}', route.path)}" for route in ROUTES.all]
