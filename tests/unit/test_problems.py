import json
from http import HTTPStatus

import pytest

from scorecast.http.problems import STATUS, body, headers
from scorecast.protocol.errors import Code, Rejection


def test_a_problem_names_its_status_and_its_code() -> None:
    problem = json.loads(body(Rejection(Code.STALE, "A newer score is stored.")))
    assert problem == {
        "type": "about:blank",
        "title": "Conflict",
        "status": 409,
        "code": "stale",
        "detail": "A newer score is stored.",
    }


def test_a_problem_carries_the_refusals_data() -> None:
    refused = Rejection(Code.INVALID_SCHEMA, "name is missing.", data={"errors": {"name": "is"}})
    assert json.loads(body(refused))["errors"] == {"name": "is"}


def test_a_status_may_be_told_apart_from_its_code() -> None:
    refused = Rejection(Code.FORBIDDEN, "A token is required.")
    assert json.loads(body(refused, HTTPStatus.UNAUTHORIZED))["status"] == 401


def test_every_code_has_a_status() -> None:
    assert STATUS.keys() == set(Code)


def test_a_problem_names_as_many_fields_as_fit() -> None:
    errors = {f"{n:x<64}": "is not a field of this command" for n in range(8)}
    refused = Rejection(
        Code.INVALID_SCHEMA, "a is wrong.", data={"errors": errors, "match_id": "m"}
    )
    told = body(refused)
    assert 400 < len(told.encode()) <= 512
    named = json.loads(told)["errors"]
    assert list(named) == list(errors)[: len(named)]
    assert json.loads(told)["match_id"] == "m"


def test_one_field_is_always_named() -> None:
    refused = Rejection(Code.INVALID_SCHEMA, "x" * 600, data={"errors": {"a": "is", "b": "is"}})
    assert json.loads(body(refused))["errors"] == {"a": "is"}


@pytest.mark.parametrize(("wait_ms", "seconds"), [(1, "1"), (1_000, "1"), (1_001, "2")])
def test_a_wait_is_told_in_whole_seconds(wait_ms: int, seconds: str) -> None:
    assert headers(Rejection(Code.ROOM_FULL, "Full.", wait_ms)) == {"retry-after": seconds}


def test_without_a_wait_there_is_no_header() -> None:
    assert headers(Rejection(Code.STALE, "Old.")) == {}
