import json
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecast.protocol import messages
from scorecast.protocol.commands import (
    COMMANDS,
    Command,
    DisputeCreate,
    MatchComplete,
    MatchStart,
    MatchStateChange,
    Ping,
    Pong,
    Refresh,
    ScoreUpdate,
    Subscribe,
    Unsubscribe,
)
from scorecast.protocol.errors import CloseReason, Code, Rejection, invalid
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
        "client_revision": 7,
        "update_id": "u1",
    },
    "match_start": {"match_id": "m1"},
    "match_complete": {"match_id": "m1", "winner_id": None, **SCORES},
    "match_state_change": {"match_id": "m1", "new_state": "paused"},
    "dispute_create": {"match_id": "m1", "reason": "Offside"},
    "refresh": {"token": "abc"},
}
OBEYED: list[Command] = [
    Ping(timestamp=1.5),
    Pong(),
    Subscribe(match_id="m1", since=3),
    Unsubscribe(tournament_id="t1"),
    ScoreUpdate(
        match_id="m1",
        participant1_score=1,
        participant2_score=0,
        details={"minute": "45+2"},
        client_revision=7,
        update_id="u1",
    ),
    MatchStart(match_id="m1"),
    MatchComplete(match_id="m1", winner_id=None, participant1_score=1, participant2_score=0),
    MatchStateChange(match_id="m1", new_state=State.PAUSED),
    DisputeCreate(match_id="m1", reason="Offside"),
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
    ("score_update", "participant1_score", -1),
    ("score_update", "participant2_score", 1_000_001),
    ("score_update", "participant2_score", "1"),
    ("score_update", "participant2_score", 1.5),
    ("score_update", "participant2_score", None),
    ("score_update", "details", []),
    ("score_update", "details", {"a": "x" * 2_050}),
    ("score_update", "client_revision", False),
    ("score_update", "client_revision", -1),
    ("score_update", "update_id", ""),
    ("match_complete", "winner_id", 1),
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


def _refused(text: str) -> Rejection:
    malformed = parse(text)
    assert isinstance(malformed, Malformed)
    return malformed.rejection


def _errors(text: str) -> Json:
    refused = _refused(text)
    assert refused.code is Code.INVALID_SCHEMA
    assert refused.data is not None
    errors = refused.data["errors"]
    assert isinstance(errors, dict)
    return errors


@pytest.mark.parametrize("command", OBEYED, ids=lambda command: command.type)
def test_a_good_frame_is_its_command(command: Command) -> None:
    assert parse(_text(command.type)) == Request(command, None)


def test_every_command_has_a_good_frame() -> None:
    assert {command.type for command in OBEYED} == set(COMMANDS) == set(GOOD)


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


def test_an_unknown_fields_name_is_told_only_as_far_as_ids_go() -> None:
    assert list(_errors(_text("ping", **{"<script>": 1}))) == ["(unknown)"]


def test_many_unknown_fields_are_told_up_to_a_number() -> None:
    assert len(_errors(_text("ping", **{f"f{n}": n for n in range(100)}))) == 8


def test_a_refusal_never_quotes_a_value() -> None:
    refused = _refused(_text("refresh", token=["secret"]))
    assert "secret" not in messages.error(refused)


ALL_WRONG = {name: [1] for name in GOOD["score_update"]}


@pytest.mark.parametrize("message_id", ["a", "x" * 64, "😀" * 64, "\x01" * 64])
def test_errors_are_told_as_far_as_the_answer_has_room(message_id: str) -> None:
    malformed = parse(_text("score_update", **ALL_WRONG, colour="red", id=message_id))
    assert isinstance(malformed, Malformed)
    assert len(messages.error(malformed.rejection, message_id).encode()) <= REFUSAL_BYTES_MAX


def test_errors_that_have_room_are_told() -> None:
    assert len(_errors(_text("match_complete", match_id=1, winner_id=1, details=1))) == 3


@pytest.mark.parametrize(("message_id", "told"), [("a", 8), ("é" * 64, 6)])
def test_the_first_errors_are_told(message_id: str, told: int) -> None:
    wrong = {f"f{n}": "is " + "x" * 30 for n in range(20)}
    error = json.loads(messages.error(invalid(wrong), message_id))
    assert error["data"]["errors"] == {f"f{n}": wrong[f"f{n}"] for n in range(told)}
    assert error["message"] == f"f0 {wrong['f0']}."


def test_an_id_may_leave_no_room_for_errors() -> None:
    message_id = "\x01" * 64
    malformed = parse(_text("match_start", match_id=1, id=message_id))
    assert isinstance(malformed, Malformed)
    assert json.loads(messages.error(malformed.rejection, message_id)) == {
        "type": "error",
        "id": message_id,
        "code": "invalid_schema",
        "message": "Some fields are wrong.",
    }


def test_data_other_than_errors_is_told_whatever_the_room() -> None:
    refused = Rejection(Code.STALE, "x" * 600, data={"revision": 4})
    assert json.loads(messages.error(refused))["data"] == {"revision": 4}


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
def test_final_scores_come_both_or_not_at_all(field: str) -> None:
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
def test_what_is_not_plain_json_is_invalid_json(text: str) -> None:
    assert _refused(text).code is Code.INVALID_JSON


@pytest.mark.parametrize("text", ["[]", "1", "null", '"ping"', "true"])
def test_a_frame_is_an_object(text: str) -> None:
    assert _refused(text).code is Code.INVALID_SCHEMA


@pytest.mark.parametrize("text", ["{}", '{"type":null}', '{"type":5}', '{"type":["ping"]}'])
def test_a_frame_has_a_type(text: str) -> None:
    assert list(_errors(text)) == ["type"]


@pytest.mark.parametrize("kind", ["", "Ping", "goal", "connection_established"])
def test_an_unknown_type_is_told_apart(kind: str) -> None:
    assert _refused(json.dumps({"type": kind})).code is Code.UNSUPPORTED_MESSAGE_TYPE


def test_an_id_comes_back_with_its_answer() -> None:
    assert parse(_text("ping", id="7")) == Request(Ping(timestamp=1.5), "7")
    malformed = parse(_text("ping", id="7", timestamp="x"))
    assert isinstance(malformed, Malformed)
    assert malformed.id == "7"


@pytest.mark.parametrize("message_id", [5, "", "x" * 65, [], {}])
def test_a_bad_id_is_named_and_not_echoed(message_id: Any) -> None:
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
def test_no_frame_raises(kind: str, values: Json) -> None:
    assert isinstance(parse(json.dumps(GOOD[kind] | {"type": kind} | values)), Request | Malformed)


def test_no_depth_raises() -> None:
    """Depths around Python's own limit: the reader and the rules have different stacks."""
    for levels in range(sys.getrecursionlimit() - 200, sys.getrecursionlimit() + 20):
        details = '{"a":' * levels + "1" + "}" * levels
        text = _text("score_update", details=0).replace('"details": 0', f'"details": {details}')
        assert _refused(text).code in (Code.INVALID_JSON, Code.INVALID_SCHEMA)


def test_a_pong_gives_back_the_very_same_timestamp() -> None:
    for timestamp in (1.5, 0, -1, None, 1e300):
        told = json.loads(messages.pong(timestamp, now_ms=7, message_id=None))
        assert told == {"type": "pong", "timestamp": timestamp, "server_time": 7}


def test_a_pong_carries_the_frames_id() -> None:
    assert json.loads(messages.pong(None, now_ms=7, message_id="a"))["id"] == "a"


def test_an_error_leaves_out_what_it_has_not() -> None:
    told = json.loads(messages.error(Rejection(Code.NOT_FOUND, "There is no such match.")))
    assert told == {"type": "error", "code": "not_found", "message": "There is no such match."}


def test_an_error_tells_when_a_retry_can_help() -> None:
    told = json.loads(messages.error(Rejection(Code.ROOM_FULL, "Full.", 0, {"a": None}), "7"))
    assert (told["retry_after_ms"], told["id"], told["data"]) == (0, "7", {"a": None})


def test_a_goodbye_says_whether_to_come_back() -> None:
    assert json.loads(messages.goodbye(CloseReason.ROOM_FULL, retry_after_ms=5)) == {
        "type": "goodbye",
        "code": 4008,
        "reason": "room_full",
        "reconnect": True,
        "retry_after_ms": 5,
    }
    assert json.loads(messages.goodbye(CloseReason.NOT_FOUND))["reconnect"] is False


def test_an_event_keeps_the_nulls_of_its_data() -> None:
    told = messages.event("match_completed", {"winner_id": None, "name": "ü"})
    assert told == '{"type":"match_completed","data":{"winner_id":null,"name":"ü"}}'.encode()
