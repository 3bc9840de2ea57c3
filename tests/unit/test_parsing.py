import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecast.protocol import messages
from scorecast.protocol.commands import (
    COMMANDS,
    Clock,
    Command,
    DisputeCreate,
    DisputeResolve,
    MatchAmend,
    MatchComplete,
    MatchReopen,
    MatchStart,
    MatchStateChange,
    Period,
    Ping,
    Pong,
    Refresh,
    ScoreUpdate,
    Shootout,
    Subscribe,
    Unsubscribe,
)
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.limits import REFUSAL_BYTES_MAX
from scorecast.protocol.parsing import Malformed, Request, parse
from scorecast.protocol.states import State

Json = dict[str, Any]

SCORES: Json = {"participant1_score": 1, "participant2_score": 0}
GOOD: dict[str, Json] = {
    "ping": {"timestamp": 1.5},
    "pong": {"timestamp": None},
    "subscribe": {"match_id": "m1", "since": 3},
    "unsubscribe": {"tournament_id": "t1"},
    "score_update": {
        "match_id": "m1",
        **SCORES,
        "details": {"minute": "45+2"},
        "periods": [{"name": "Set 1", **SCORES, "final": True}],
        "clock": {"period": "Set 2", "running": True, "elapsed_ms": 5, "at": 9},
        "shootout": SCORES,
        "corrects": 6,
        "client_revision": 7,
        "update_id": "u1",
        "base_revision": 6,
    },
    "match_start": {"match_id": "m1"},
    "match_complete": {"match_id": "m1", "winner_id": None, **SCORES},
    "match_state_change": {"match_id": "m1", "new_state": "paused"},
    "match_amend": {"match_id": "m1", "reason": "Offside", "winner_id": None, **SCORES},
    "match_reopen": {"match_id": "m1", "new_state": "live", "reason": "Offside"},
    "dispute_create": {"match_id": "m1", "reason": "Offside"},
    "dispute_resolve": {"match_id": "m1", "dispute_id": "d1", "resolution": "upheld"},
    "refresh": {"token": "abc"},
}
COMMAND_OF_EACH: list[Command] = [
    Ping(timestamp=1.5),
    Pong(),
    Subscribe(match_id="m1", since=3),
    Unsubscribe(tournament_id="t1"),
    ScoreUpdate(
        match_id="m1",
        participant1_score=1,
        participant2_score=0,
        details={"minute": "45+2"},
        periods=[Period(name="Set 1", participant1_score=1, participant2_score=0, final=True)],
        clock=Clock(period="Set 2", running=True, elapsed_ms=5, at=9),
        shootout=Shootout(participant1_score=1, participant2_score=0),
        corrects=6,
        client_revision=7,
        update_id="u1",
        base_revision=6,
    ),
    MatchStart(match_id="m1"),
    MatchComplete(match_id="m1", winner_id=None, participant1_score=1, participant2_score=0),
    MatchStateChange(match_id="m1", new_state=State.PAUSED),
    MatchAmend(
        match_id="m1",
        reason="Offside",
        winner_id=None,
        participant1_score=1,
        participant2_score=0,
    ),
    MatchReopen(match_id="m1", new_state="live", reason="Offside"),
    DisputeCreate(match_id="m1", reason="Offside"),
    DisputeResolve(match_id="m1", dispute_id="d1", resolution="upheld"),
    Refresh(token="abc"),
]
REQUIRED = [
    ("score_update", "match_id"),
    ("score_update", "participant1_score"),
    ("score_update", "participant2_score"),
    ("match_start", "match_id"),
    ("match_complete", "match_id"),
    ("match_complete", "winner_id"),
    ("match_state_change", "match_id"),
    ("match_state_change", "new_state"),
    ("match_amend", "match_id"),
    ("match_amend", "reason"),
    ("match_reopen", "match_id"),
    ("match_reopen", "new_state"),
    ("match_reopen", "reason"),
    ("dispute_resolve", "match_id"),
    ("dispute_resolve", "dispute_id"),
    ("dispute_resolve", "resolution"),
    ("dispute_create", "match_id"),
    ("dispute_create", "reason"),
    ("refresh", "token"),
]
WRONG = [
    ("ping", "timestamp", True),
    ("ping", "timestamp", "1"),
    ("ping", "timestamp", [1]),
    ("subscribe", "match_id", "m 1"),
    ("subscribe", "match_id", 5),
    ("subscribe", "since", -1),
    ("subscribe", "since", 1.0),
    ("unsubscribe", "tournament_id", "x" * 65),
    ("score_update", "match_id", None),
    ("score_update", "match_id", "m#1"),
    ("score_update", "participant1_score", True),
    ("score_update", "participant1_score", -(10**12) - 1),
    ("score_update", "participant2_score", 10**12 + 1),
    ("score_update", "participant2_score", "1"),
    ("score_update", "participant2_score", 1.5),
    ("score_update", "participant2_score", None),
    ("score_update", "details", []),
    ("score_update", "details", {"a": "x" * 2_050}),
    ("score_update", "periods", {}),
    ("score_update", "periods", [{"name": "Set 1"} | SCORES] * 33),
    ("score_update", "clock", "12:30"),
    ("score_update", "shootout", [3, 2]),
    ("score_update", "corrects", -1),
    ("score_update", "client_revision", False),
    ("score_update", "client_revision", -1),
    ("score_update", "update_id", ""),
    ("score_update", "base_revision", -1),
    ("score_update", "base_revision", "6"),
    ("match_complete", "winner_id", 1),
    ("match_complete", "winner_id", ""),
    ("match_complete", "outcome", "won"),
    ("match_complete", "outcome", None),
    ("match_complete", "decided_by", "penalties"),
    ("match_amend", "winner_id", ""),
    ("match_amend", "outcome", "won"),
    ("match_amend", "reason", ""),
    ("match_amend", "reason", "x" * 501),
    ("match_reopen", "new_state", "disputed"),
    ("match_reopen", "new_state", "completed"),
    ("match_reopen", "new_state", None),
    ("match_reopen", "reason", ""),
    ("dispute_resolve", "dispute_id", "d 1"),
    ("dispute_resolve", "resolution", "settled"),
    ("dispute_resolve", "note", ""),
    ("dispute_resolve", "note", "x" * 501),
    ("match_state_change", "new_state", "won"),
    ("match_state_change", "new_state", None),
    ("match_state_change", "new_state", ["live"]),
    ("match_state_change", "new_state", {"state": "live"}),
    ("dispute_create", "reason", ""),
    ("dispute_create", "reason", "x" * 501),
    ("refresh", "token", "x" * 4_097),
    ("refresh", "token", 5),
]


