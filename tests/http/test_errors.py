"""Every error of a request is reported in one small problem, and nothing is stored."""

import base64
import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any, Final

import pytest

from scorecast.http.registration import MatchBody
from scorecast.http.tournaments import TournamentBody, TournamentEventBody
from scorecast.protocol.limits import BODY_BYTES_MAX
from tests import examples
from tests.harness.moto_cloud import MotoCloud
from tests.http.caller import Caller
from tests.http.conftest import token
from tests.http.server import http_event

type Json = dict[str, Any]
type Route = tuple[str, str]

MATCH: Final[Json] = {
    "tournament_id": "t1",
    "participants": [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}],
    "scheduled_at": "2026-06-11T13:00:00-06:00",
}
GOOD: Final[dict[tuple[str, str], Json]] = {
    ("PUT", "/tournaments/t1"): {
        "name": "Cup",
        "organizers": ["or"],
        "metadata": {"sport": "chess"},
    },
    ("PUT", "/matches/m7"): MATCH | {"scoring": {"scale": 1}, "metadata": {"round": 3}},
    ("POST", "/tournaments/t1/events"): {"type": "bracket_updated", "data": {"round": 2}},
    ("PUT", "/matches/m1/score"): {
        "participant1_score": 1,
        "participant2_score": 0,
        "details": {"minute": 3},
        "client_revision": 5,
        "update_id": "u1",
    },
    ("POST", "/matches/m1/events"): {
        "type": "match_complete",
        "winner_id": "p1",
        "participant1_score": 1,
        "participant2_score": 0,
        "details": {"minute": 3},
    },
}
"""Every route with a body, and a body with all of its fields."""

ROUTES: Final = sorted(GOOD)
OPTIONAL: Final = {
    *("organizers", "data", "details", "client_revision", "update_id", "scoring", "metadata"),
}
WRONG: Final[dict[str, list[Any]]] = {
    "name": ["", "x" * 121, 5, None, True, ["a"], {"a": 1}],
    "organizers": ["or", ["a b"], [5], [None], ["x" * 65], ["o"] * 101, {}, 5],
    "tournament_id": ["", "a b", "x" * 65, "é", "a\n", 5, None, [], {}],
    "participants": [
        [],
        MATCH["participants"][:1],
        MATCH["participants"] * 2,
        ["p1", "p2"],
        "p1",
        {},
        None,
        [{"id": "p1", "name": "A"}] * 2,
    ],
    "scheduled_at": [
        "soon",
        "2026-06-11",
        "2026-06-11T13:00:00",
        "2026-06-31T13:00:00Z",
        "2026-06-11T13:00:00+99:00",
        "2026-06-11T13:00:00Z ",
        "1795360000",
        1795360000,
        [],
    ],
    "scoring": [[], "a", 5, {"scale": 4}, {"scale": 0.5}, {"unit": ""}, {"best_of": 0}, {"a": 1}],
    "metadata": [[], "a", 5, True, {"a": "x" * 2_048}],
    "type": ["", 5, None, [], "subscribe", "ping", "refresh", "goal", "score_update "],
    "data": [[], "a", 5, True, {"a": "x" * 16_384}],
    "participant1_score": [-1, 10**12 + 1, 1.5, 1.0, True, "1", [], {}],
    "participant2_score": [-1, 10**12 + 1, 1.5, 1.0, True, "1", [], {}],
    "details": [[], "a", 5, True, {"a": "x" * 2_048}, json.loads('{"a":' * 9 + "1" + "}" * 9)],
    "client_revision": [-1, 1.5, True, "1", []],
    "update_id": ["", "a b", "x" * 65, 5, True, []],
    "winner_id": ["", "a b", "x" * 65, 5, True, [], "nobody"],
}
UNREADABLE: Final[dict[str, bytes]] = {
    "nothing": b"",
    "blanks": b" \n",
    "half": b'{"name":',
    "words": b"nonsense",
    "two": b"{}{}",
    "NaN": b'{"name":NaN}',
    "infinity": b'{"name":-Infinity}',
    "too large": b'{"name":1e400}',
    "beyond 2^53": b'{"name":9007199254740993}',
    "many digits": b'{"name":' + b"9" * 5_000 + b"}",
    "duplicate": b'{"name":"a","name":"b"}',
    "duplicate, deep": b'{"data":{"a":1,"a":2}}',
    "lone surrogate": b'{"name":"\\ud800"}',
    "lone surrogate in a key": b'{"\\udfff":1}',
    "deep lists": b"[" * 30_000,
    "deep objects": b'{"a":' * 40 + b"1" + b"}" * 40,
    "byte order mark": b"\xef\xbb\xbf{}",
    "UTF-16": '{"name":"a"}'.encode("utf-16"),
    "control character": b'{"name":"\x01"}',
    "comment": b'{"name":"a"} // b',
    "zeros": b"\x00" * 100,
}
HANDED_ON_AS_BASE64: Final = "application/vnd.test+json"
NO_OBJECTS: Final = [b"[]", b"5", b'"text"', b"null", b"true", b'[{"name":"a"}]']
OTHER_TYPES: Final = [
    "application/x-www-form-urlencoded",
    "text/plain",
    "text/json",
    "application/xml",
    "application/jsonp",
    "multipart/form-data; boundary=x",
    "json",
    "application/json, text/plain",
    "x" * 5_000,
]
METHODS: Final = {
    "/matches/m1": {"GET", "HEAD", "PUT", "DELETE"},
    "/matches/m1/score": {"PUT"},
    "/tickets": {"POST"},
    "/docs": {"GET", "HEAD"},
}
NO_PATHS: Final = [
    "/",
    "",
    "//",
    "/match",
    "/matches/",
    "/matches/m1/",
    "//matches/m1",
    "/matches//score",
    "/matches/m1/scores",
    "/MATCHES/m1",
    "/matches/m1/score/x",
    "/matches/../matches/m1",
    "/openapi.json/",
    "/<tournament_id>",
    "/matches/a%2Fb",
    "/" + "x" * 8_000,
    "/\x00",
]
NO_IDS: Final = [
    "a%20b",
    "x" * 65,
    "%6d1%00",
    "%C3%A9",
    "%ff",
    "%2e%2e",
    "m1%0A",
    "%25",
    "m%2531",
    "%",
    "%zz",
    "<match_id>",
    "m1%3F",
    "m1;x=1",
]
NO_TOKENS: Final = ["", "Bearer", "Bearer ", "Basic eDp5"]
BAD_TOKENS: Final = ["Bearer x", "Bearer a.b.c", "bearer " + "x" * 9_000]


