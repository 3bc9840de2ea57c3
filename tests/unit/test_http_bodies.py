import json
from typing import Any

import pytest

from scorecast.http import bodies
from scorecast.http.problems import HttpRejection
from scorecast.protocol.commands import MatchCommand, MatchStart, MatchStateChange, ScoreUpdate
from scorecast.protocol.errors import Code, Rejection
from tests.examples import score_update
from tests.unit.http_requests import request

SCORES = {"participant1_score": 2, "participant2_score": 0}


def _score(body: object, **headers: str) -> MatchCommand | Rejection:
    return _read((ScoreUpdate,), body, **headers)


def _event(body: object) -> MatchCommand | Rejection:
    return _read((MatchStart, MatchStateChange), body)


def _read(models: Any, body: object, **headers: str) -> MatchCommand | Rejection:
    read: MatchCommand | Rejection = bodies.read(
        models, request(body, **headers), {"match_id": "m1"}
    )
    return read


def _refused(outcome: MatchCommand | Rejection) -> Rejection:
    assert isinstance(outcome, Rejection)
    return outcome


def test_a_body_without_a_type_is_a_score() -> None:
    assert _score(SCORES) == score_update(2)


def test_the_idempotency_key_is_the_scores_own() -> None:
    assert _score(SCORES, idempotency_key="k-1") == score_update(2, update_id="k-1")


@pytest.mark.parametrize("key", ["", "a b", "x" * 65])
def test_a_bad_idempotency_key_is_named(key: str) -> None:
    refused = _refused(_score(SCORES, idempotency_key=key))
    assert (refused.code, refused.data) == (
        Code.INVALID_SCHEMA,
        {"errors": {"Idempotency-Key": "must be a string of 1 to 64 of A-Z a-z 0-9 _ -"}},
    )


def test_an_update_may_name_itself_where_no_header_does() -> None:
    assert _score(SCORES | {"update_id": "u1"}) == score_update(2, update_id="u1")


@pytest.mark.parametrize("field", ["id", "type"])
def test_a_body_has_no_envelope(field: str) -> None:
    refused = _refused(_score(SCORES | {field: "m1"}))
    assert refused.data == {"errors": {field: "is not a known field"}}


def test_a_field_of_the_path_is_not_a_field_of_the_body() -> None:
    refused = _refused(_score(SCORES | {"match_id": "m1"}))
    assert refused.data == {"errors": {"match_id": "is given outside the body"}}


def test_a_key_is_not_given_twice() -> None:
    refused = _refused(_score(SCORES | {"update_id": "u1"}, idempotency_key="u1"))
    assert refused.data == {"errors": {"update_id": "is given outside the body"}}


def test_a_body_with_a_type_is_its_command() -> None:
    assert _event({"type": "match_start"}) == MatchStart(match_id="m1")


@pytest.mark.parametrize("kind", ["score_update", "ping", "subscribe", "goal"])
def test_other_commands_decide_nothing_about_a_match(kind: str) -> None:
    refused = _refused(_event({"type": kind}))
    assert (refused.code, refused.message) == (
        Code.UNSUPPORTED_MESSAGE_TYPE,
        "Unsupported event type for this endpoint.",
    )


@pytest.mark.parametrize("body", [{}, {"type": 5}, {"type": None}])
def test_a_command_has_a_type(body: dict[str, Any]) -> None:
    assert _refused(_event(body)).data == {"errors": {"type": "is missing or not a string"}}


def test_a_commands_wrong_fields_are_named() -> None:
    refused = _refused(_event({"type": "match_start", "colour": "red"}))
    assert refused.data == {"errors": {"colour": "is not a known field"}}


@pytest.mark.parametrize(
    ("body", "code", "message"),
    [
        (None, Code.INVALID_JSON, "The body is not JSON in UTF-8."),
        ("", Code.INVALID_JSON, "The body is not JSON in UTF-8."),
        ("{", Code.INVALID_JSON, "The body is not JSON in UTF-8."),
        ('{"a":1,"a":1}', Code.INVALID_JSON, "The body is not JSON in UTF-8."),
        ("[]", Code.INVALID_SCHEMA, "The body is not a JSON object."),
        ("null", Code.INVALID_SCHEMA, "The body is not a JSON object."),
        (" " * 65_537, Code.PAYLOAD_TOO_LARGE, "The body is larger than 65536 bytes."),
        ("ü" * 32_769, Code.PAYLOAD_TOO_LARGE, "The body is larger than 65536 bytes."),
    ],
    ids=["no text", "empty", "cut", "twice", "a list", "null", "large", "large in bytes"],
)
def test_a_body_is_one_object(body: str | None, code: Code, message: str) -> None:
    for outcome in (_score(body), _event(body)):
        assert _refused(outcome) == Rejection(code, message)


def test_a_body_may_have_64_kilobytes() -> None:
    body = json.dumps(SCORES)
    assert isinstance(_score(body + " " * (65_536 - len(body))), ScoreUpdate)


def test_a_body_that_is_said_to_be_no_json_is_not_read() -> None:
    refused = _refused(_score(SCORES, content_type="text/plain"))
    assert isinstance(refused, HttpRejection)
    assert (refused.code, refused.status) == (Code.INVALID_JSON, 415)
    assert refused.message == "The content type is not application/json."