def _text(kind: str, **changes: Any) -> str:
    return json.dumps({"type": kind} | GOOD[kind] | changes)


def _rejection(text: str) -> Rejection:
    malformed = parse(text)
    assert isinstance(malformed, Malformed)
    return malformed.rejection


def _errors(text: str) -> Json:
    refused = _rejection(text)
    assert refused.code is Code.INVALID_SCHEMA
    assert refused.data is not None
    errors = refused.data["errors"]
    assert isinstance(errors, dict)
    return errors


SENTENCES = [
    ("{", Code.INVALID_JSON, "The message is not JSON in UTF-8."),
    ("[]", Code.INVALID_SCHEMA, "A message is a JSON object."),
    ("{}", Code.INVALID_SCHEMA, "type is missing or not a string."),
    ('{"type":"goal"}', Code.UNSUPPORTED_MESSAGE_TYPE, "There is no command of this type."),
    (
        '{"type":"subscribe"}',
        Code.INVALID_SCHEMA,
        "match_id or tournament_id is needed, and not both.",
    ),
    (
        '{"type":"match_complete","match_id":"m1","winner_id":null,"participant1_score":1}',
        Code.INVALID_SCHEMA,
        "participant1_score and participant2_score come together or not at all.",
    ),
]


@pytest.mark.parametrize("command", COMMAND_OF_EACH, ids=lambda command: command.type)
def test_a_valid_message_is_its_command(command: Command) -> None:
    assert parse(_text(command.type)) == Request(command, None)