@pytest.fixture
def stored(call: Caller, served: MotoCloud) -> Iterator[None]:
    """What is stored, which no refused request may change."""

    def items() -> list[Any]:
        return [served.items(served.matches_table), served.items(served.connections_table)]

    before = items()
    yield
    assert items() == before
    assert served.messages("FLUSH_QUEUE_URL") == []


def _named(errors: Json, field: str) -> bool:
    return any(name.partition(".")[0] == field for name in errors)


@pytest.mark.parametrize("route", ROUTES)
def test_a_wrong_field_is_named(call: Caller, stored: None, route: Route) -> None:
    for field in GOOD[route]:
        for value in WRONG[field]:
            reply = call(*route, GOOD[route] | {field: value})
            if reply.problem() != (422, "unsupported_message_type"):
                assert reply.problem() == (422, "invalid_schema"), (field, value)
                assert _named(reply.json["errors"], field), (field, value)
                assert field in reply.json["detail"]


@pytest.mark.parametrize("route", ROUTES)
def test_a_missing_field_is_named(call: Caller, stored: None, route: Route) -> None:
    for field in GOOD[route].keys() - OPTIONAL:
        body = {name: value for name, value in GOOD[route].items() if name != field}
        reply = call(*route, body)
        assert reply.problem() == (422, "invalid_schema"), field
        # of the two scores either may be the one that is named
        fields = {field} | ({"participant1_score"} if field == "participant2_score" else set())
        assert any(_named(reply.json["errors"], each) for each in fields), field


@pytest.mark.parametrize("route", ROUTES)
def test_an_unknown_field_is_named(call: Caller, stored: None, route: Route) -> None:
    for field in ("colour", "match_id", "id", "__class__", "constructor"):
        reply = call(*route, GOOD[route] | {field: "s3cret"})
        assert reply.problem() == (422, "invalid_schema"), field
        assert field in reply.json["errors"]
        assert "s3cret" not in reply.body


