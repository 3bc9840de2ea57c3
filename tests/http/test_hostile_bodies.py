"""Random bodies: each is accepted, or refused in one small problem that changes nothing."""

import json
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.harness.moto_cloud import MotoCloud
from tests.http.caller import Caller, Reply
from tests.http.test_errors import GOOD, HANDED_ON_AS_BASE64, ROUTES

MARK: Final = "<s3cret>"
"""In every text of a body: no answer may hold it."""

texts = st.text(max_size=8).map(lambda text: f"{MARK}{text}")
scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.integers(-(2**60), 2**60)
    | texts
    | st.just("m1")
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
routes = st.sampled_from(ROUTES)
media_types = st.sampled_from(["application/json", HANDED_ON_AS_BASE64])
bounded = settings(
    max_examples=250,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def changed(draw: st.DrawFn) -> tuple[tuple[str, str], bytes]:
    """A good body with some fields replaced, dropped or added."""
    route = draw(routes)
    body: dict[str, Any] = dict(GOOD[route])
    for name in draw(st.lists(st.sampled_from([*body, "extra", MARK]), max_size=3)):
        body[name] = draw(values)
    for name in draw(st.lists(st.sampled_from([*body]), max_size=1)):
        del body[name]
    return route, json.dumps(body, allow_nan=True).encode()


@st.composite
def torn(draw: st.DrawFn) -> tuple[tuple[str, str], bytes]:
    """A good body with some bytes replaced, dropped or added."""
    route = draw(routes)
    body = json.dumps(GOOD[route]).encode()
    for _ in range(draw(st.integers(1, 3))):
        start, end = sorted(draw(st.tuples(*[st.integers(0, len(body))] * 2)))
        body = body[:start] + draw(st.binary(max_size=6)) + body[min(end, start + 8) :]
    return route, body


def _is_published_well(reply: Reply) -> None:
    assert reply.status in (200, 400, 409, 422), reply.body
    if reply.status != 200:
        reply.problem()
        assert MARK not in reply.body


class _Store:
    """What is stored: it changes with what is accepted, and with nothing else."""

    def __init__(self, cloud: MotoCloud) -> None:
        self._cloud = cloud
        self._known = self._items()

    def check(self, reply: Reply) -> None:
        items = self._items()
        assert reply.status == 200 or items == self._known
        self._known = items

    def _items(self) -> list[Any]:
        tables = (self._cloud.matches_table, self._cloud.connections_table)
        return [self._cloud.items(table) for table in tables]


@pytest.mark.parametrize("sent", [changed(), torn()], ids=["changed", "torn"])
def test_a_spoilt_body_is_taken_or_refused_as_a_whole(
    sent: st.SearchStrategy[tuple[tuple[str, str], bytes]], call: Caller, served: MotoCloud
) -> None:
    store = _Store(served)

    @bounded
    @given(sent, media_types)
    def check(spoilt: tuple[tuple[str, str], bytes], media_type: str) -> None:
        (method, path), body = spoilt
        reply = call(method, path, body, content_type=media_type)
        _is_published_well(reply)
        store.check(reply)

    check()


def test_any_other_body_is_refused(call: Caller, served: MotoCloud) -> None:
    store = _Store(served)

    @bounded
    @given(routes, st.binary() | values.map(lambda value: json.dumps(value).encode()), media_types)
    def check(route: tuple[str, str], body: bytes, media_type: str) -> None:
        reply = call(*route, body, content_type=media_type)
        _is_published_well(reply)
        assert reply.status != 200
        store.check(reply)

    check()


def test_any_header_is_borne(call: Caller, served: MotoCloud) -> None:
    names = ["authorization", "content-type", "idempotency-key", "if-none-match", "origin"]
    headers = st.dictionaries(st.sampled_from(names), st.text(max_size=30))

    @bounded
    @given(st.sampled_from([*ROUTES, ("GET", "/matches/m1"), ("OPTIONS", "/tickets")]), headers)
    def check(route: tuple[str, str], sent: dict[str, str]) -> None:
        body = json.dumps(GOOD[route]).encode() if route in GOOD else b""
        reply = call(*route, body, **sent)
        assert reply.status < 500
        if reply.status >= 400:
            reply.problem()

    check()


def test_any_path_is_borne(call: Caller) -> None:
    @bounded
    @given(st.sampled_from(["GET", "PUT", "POST", "DELETE", "HEAD"]), st.text(max_size=40))
    def check(method: str, path: str) -> None:
        reply = call(method, f"/matches/no{path}")
        assert 400 <= reply.status < 500

    check()


def test_a_name_is_stored_in_one_spelling(call: Caller) -> None:
    named = {"name": "  Cafe\u0301 Cup\u00a0", "organizers": []}
    assert call("PUT", "/tournaments/t1", named).json["name"] == "Caf\u00e9 Cup"


def test_a_name_with_invisible_characters_is_refused(call: Caller) -> None:
    refused = call("PUT", "/tournaments/t1", {"name": "Cup\u202e", "organizers": []})
    assert refused.problem() == (422, "invalid_schema")
    assert refused.json["errors"].keys() == {"name"}
