import pytest

from scorecast.http.response import is_known
from tests.http.caller import Caller
from tests.http.conftest import token

SNAPSHOTS = ["/matches/m1", "/tournaments/t1", "/rooms/m1", "/rooms/t1"]
SCORE = {"participant1_score": 1, "participant2_score": 0}


@pytest.mark.parametrize("path", SNAPSHOTS)
def test_a_snapshot_has_a_tag_by_which_it_need_not_be_sent_again(call: Caller, path: str) -> None:
    first = call("GET", path)
    assert first.status == 200
    again = call("GET", path, if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, "")
    assert again.headers["etag"] == first.headers["etag"]
    assert "content-type" not in again.headers


@pytest.mark.parametrize("path", ["/matches/m1", "/tournaments/t1"])
def test_a_tag_goes_with_the_content(call: Caller, path: str) -> None:
    before = call("GET", path)
    assert call("PUT", "/matches/m1/score", SCORE).status == 200
    after = call("GET", path, if_none_match=before.headers["etag"])
    assert after.status == 200
    assert after.headers["etag"] != before.headers["etag"]


def test_a_tag_is_the_same_for_everyone(call: Caller) -> None:
    other = Caller(token(sub="sp", role=None))
    assert call("GET", "/matches/m1").headers["etag"] == other("GET", "/matches/m1").headers["etag"]


@pytest.mark.parametrize("path", SNAPSHOTS)
def test_a_snapshot_may_be_kept_for_a_second_by_its_reader_alone(call: Caller, path: str) -> None:
    answer = call("GET", path)
    tag = answer.headers["etag"]
    for each in (answer, call("GET", path, if_none_match=tag)):
        assert each.headers["cache-control"] == "private, max-age=1"
        assert each.headers["vary"] == "Authorization, Origin"


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("PUT", "/matches/m1/score", SCORE),
        ("POST", "/tickets", b""),
        ("DELETE", "/users/u1/connections", b""),
        ("GET", "/matches/none", b""),
        ("GET", "/openapi.json", b""),
        ("GET", "/docs", b""),
        ("PATCH", "/matches/m1", b""),
    ],
)
def test_nothing_else_may_be_kept(call: Caller, method: str, path: str, body: object) -> None:
    answer = call(method, path, body, if_none_match="*")
    assert answer.status != 304
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def test_a_head_is_a_get_without_its_body(call: Caller) -> None:
    head, get = call("HEAD", "/matches/m1"), call("GET", "/matches/m1")
    assert (head.status, head.headers, head.body) == (get.status, get.headers, "")


@pytest.mark.parametrize(
    ("if_none_match", "known"),
    [
        ('"a"', True),
        ('W/"a"', True),
        ('"b", "a"', True),
        ('"b",W/"a" ', True),
        ("*", True),
        ("", False),
        ("a", False),
        ('"A"', False),
        ('"b"', False),
        ('"ab"', False),
        ("*, *", False),
        ("\x00" * 100, False),
    ],
)
def test_a_tag_is_known_if_it_is_named(if_none_match: str, known: bool) -> None:
    assert is_known('"a"', if_none_match) is known