def test_every_command_has_a_valid_message() -> None:
    assert {command.type for command in COMMAND_OF_EACH} == set(COMMANDS) == set(GOOD)


@pytest.mark.parametrize(("kind", "field"), REQUIRED)
def test_a_missing_field_is_named(kind: str, field: str) -> None:
    fields = {name: value for name, value in GOOD[kind].items() if name != field}
    assert _errors(json.dumps({"type": kind} | fields)) == {field: "is missing"}


@pytest.mark.parametrize(("kind", "field", "value"), WRONG)
def test_a_wrong_field_is_named_with_what_it_must_be(kind: str, field: str, value: Any) -> None:
    demand = _errors(_text(kind, **{field: value}))[field]
    assert demand.startswith("must be ")


@pytest.mark.parametrize("kind", GOOD)
def test_an_unknown_field_is_named(kind: str) -> None:
    assert _errors(_text(kind, colour="red")) == {"colour": "is not a known field"}


def test_an_unknown_name_is_repeated_only_if_it_is_an_id() -> None:
    assert list(_errors(_text("ping", **{"<script>": 1}))) == ["(unknown)"]


def test_at_most_eight_wrong_fields_are_named() -> None:
    assert len(_errors(_text("ping", **{f"f{n}": n for n in range(100)}))) == 8


def test_an_error_never_quotes_a_value() -> None:
    refused = _rejection(_text("refresh", token=["secret"]))
    assert "secret" not in messages.error(refused)


ALL_WRONG = {name: [1] for name in GOOD["score_update"]}


@pytest.mark.parametrize("message_id", ["a", "x" * 64, "😀" * 64, "\x01" * 64])
def test_an_error_names_the_fields_that_fit(message_id: str) -> None:
    malformed = parse(_text("score_update", **ALL_WRONG, colour="red", id=message_id))
    assert isinstance(malformed, Malformed)
    assert len(messages.error(malformed.rejection, message_id).encode()) <= REFUSAL_BYTES_MAX


def test_all_fields_are_named_if_they_fit() -> None:
    assert len(_errors(_text("match_complete", match_id=1, winner_id=1, details=1))) == 3


def test_an_id_may_leave_no_room_for_fields() -> None:
    message_id = "\x01" * 64
    malformed = parse(_text("match_start", match_id=1, id=message_id))
    assert isinstance(malformed, Malformed)
    assert json.loads(messages.error(malformed.rejection, message_id)) == {
        "type": "error",
        "id": message_id,
        "code": "invalid_schema",
        "message": "Some fields are wrong.",
    }


def test_null_stands_for_an_absent_optional_field() -> None:
    update = parse(_text("score_update", details=None, client_revision=None, update_id=None))
    assert isinstance(update, Request)
    assert isinstance(update.command, ScoreUpdate)
    assert (update.command.details, update.command.client_revision) == (None, None)


@pytest.mark.parametrize("kind", ["subscribe", "unsubscribe"])
@pytest.mark.parametrize(
    "ids", [{}, {"match_id": "m", "tournament_id": "t"}, {"match_id": None, "tournament_id": None}]
)
def test_a_room_is_named_by_exactly_one_id(kind: str, ids: Json) -> None:
    assert "match_id" in _errors(json.dumps({"type": kind} | ids))


