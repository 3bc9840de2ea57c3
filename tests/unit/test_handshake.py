from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecast.domain.connections.handshake import (
    ids_are_valid,
    ip_network,
    origin_is_allowed,
    read,
)
from scorecast.protocol.ids import is_id
from tests import examples


def _read(**parts: Any) -> Any:
    return read(examples.event("connect") | parts)


def _protocols(offered: str) -> Any:
    headers = {"Sec-WebSocket-Protocol": offered}
    return _read(headers=headers, queryStringParameters=None)


def test_a_token_may_stand_in_the_query() -> None:
    assert _read(queryStringParameters={"token": "t"}, headers={}).token == "t"


@pytest.mark.parametrize("header", ["Authorization", "authorization", "AUTHORIZATION"])
@pytest.mark.parametrize("scheme", ["Bearer", "bearer"])
def test_a_token_may_stand_in_the_authorization_header(header: str, scheme: str) -> None:
    assert _read(queryStringParameters=None, headers={header: f"{scheme} t"}).token == "t"


@pytest.mark.parametrize(
    "offered", ["scorecast.v1, bearer.t", "scorecast.v1,bearer.t", "bearer.t , scorecast.v1"]
)
def test_a_token_may_stand_among_the_sub_protocols(offered: str) -> None:
    handshake = _protocols(offered)
    assert (handshake.token, handshake.sub_protocol) == ("t", "scorecast.v1")


def test_the_token_is_never_selected_as_sub_protocol() -> None:
    assert _protocols("bearer.t").sub_protocol is None


def test_a_ticket_and_the_room_stand_in_the_query_and_the_origin_in_its_header() -> None:
    query = {"ticket": "k1", "match_id": "m1", "tournament_id": "t1"}
    handshake = _read(queryStringParameters=query, headers={"Origin": "https://example.com"})
    assert (handshake.ticket, handshake.origin) == ("k1", "https://example.com")
    assert (handshake.match_id, handshake.tournament_id) == ("m1", "t1")
    assert (handshake.token, handshake.sub_protocol) == (None, None)


def test_the_querys_token_wins() -> None:
    handshake = _read(queryStringParameters={"token": "q"}, headers={"Authorization": "Bearer h"})
    assert handshake.token == "q"


@pytest.mark.parametrize("header", ["Basic t", "Basic dTE6YSBwYXNzd29yZA==", "Bearer", "t", ""])
def test_other_schemes_carry_no_token(header: str) -> None:
    assert _read(queryStringParameters=None, headers={"Authorization": header}).token is None


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"headers": None, "queryStringParameters": None},
        {"headers": [], "queryStringParameters": "x"},
        {"headers": {"Origin": 5}, "queryStringParameters": {"token": ["t"], "match_id": None}},
    ],
)
def test_parts_of_the_wrong_shape_count_as_absent(event: dict[str, Any]) -> None:
    handshake = read(event)
    assert (handshake.token, handshake.origin, handshake.match_id) == (None, None, None)


@pytest.mark.parametrize("good", ["a", "A-z_9", "x" * 64])
def test_ids_are_1_to_64_of_the_allowed_characters(good: str) -> None:
    assert is_id(good)


@pytest.mark.parametrize("bad", ["", "x" * 65, "a b", "a:b", "a#b", "ä", "٣", "a\n", None, 7])
def test_anything_else_is_not_an_id(bad: object) -> None:
    assert not is_id(bad)


@pytest.mark.parametrize(("match_id", "valid"), [("m1", True), ("m 1", False), ("", False)])
def test_the_rooms_id_is_checked(match_id: str, valid: bool) -> None:
    assert ids_are_valid(_read(queryStringParameters={"match_id": match_id})) is valid


def test_a_url_without_a_room_is_valid() -> None:
    assert ids_are_valid(_read(queryStringParameters=None))


def _allowed(origin: str | None, *patterns: str, required: bool = False) -> bool:
    return origin_is_allowed(origin, patterns=patterns, required=required)


@pytest.mark.parametrize(
    ("origin", "pattern"),
    [
        ("https://example.com", "https://example.com"),
        ("HTTPS://Example.com", "https://example.com"),
        ("https://a.example.com", "https://*.example.com"),
        ("https://a.b.example.com", "https://*.example.com"),
        ("https://a.example.com", "*.example.com"),
        ("http://a.example.com", "*.example.com"),
        ("http://localhost:8080", "http://localhost:8080"),
    ],
)
def test_origins_on_the_list_are_allowed(origin: str, pattern: str) -> None:
    assert _allowed(origin, "https://other.org", pattern)


@pytest.mark.parametrize(
    ("origin", "pattern"),
    [
        ("https://example.com", "https://*.example.com"),
        ("https://evilexample.com", "https://*.example.com"),
        ("https://example.com.evil.org", "https://*.example.com"),
        ("https://a.example.com.evil.org", "*.example.com"),
        ("http://a.example.com", "https://*.example.com"),
        ("http://example.com", "https://example.com"),
        ("https://example.com:8443", "https://example.com"),
        ("https://example.com.evil.org", "https://example.com"),
        ("null", "https://example.com"),
        ("null", "*.example.com"),
        ("https://evil.org://a.example.com", "*.example.com"),
    ],
)
def test_origins_off_the_list_are_refused(origin: str, pattern: str) -> None:
    assert not _allowed(origin, pattern)


def test_without_patterns_every_origin_is_allowed() -> None:
    assert _allowed("https://anywhere.org")


def test_programs_without_an_origin_are_allowed_unless_one_is_required() -> None:
    assert _allowed(None, "https://example.com")
    assert not _allowed(None, "https://example.com", required=True)
    assert not _allowed(None, required=True)


@given(st.text() | st.sampled_from(["https://[", "http://[::1", "https://]", "//"]))
def test_no_origin_whatever_it_is_raises(origin: str) -> None:
    assert not _allowed(origin, "https://*.example.com", "*.example.org", "https://example.com")


def test_an_ipv4_address_counts_by_itself() -> None:
    assert ip_network("192.0.2.7") == "192.0.2.7"


def test_an_ipv6_address_counts_by_its_64() -> None:
    one = ip_network("2001:db8:1:2:3:4:5:6")
    assert one == ip_network("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert one != ip_network("2001:db8:1:3:3:4:5:6")


def test_an_ipv4_address_in_ipv6_clothes_is_the_same_client() -> None:
    assert ip_network("::ffff:192.0.2.7") == "192.0.2.7"
