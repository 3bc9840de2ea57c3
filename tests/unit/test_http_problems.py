import json
from http import HTTPStatus
from typing import Any

import pytest

from scorecast.domain.connections.identity import BadToken
from scorecast.http.problems import (
    NO_TOKEN,
    STATUS,
    challenge,
    internal_error,
    problem,
    unroutable,
)
from scorecast.protocol.errors import Code, Rejection


def _sent(rejection: Rejection, status: HTTPStatus | None = None) -> Any:
    return json.loads(problem(rejection, status).body)


def test_a_problem_names_its_status_and_its_code() -> None:
    sent = _sent(Rejection(Code.STALE, "A newer score is stored."))
    assert sent == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "code": "stale",
        "detail": "A newer score is stored.",
    }


def test_a_problem_carries_the_refusals_data() -> None:
    refused = Rejection(Code.INVALID_SCHEMA, "name is missing.", data={"errors": {"name": "is"}})
    assert _sent(refused)["errors"] == {"name": "is"}


def test_a_status_may_be_distinguished_from_its_code() -> None:
    refused = Rejection(Code.FORBIDDEN, "A token is required.")
    assert _sent(refused, HTTPStatus.UNAUTHORIZED)["status"] == 401


def test_every_code_has_a_status() -> None:
    assert STATUS.keys() == set(Code)


def test_a_problem_names_as_many_fields_as_fit() -> None:
    errors = {f"{n:x<64}": "is not a field of this command" for n in range(8)}
    refused = Rejection(
        Code.INVALID_SCHEMA, "a is wrong.", data={"errors": errors, "match_id": "m"}
    )
    written = str(problem(refused).body)
    assert 400 < len(written.encode()) <= 512
    named = json.loads(written)["errors"]
    assert list(named) == list(errors)[: len(named)]
    assert json.loads(written)["match_id"] == "m"


def test_one_field_is_always_named() -> None:
    refused = Rejection(Code.INVALID_SCHEMA, "x" * 600, data={"errors": {"a": "is", "b": "is"}})
    assert _sent(refused)["errors"] == {"a": "is"}


@pytest.mark.parametrize(("wait_ms", "seconds"), [(1, "1"), (1_000, "1"), (1_001, "2")])
def test_a_wait_is_given_in_whole_seconds(wait_ms: int, seconds: str) -> None:
    assert problem(Rejection(Code.ROOM_FULL, "Full.", wait_ms)).headers == {"retry-after": seconds}


def test_without_a_wait_there_is_no_header() -> None:
    assert problem(Rejection(Code.STALE, "Old.")).headers == {}


def test_a_refusal_is_a_problem_of_its_status() -> None:
    answer = problem(Rejection(Code.ROOM_FULL, "Full.", 1_500))
    assert (answer.status, answer.content_type) == (503, "application/problem+json")
    assert answer.headers == {"retry-after": "2"}
    assert json.loads(answer.body)["code"] == "room_full"


def test_a_problem_may_have_another_status_and_more_headers() -> None:
    answer = problem(Rejection(Code.FORBIDDEN, "No."), HTTPStatus.UNAUTHORIZED, allow="GET")
    assert (answer.status, json.loads(answer.body)["status"]) == (401, 401)
    assert answer.headers == {"allow": "GET"}


@pytest.mark.parametrize(
    ("bad", "written", "code", "detail"),
    [
        (NO_TOKEN, "Bearer", "forbidden", "A valid bearer token is required."),
        (
            BadToken("DecodeError"),
            'Bearer error="invalid_token"',
            "forbidden",
            "A valid bearer token is required.",
        ),
        (
            BadToken("expired"),
            'Bearer error="invalid_token"',
            "token_expired",
            "The token has expired: send the request with a newer one.",
        ),
    ],
    ids=["no token", "a bad token", "an old token"],
)
def test_a_challenge_distinguishes_a_refused_from_a_missing_token(
    bad: BadToken, written: str, code: str, detail: str
) -> None:
    answer = challenge(bad)
    assert (answer.status, answer.headers) == (401, {"www-authenticate": written})
    sent = json.loads(answer.body)
    assert (sent["status"], sent["code"], sent["detail"]) == (401, code, detail)


def test_an_unknown_path_is_not_found() -> None:
    answer = unroutable(())
    assert (answer.status, answer.headers) == (404, {})
    assert json.loads(answer.body)["detail"] == "There is no such resource."


def test_an_unsupported_method_gets_the_supported_ones() -> None:
    answer = unroutable(("GET", "PUT", "HEAD"))
    assert (answer.status, answer.headers) == (405, {"allow": "GET, PUT, HEAD"})
    sent = json.loads(answer.body)
    assert (sent["status"], sent["code"]) == (405, "unsupported_message_type")
    assert sent["detail"] == "This resource does not support this method."


@pytest.mark.parametrize(("is_busy", "status"), [(True, 503), (False, 500)])
def test_an_internal_error_has_the_correlation_id(is_busy: bool, status: int) -> None:
    answer = internal_error("r1", is_busy=is_busy)
    assert answer.status == status
    assert json.loads(answer.body)["correlation_id"] == "r1"
    assert ("retry-after" in answer.headers) is is_busy
