from typing import Any

import httpx
import pytest

from scorecast.domain.rooms import tournament_room
from scorecast.http.caching import is_named
from tests.harness.moto_cloud import MotoCloud
from tests.harness.wire import Wire, tapped
from tests.http.caller import Caller
from tests.http.conftest import token
from tests.http.server import Server

SNAPSHOTS = ["/matches/m1", "/tournaments/t1", "/rooms/m1", "/rooms/t1"]
CONSTANTS = ["/openapi.json", "/docs"]
SCORE = {"participant1_score": 1, "participant2_score": 0}


@pytest.mark.parametrize("path", SNAPSHOTS)
def test_a_snapshot_has_a_tag_by_which_it_need_not_be_sent_again(call: Caller, path: str) -> None:
    first = call("GET", path)
    assert first.status == 200
    again = call("GET", path, if_none_match=first.headers["etag"])
    assert (again.status, again.body) == (304, "")
    assert again.headers["etag"] == first.headers["etag"]
    assert "content-type" not in again.headers


def test_a_matchs_tag_changes_with_its_content(call: Caller) -> None:
    before = call("GET", "/matches/m1")
    assert call("PUT", "/matches/m1/score", SCORE).status == 200
    after = call("GET", "/matches/m1", if_none_match=before.headers["etag"])
    assert after.status == 200
    assert after.headers["etag"] != before.headers["etag"]


MATCH = {
    "tournament_id": "t1",
    "participants": [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}],
    "scheduled_at": "2026-06-12T13:00:00+00:00",
}
COMPLETED = {"type": "match_complete", "winner_id": None}
BRACKET = {"type": "bracket_updated"}
CHANGES: list[tuple[str, str, Any]] = [
    ("PUT", "/tournaments/t1", {"name": "Renamed"}),
    ("PUT", "/matches/m1", MATCH),
    ("PUT", "/matches/m2", MATCH),
    ("PUT", "/matches/m1/score", SCORE),
    ("POST", "/matches/m1/events", COMPLETED),
    ("POST", "/tournaments/t1/events", BRACKET),
]


@pytest.mark.parametrize(("method", "path", "body"), CHANGES)
def test_a_tournaments_tag_changes_with_whatever_is_published(
    call: Caller, served: MotoCloud, method: str, path: str, body: Any
) -> None:
    before = call("GET", "/tournaments/t1")
    assert call(method, path, body).status == 200
    served.flush("m1")
    served.flush_room.run(tournament_room("t1"), request_id="flush")
    after = call("GET", "/tournaments/t1", if_none_match=before.headers["etag"])
    assert (after.status, after.json == before.json) == (200, False)
    again = call("GET", "/tournaments/t1", if_none_match=after.headers["etag"])
    assert again.status == 304


def test_a_tournaments_tag_survives_what_changes_nothing(call: Caller, served: MotoCloud) -> None:
    before = call("GET", "/tournaments/t1")
    assert call("PUT", "/matches/m1", MATCH | {"tournament_id": "none"}).status == 404
    served.flush("m1")
    assert call("GET", "/tournaments/t1", if_none_match=before.headers["etag"]).status == 304


@pytest.mark.parametrize("if_none_match", ["*", "the tag"])
def test_an_empty_304_of_a_tournament_is_one_read(
    call: Caller, served: MotoCloud, if_none_match: str
) -> None:
    served.register(*(f"m{n}" for n in range(2, 30)))
    tag = call("GET", "/tournaments/t1").headers["etag"]
    with tapped(Wire()) as wire:
        named = tag if if_none_match == "the tag" else if_none_match
        assert call("GET", "/tournaments/t1", if_none_match=named).status == 304
    reads = [attempt for attempt in wire.attempts if served.matches_table in str(attempt.body)]
    assert [attempt.operation for attempt in reads] == ["GetItem"]


@pytest.mark.parametrize("path", ["/matches/m1", "/rooms/m1"])
def test_a_tag_is_the_same_for_all_who_see_the_same(call: Caller, path: str) -> None:
    first, other = (Caller(token(sub=user, role=None)) for user in ("sp", "sq"))
    assert first("GET", path).headers["etag"] == other("GET", path).headers["etag"]


@pytest.mark.parametrize("path", SNAPSHOTS)
def test_what_anyone_may_read_may_be_kept_by_every_cache(
    call: Caller, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setenv("ALLOW_ANONYMOUS", "true")
    answer = Caller(None)("GET", path)
    again = Caller(None)("GET", path, if_none_match=answer.headers["etag"])
    for each in (answer, again):
        assert each.headers["cache-control"] == "public, max-age=1"
        assert each.headers["vary"] == "Authorization, Origin"


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
        ("PATCH", "/matches/m1", b""),
    ],
)
def test_nothing_else_may_be_kept(call: Caller, method: str, path: str, body: object) -> None:
    answer = call(method, path, body, if_none_match="*")
    assert answer.status != 304
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


@pytest.mark.parametrize("path", CONSTANTS)
def test_a_document_may_be_kept_by_every_cache(call: Caller, path: str) -> None:
    first = Caller(None)("GET", path)
    again = Caller(None)("GET", path, if_none_match=first.headers["etag"])
    assert (first.status, again.status, again.body) == (200, 304, "")
    for each in (first, again):
        assert each.headers["cache-control"] == "public, max-age=300"
        assert each.headers["vary"] == "Accept-Encoding, Origin"


@pytest.mark.parametrize("path", CONSTANTS)
def test_a_document_is_sent_compressed_to_a_client_that_accepts_it(
    server: Server, path: str
) -> None:
    with httpx.Client(base_url=server.url) as http:
        plain = http.get(path, headers={"accept-encoding": "identity"})
        small = http.get(path, headers={"accept-encoding": "gzip"})
        tag = {"accept-encoding": "gzip", "if-none-match": small.headers["etag"]}
        assert http.get(path, headers=tag).status_code == 304
    assert (small.text, small.headers["content-encoding"]) == (plain.text, "gzip")
    assert "content-encoding" not in plain.headers
    assert int(small.headers["content-length"]) * 2 < int(plain.headers["content-length"])
    assert small.headers["etag"] != plain.headers["etag"]


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
def test_a_tag_is_named_if_it_is_named(if_none_match: str, known: bool) -> None:
    assert is_named('"a"', if_none_match) is known
