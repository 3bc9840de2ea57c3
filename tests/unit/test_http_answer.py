import json
from http import HTTPStatus

import pytest

from scorecast.domain.connections.identity import BadToken
from scorecast.http.bodies import NO_JSON_TYPE
from scorecast.http.response import (
    NO_TOKEN,
    Response,
    challenge,
    conditional,
    entity_tag,
    is_known,
    of,
    problem,
)
from scorecast.protocol.errors import Code, Rejection

SNAPSHOT = of({"match_id": "m1"})
TAG = entity_tag(SNAPSHOT.body)


def test_an_answer_is_kept_by_nobody_unless_it_says_so() -> None:
    assert SNAPSHOT.event() == {
        "statusCode": 200,
        "headers": {
            "cache-control": "no-store",
            "vary": "Authorization, Origin",
            "x-content-type-options": "nosniff",
            "content-type": "application/json",
        },
        "body": '{"match_id":"m1"}',
    }


def test_an_answers_own_headers_win() -> None:
    answer = Response(body="", headers={"cache-control": "own", "etag": '"a"'})
    told = answer.event(**{"etag": '"b"', "x-request-id": "r"})["headers"]
    assert (told["cache-control"], told["etag"], told["x-request-id"]) == ("own", '"a"', "r")


@pytest.mark.parametrize("status", [HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED])
def test_an_answer_without_a_body_has_no_type_of_one(status: HTTPStatus) -> None:
    assert "content-type" not in Response(body="", status=status).event()["headers"]


def test_a_refusal_is_a_problem_of_its_status() -> None:
    answer = of(Rejection(Code.ROOM_FULL, "Full.", 1_500))
    assert (answer.status, answer.content_type) == (503, "application/problem+json")
    assert answer.headers == {"retry-after": "2"}
    assert json.loads(answer.body)["code"] == "room_full"


def test_a_problem_may_have_another_status_and_more_headers() -> None:
    answer = problem(Rejection(Code.FORBIDDEN, "No."), HTTPStatus.UNAUTHORIZED, allow="GET")
    assert (answer.status, json.loads(answer.body)["status"]) == (401, 401)
    assert answer.headers == {"allow": "GET"}


def test_a_body_that_is_said_to_be_no_json_has_a_status_of_its_own() -> None:
    assert of(NO_JSON_TYPE).status == 415


@pytest.mark.parametrize(
    ("bad", "told", "code", "detail"),
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
def test_whoever_has_no_good_token_is_told_what_is_wanted(
    bad: BadToken, told: str, code: str, detail: str
) -> None:
    answer = challenge(bad)
    assert (answer.status, answer.headers) == (401, {"www-authenticate": told})
    problem = json.loads(answer.body)
    assert (problem["status"], problem["code"], problem["detail"]) == (401, code, detail)


def test_a_snapshot_comes_with_its_tag_and_may_be_a_second_old() -> None:
    answer = conditional(SNAPSHOT, "")
    assert (answer.status, answer.body) == (200, SNAPSHOT.body)
    assert answer.headers == {"etag": TAG, "cache-control": "private, max-age=1"}


def test_whoever_has_the_snapshot_gets_its_tag_alone() -> None:
    answer = conditional(SNAPSHOT, TAG)
    assert (answer.status, answer.body) == (HTTPStatus.NOT_MODIFIED, "")
    assert answer.headers == {"etag": TAG, "cache-control": "private, max-age=1"}


def test_a_problem_is_told_even_to_whoever_takes_anything() -> None:
    refused = of(Rejection(Code.NOT_FOUND, "There is no such match."))
    assert conditional(refused, "*") == refused


def test_a_conditional_answer_keeps_its_other_headers() -> None:
    answer = conditional(Response(body="a", headers={"x-own": "1"}), "")
    assert answer.headers["x-own"] == "1"


def test_equal_bytes_have_one_tag_and_no_others() -> None:
    assert entity_tag("a") == entity_tag("a") != entity_tag("b")
    assert entity_tag("a") == '"ca978112ca1bbdcafac231b39a23dc4d"'


@pytest.mark.parametrize(
    ("if_none_match", "known"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"x", "a"', True),
        ('"x","a"', True),
        ('"x" , W/"a" ', True),
        ("*", True),
        ('"x"', False),
        ("a", False),
        ('"x", *', False),
        ("", False),
    ],
)
def test_a_tag_is_known_if_it_is_named(if_none_match: str, known: bool) -> None:
    assert is_known('"a"', if_none_match) is known