@pytest.mark.parametrize("route", ROUTES)
def test_an_invalid_field_name_is_not_repeated(call: Caller, stored: None, route: Route) -> None:
    reply = call(*route, GOOD[route] | {"<script>s3cret": 1})
    assert reply.problem() == (422, "invalid_schema")
    assert "s3cret" not in reply.body


@pytest.mark.parametrize("route", ROUTES)
def test_of_many_wrong_fields_some_are_named(call: Caller, stored: None, route: Route) -> None:
    many = {f"{n:x<64}": 1 for n in range(100)}
    reply = call(*route, GOOD[route] | many)
    assert reply.problem() == (422, "invalid_schema")
    assert 1 <= len(reply.json["errors"]) < 100


@pytest.mark.parametrize(
    ("participant", "field"),
    [
        ({"id": "p1"}, "participants.1.id"),
        ({"name": "A"}, "participants.1.id"),
        ({"id": "a b", "name": "A"}, "participants.1.id"),
        ({"id": "p1", "name": 5}, "participants.1.name"),
        ({"id": "p1", "name": "A", "age": 5}, "participants.1.age"),
    ],
)
def test_a_wrong_field_of_a_participant_is_named(
    call: Caller, stored: None, participant: Json, field: str
) -> None:
    first = {"id": "p9", "name": "B"}
    reply = call("PUT", "/matches/m1", MATCH | {"participants": [first, participant]})
    assert reply.problem() == (422, "invalid_schema")
    assert list(reply.json["errors"]) == [field]


@pytest.mark.parametrize("route", ROUTES)
def test_invalid_json_is_refused(call: Caller, stored: None, route: Route) -> None:
    for what, body in UNREADABLE.items():
        for media_type in ("application/json", HANDED_ON_AS_BASE64):
            reply = call(*route, body, content_type=media_type)
            assert reply.problem() == (400, "invalid_json"), what


@pytest.mark.parametrize("route", ROUTES)
def test_invalid_utf_8_is_refused(call: Caller, stored: None, route: Route) -> None:
    for body in (b'{"name":"\xff"}', b"\xff", b'{"name":"\xed\xa0\x80"}'):
        reply = call(*route, body, content_type=HANDED_ON_AS_BASE64)
        assert reply.problem() == (400, "invalid_json"), body


def test_invalid_base64_is_refused(call: Caller, stored: None) -> None:
    event = http_event("PUT", "/tournaments/t1", {"authorization": f"Bearer {token()}"}, b"")
    for body in ("!", "e30", "e30=\n=", "é", "\ud800", "e3\x000="):
        reply = call.send(event | {"body": body, "isBase64Encoded": True})
        assert reply.problem() == (400, "invalid_json"), body


@pytest.mark.parametrize("route", ROUTES)
def test_a_body_other_than_an_object_is_refused(call: Caller, stored: None, route: Route) -> None:
    for body in NO_OBJECTS:
        assert call(*route, body).problem() == (422, "invalid_schema"), body


@pytest.mark.parametrize("route", ROUTES)
def test_a_large_body_is_refused_unread(call: Caller, stored: None, route: Route) -> None:
    for size_bytes in (BODY_BYTES_MAX + 1, 10 * 1024 * 1024):
        for media_type in ("application/json", HANDED_ON_AS_BASE64):
            reply = call(*route, b"[" * size_bytes, content_type=media_type)
            assert reply.problem() == (413, "payload_too_large")


def test_a_body_that_is_just_not_too_large_is_read(call: Caller) -> None:
    body = json.dumps(GOOD["PUT", "/tournaments/t1"]).encode()
    assert call("PUT", "/tournaments/t1", body.ljust(BODY_BYTES_MAX)).status == 200


def test_another_content_type_is_refused(call: Caller, stored: None) -> None:
    body = GOOD["PUT", "/tournaments/t1"]
    for media_type in OTHER_TYPES:
        reply = call("PUT", "/tournaments/t1", body, content_type=media_type)
        assert reply.problem() == (415, "invalid_json"), media_type


def test_json_may_be_said_in_several_ways(call: Caller) -> None:
    body = GOOD["PUT", "/tournaments/t1"]
    for media_type in ("application/json; charset=utf-8", "Application/JSON", "a/b+json", ""):
        status = call("PUT", "/tournaments/t1", body, content_type=media_type).status
        assert status == (415 if media_type.startswith("a/") else 200), media_type