@pytest.mark.parametrize("field", SCORES)
def test_final_scores_are_given_both_or_not_at_all(field: str) -> None:
    assert "participant1_score" in _errors(_text("match_complete", **{field: None}))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        '{"type":"ping"',
        '{"type":"ping","timestamp":NaN}',
        '{"type":"ping","timestamp":Infinity}',
        '{"type":"ping","type":"pong"}',
        '{"type":"ping","timestamp":9007199254740992}',
        '{"type":"ping","id":"\\ud800"}',
        '{"type":"ping","id":"\ud800"}',
        "[" * 100_000,
    ],
    ids=lambda text: text[:30].encode("unicode_escape").decode(),
)
def test_anything_else_is_invalid_json(text: str) -> None:
    assert _rejection(text).code is Code.INVALID_JSON


@pytest.mark.parametrize("text", ["[]", "1", "null", '"ping"', "true"])
def test_a_message_is_an_object(text: str) -> None:
    assert _rejection(text).code is Code.INVALID_SCHEMA


@pytest.mark.parametrize("text", ["{}", '{"type":null}', '{"type":5}', '{"type":["ping"]}'])
def test_a_message_has_a_type(text: str) -> None:
    assert list(_errors(text)) == ["type"]


@pytest.mark.parametrize("kind", ["", "Ping", "goal", "connection_established"])
def test_an_unknown_type_has_its_own_code(kind: str) -> None:
    assert _rejection(json.dumps({"type": kind})).code is Code.UNSUPPORTED_MESSAGE_TYPE


def test_an_id_is_repeated() -> None:
    assert parse(_text("ping", id="7")) == Request(Ping(timestamp=1.5), "7")
    malformed = parse(_text("ping", id="7", timestamp="x"))
    assert isinstance(malformed, Malformed)
    assert malformed.id == "7"


@pytest.mark.parametrize("message_id", [5, "", "x" * 65, [], {}])
def test_an_invalid_id_is_named_but_not_repeated(message_id: Any) -> None:
    malformed = parse(_text("ping", id=message_id))
    assert isinstance(malformed, Malformed)
    assert malformed.id is None
    assert list(_errors(_text("ping", id=message_id))) == ["id"]


fields = st.dictionaries(
    st.sampled_from(sorted({name for good in GOOD.values() for name in good} | {"id", "type"})),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters()),
        lambda children: (
            st.lists(children, max_size=2) | st.dictionaries(st.text(), children, max_size=2)
        ),
        max_leaves=5,
    ),
)


@given(st.text(st.characters()))
def test_no_text_raises(text: str) -> None:
    assert isinstance(parse(text), Request | Malformed)


@given(st.sampled_from(sorted(COMMANDS)), fields)
def test_no_fields_raise(kind: str, values: Json) -> None:
    assert isinstance(parse(json.dumps(GOOD[kind] | {"type": kind} | values)), Request | Malformed)


def test_no_depth_raises() -> None:
    """Depths around Python's own limit: the reader and the rules have different stacks."""
    for levels in range(sys.getrecursionlimit() - 200, sys.getrecursionlimit() + 20):
        details = '{"a":' * levels + "1" + "}" * levels
        text = _text("score_update", details=0).replace('"details": 0', f'"details": {details}')
        assert _rejection(text).code in (Code.INVALID_JSON, Code.INVALID_SCHEMA)


@pytest.mark.parametrize(("text", "code", "sentence"), SENTENCES)
def test_a_malformed_message_gets_a_sentence(text: str, code: Code, sentence: str) -> None:
    malformed = parse(text)
    assert isinstance(malformed, Malformed)
    assert (malformed.rejection.code, malformed.rejection.message) == (code, sentence)


@pytest.mark.parametrize(
    "fields", [{}, {"type": "goal"}, {"type": "subscribe"}, {"type": "ping", "colour": "red"}]
)
def test_an_id_is_repeated_whatever_else_is_wrong(fields: dict[str, Any]) -> None:
    malformed = parse(json.dumps(fields | {"id": "7"}))
    assert isinstance(malformed, Malformed)
    assert malformed.id == "7"
