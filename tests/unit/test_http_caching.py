from http import HTTPStatus

import pytest

from scorecast.http.caching import conditional, entity_tag, is_named
from scorecast.http.problems import problem
from scorecast.http.response import Response, json_response
from scorecast.protocol.errors import Code, Rejection

SNAPSHOT = json_response({"match_id": "m1"})
TAG = entity_tag(SNAPSHOT.body)
RULE = "private, max-age=1"


def _asked(response: Response, if_none_match: str) -> Response:
    return conditional(response, if_none_match, cache_control=RULE)


def test_a_response_has_its_tag_and_its_rule() -> None:
    response = _asked(SNAPSHOT, "")
    assert (response.status, response.body) == (200, SNAPSHOT.body)
    assert response.headers == {"etag": TAG, "cache-control": RULE}


def test_a_client_that_has_the_response_gets_the_tag_alone() -> None:
    response = _asked(SNAPSHOT, TAG)
    assert (response.status, response.body) == (HTTPStatus.NOT_MODIFIED, "")
    assert response.headers == {"etag": TAG, "cache-control": RULE}


def test_a_problem_is_sent_even_to_a_client_that_has_any_response() -> None:
    refused = problem(Rejection(Code.NOT_FOUND, "There is no such match."))
    assert _asked(refused, "*") == refused


@pytest.mark.parametrize("if_none_match", ["", "*"])
def test_a_conditional_response_keeps_its_other_headers(if_none_match: str) -> None:
    assert _asked(Response(body="a", headers={"x-own": "1"}), if_none_match).headers["x-own"] == "1"


def test_equal_bytes_have_one_tag_and_no_others() -> None:
    assert entity_tag("a") == entity_tag(b"a") != entity_tag("b")
    assert entity_tag("a") == '"ca978112ca1bbdcafac231b39a23dc4d"'


@pytest.mark.parametrize(
    ("if_none_match", "named"),
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
def test_a_tag_is_named_if_it_is_named(if_none_match: str, named: bool) -> None:
    assert is_named('"a"', if_none_match) is named
