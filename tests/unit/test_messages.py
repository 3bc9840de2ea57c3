import json

import pytest

from scorecast.http import problems
from scorecast.protocol import messages
from scorecast.protocol.errors import CloseReason, Code, Rejection, invalid
from scorecast.protocol.limits import REFUSAL_BYTES_MAX


@pytest.mark.parametrize(("message_id", "sent"), [("a", 8), ("é" * 64, 6)])
def test_the_first_wrong_fields_are_named(message_id: str, sent: int) -> None:
    wrong = {f"f{n}": "is " + "x" * 30 for n in range(20)}
    error = json.loads(messages.error(invalid(wrong), message_id))
    assert error["data"]["errors"] == {f"f{n}": wrong[f"f{n}"] for n in range(sent)}
    assert error["message"] == f"f0 {wrong['f0']}."


def test_other_data_is_never_cut() -> None:
    refused = Rejection(Code.STALE, "x" * 600, data={"revision": 4})
    assert json.loads(messages.error(refused))["data"] == {"revision": 4}


def test_a_pong_returns_the_timestamp_unchanged() -> None:
    for timestamp in (1.5, 0, -1, None, 1e300):
        sent = json.loads(messages.pong(timestamp, now_ms=7, message_id=None))
        assert sent == {"type": "pong", "timestamp": timestamp, "server_time": 7}


def test_a_pong_repeats_the_id() -> None:
    assert json.loads(messages.pong(None, now_ms=7, message_id="a"))["id"] == "a"


def test_an_error_has_no_empty_fields() -> None:
    sent = json.loads(messages.error(Rejection(Code.NOT_FOUND, "There is no such match.")))
    assert sent == {"type": "error", "code": "not_found", "message": "There is no such match."}


def test_an_error_says_when_to_retry() -> None:
    sent = json.loads(messages.error(Rejection(Code.ROOM_FULL, "Full.", 0, {"a": None}), "7"))
    assert (sent["retry_after_ms"], sent["id"], sent["data"]) == (
        0,
        "7",
        {"a": None},
    )


def test_a_goodbye_says_whether_to_reconnect() -> None:
    assert json.loads(messages.goodbye(CloseReason.ROOM_FULL, retry_after_ms=5)) == {
        "type": "goodbye",
        "code": 4008,
        "reason": "room_full",
        "reconnect": True,
        "retry_after_ms": 5,
    }
    assert json.loads(messages.goodbye(CloseReason.NOT_FOUND))["reconnect"] is False


def test_an_event_keeps_the_nulls_of_its_data() -> None:
    sent = messages.event("match_completed", {"winner_id": None, "name": "ü"})
    assert sent == '{"type":"match_completed","data":{"winner_id":null,"name":"ü"}}'


def _problem(characters: int) -> str:
    errors = {"a": "is wrong", "b": "x" * characters}
    rejection = Rejection(Code.INVALID_SCHEMA, "a is wrong.", data={"errors": errors})
    return str(problems.problem(rejection).body)


def _error(characters: int) -> str:
    return messages.error(invalid({"a": "is wrong", "b": "x" * characters}))


def test_an_error_may_fill_its_bytes() -> None:
    full = next(n for n in range(512) if '"b"' not in _error(n + 1))
    assert len(_error(full).encode()) == REFUSAL_BYTES_MAX


def test_a_problem_fills_its_bytes_to_one_at_most() -> None:
    full = next(n for n in range(512) if '"b"' not in _problem(n + 1))
    assert REFUSAL_BYTES_MAX - 1 <= len(_problem(full).encode()) <= REFUSAL_BYTES_MAX


def test_no_more_fields_are_left_out_than_must_be() -> None:
    errors = {"a": "is wrong", "b": "is wrong", "c": "x" * REFUSAL_BYTES_MAX}
    sent = json.loads(messages.error(invalid(errors)))
    assert list(sent["data"]["errors"]) == ["a", "b"]