def test_another_method_is_refused_with_those_that_there_are(call: Caller, stored: None) -> None:
    for path, allowed in METHODS.items():
        for method in ("PATCH", "TRACE", "OPTIONS", "CONNECT", "get", "BREW", ""):
            reply = call(method, path)
            assert reply.problem() == (405, "unsupported_message_type"), (method, path)
            assert set(reply.headers["allow"].split(", ")) == allowed


def test_another_path_is_not_found(call: Caller, stored: None) -> None:
    for path in NO_PATHS:
        assert call("GET", path).problem() == (404, "not_found"), path


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_a_path_without_an_id_is_refused(call: Caller, stored: None, method: str) -> None:
    for segment in NO_IDS:
        reply = call(method, f"/matches/{segment}", b"" if method == "GET" else MATCH)
        assert reply.problem() == (422, "invalid_schema"), segment
        assert list(reply.json["errors"]) == ["match_id"], segment


def test_an_escaped_id_is_the_id(call: Caller) -> None:
    assert call("GET", "/matches/%6d1").json["match_id"] == "m1"
    assert call("GET", "/matches/m1?token=x&match_id=m2").json["match_id"] == "m1"


def test_a_bad_idempotency_key_is_named(call: Caller, stored: None) -> None:
    body = {"participant1_score": 1, "participant2_score": 0}
    for key in ("", "a b", "x" * 65, "é", "a,b", "\x00"):
        reply = call("PUT", "/matches/m1/score", body, idempotency_key=key)
        assert reply.problem() == (422, "invalid_schema"), key
        assert list(reply.json["errors"]) == ["Idempotency-Key"]


def test_an_update_is_named_once(call: Caller, stored: None) -> None:
    body = GOOD["PUT", "/matches/m1/score"]
    reply = call("PUT", "/matches/m1/score", body, idempotency_key="u1")
    assert reply.problem() == (422, "invalid_schema")
    assert list(reply.json["errors"]) == ["update_id"]


@pytest.mark.parametrize("route", [*ROUTES, ("GET", "/matches/m1"), ("POST", "/tickets")])
def test_without_a_good_token_a_challenge_is_all_there_is(
    call: Caller, stored: None, route: Route
) -> None:
    for authorization in NO_TOKENS + BAD_TOKENS:
        reply = call(*route, GOOD.get(route, b""), authorization=authorization)
        assert reply.problem() == (401, "forbidden"), authorization
        error = ' error="invalid_token"' if authorization in BAD_TOKENS else ""
        assert reply.headers["www-authenticate"] == f"Bearer{error}", authorization


def test_two_tokens_are_none(call: Caller) -> None:
    """API Gateway joins what comes twice by a comma."""
    both = f"Bearer {token()},Bearer {token()}"
    assert call("GET", "/matches/m1", authorization=both).problem()[0] == 401


@pytest.mark.parametrize("route", ROUTES)
def test_the_good_bodies_are_good(call: Caller, route: Route) -> None:
    assert call(*route, GOOD[route]).status == 200


def test_every_field_is_tried() -> None:
    tried = {field for body in GOOD.values() for field in body}
    for model in (TournamentBody, TournamentEventBody, MatchBody):
        assert {field.name for field in fields(model)} <= tried
    assert tried == WRONG.keys()


def test_a_command_sent_again_is_refused_with_the_state_that_it_brought_about(
    call: Caller,
) -> None:
    paused = {"type": "match_state_change", "new_state": "paused"}
    assert call("POST", "/matches/m1/events", paused).status == 200
    again = call("POST", "/matches/m1/events", paused)
    assert again.problem() == (409, "invalid_transition")
    assert again.json["state"] == "paused"


def test_base64_is_read_as_text_is(call: Caller) -> None:
    event = http_event("PUT", "/tournaments/t1", {"authorization": f"Bearer {token()}"}, b"")
    body = base64.b64encode(json.dumps({"name": "Cup é"}).encode()).decode()
    reply = call.send(event | {"body": body, "isBase64Encoded": True})
    assert reply.json["name"] == "Cup é"


def test_a_name_goes_out_as_it_came(call: Caller) -> None:
    name = "</script>🏆 " + "é" * 100
    assert call("PUT", "/tournaments/t1", {"name": name}).json["name"] == name
    assert examples.tournament().name != name
