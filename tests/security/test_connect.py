"""Hostile handshakes through the authorizer and `connect`: let in, or refused without a trace."""

from random import Random
from typing import Any

import authorizer
import connect
import disconnect
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scorecast.domain.connections import handshake
from scorecast.domain.connections.identity import HASH_CHARACTERS
from scorecast.protocol.limits import HANDSHAKES_PER_SECOND
from scorecast.wiring import host
from tests import examples
from tests.harness.fake_api import FakeApi
from tests.security.handshakes import IPS, NO_IPS, ORIGIN, hostile_handshake, with_ip
from tests.security.store import Items, kept

HANDSHAKES = 600
SENTENCES = {
    "",
    "match_id or tournament_id is not an id.",
    "The connection limit of this user is reached.",
    "The connection limit of this ip is reached.",
}


@pytest.fixture(autouse=True)
def _picky(fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ALLOWED_ORIGINS", f"{ORIGIN},https://*.trusted.example.com")
    monkeypatch.setenv("CONNECTIONS_PER_USER", "1000000")
    monkeypatch.setenv("CONNECTIONS_PER_IP", "1000000")
    host.settings.cache_clear()


def asked_to_connect(fake_api: FakeApi, event: Any, context: dict[str, str]) -> dict[str, Any]:
    whole = examples.event("connect")
    for part in ("queryStringParameters", "headers"):
        whole[part] = event.get(part)
    connection_id = event["requestContext"]["connectionId"]
    whole["requestContext"] |= {"authorizer": context, "connectionId": connection_id}
    return connect.handler(whole, fake_api.cloud.context)


def leave(fake_api: FakeApi, connection_id: str) -> None:
    event = examples.event("disconnect")
    event["requestContext"]["connectionId"] = connection_id
    assert disconnect.handler(event, fake_api.cloud.context) == {"statusCode": 200}


def carries(event: Any, token: str) -> bool:
    """Whether the good token is anywhere in what the client sent."""
    return token in str([event["queryStringParameters"], event["headers"]])


def places(items: Items) -> Items:
    """Rows that stand for a place taken: no tombstones, no items without a slot."""
    return {
        key: item
        for key, item in items.items()
        if "closed_at_ms" not in item and (item.get("holders") or key[0].startswith("C#"))
    }


@pytest.mark.parametrize("seed", [201, 202])
def test_hostile_handshakes_are_let_in_or_refused_without_a_trace(
    fake_api: FakeApi, seed: int
) -> None:
    rng, token = Random(seed), fake_api.token("u1")
    statuses: dict[int, int] = {}
    for number in range(HANDSHAKES // 2):
        fake_api.wait(1 / HANDSHAKES_PER_SECOND)  # none is refused for its rate
        event = hostile_handshake(rng, token=token, connection_id=f"h{seed}-{number}")
        status, context = fake_api.authorize(event)
        if status == 200:
            assert carries(event, token) and context["user_id"] == "u1", event
            status = connected(fake_api, event, context)
        statuses[status] = statuses.get(status, 0) + 1

    assert set(statuses) == {200, 400, 401, 403}
    assert min(statuses.values()) > 5, statuses
    assert fake_api.cloud.slots("U#u1") == 0
    assert places(kept(fake_api)) == {}


def connected(fake_api: FakeApi, event: Any, context: dict[str, str]) -> int:
    response = asked_to_connect(fake_api, event, context)
    assert response["statusCode"] in (200, 400), response
    assert response.get("body", "") in SENTENCES
    # A header of the answer is never the client's own text.
    assert response.get("headers", {"Sec-WebSocket-Protocol": "scorecast.v1"}) == {
        "Sec-WebSocket-Protocol": "scorecast.v1"
    }
    if response["statusCode"] == 200:
        leave(fake_api, event["requestContext"]["connectionId"])
    return int(response["statusCode"])


def good_event(fake_api: FakeApi, **query: str) -> dict[str, Any]:
    event = examples.event("authorizer")
    event["headers"] = {"Origin": ORIGIN}
    event["queryStringParameters"] = {"token": fake_api.token("u1")} | query
    return event


@pytest.mark.parametrize("ip", IPS)
def test_an_address_in_any_form_is_hashed(fake_api: FakeApi, ip: str) -> None:
    status, context = fake_api.authorize(with_ip(good_event(fake_api), ip))
    assert status == 200
    assert len(context["ip_hash"]) == HASH_CHARACTERS
    assert ip not in str(context)


def test_an_ipv4_address_within_ipv6_is_the_same_client(fake_api: FakeApi) -> None:
    hashes = {
        fake_api.authorize(with_ip(good_event(fake_api), ip))[1]["ip_hash"]
        for ip in ("192.0.2.7", "::ffff:192.0.2.7", "::ffff:c000:207")
    }
    assert len(hashes) == 1


@pytest.mark.parametrize("ip", NO_IPS, ids=lambda ip: repr(ip)[:20])
def test_without_an_address_no_client_is_admitted_and_the_text_is_not_logged(
    fake_api: FakeApi, ip: Any
) -> None:
    """API Gateway always names one; what fails here is ours, a 500, and the log has no address."""
    with pytest.raises(authorizer.Unavailable) as failure:
        authorizer.handler(with_ip(good_event(fake_api), ip), fake_api.cloud.context)
    assert str(failure.value) == "Unavailable"
    assert failure.value.__suppress_context__


@pytest.mark.parametrize("name", ["match_id", "tournament_id"])
@pytest.mark.parametrize("value", ["", "a b", "x" * 65, "m1\n", "é", "M#m1", "../m1"])
def test_an_invalid_room_id_is_refused_before_a_slot_is_taken(
    fake_api: FakeApi, name: str, value: str
) -> None:
    event = good_event(fake_api, **{name: value})
    status, context = fake_api.authorize(event)
    assert status == 200
    assert asked_to_connect(fake_api, event, context)["statusCode"] == 400
    assert kept(fake_api) == {}


def test_only_the_last_of_several_values_counts_and_only_once(fake_api: FakeApi) -> None:
    """API Gateway puts the last value of a repeated name into queryStringParameters."""
    event = good_event(fake_api)
    event["queryStringParameters"]["token"] = "the last one"
    event["multiValueQueryStringParameters"] = {"token": [fake_api.token("u1"), "the last one"]}
    assert fake_api.authorize(event)[0] == 401


def test_an_address_that_the_client_states_is_not_believed(fake_api: FakeApi) -> None:
    event = with_ip(good_event(fake_api), "192.0.2.7")
    hashed = fake_api.authorize(event)[1]["ip_hash"]
    event["headers"] |= {"X-Forwarded-For": "198.51.100.9", "Forwarded": "for=198.51.100.9"}
    assert fake_api.authorize(event)[1]["ip_hash"] == hashed


@pytest.mark.parametrize(
    ("origin", "allowed"),
    [
        (ORIGIN, True),
        (ORIGIN.upper(), True),
        ("https://live.trusted.example.com", True),
        ("https://trusted.example.com", False),
        ("https://eviltrusted.example.com", False),
        ("http://live.trusted.example.com", False),
        ("https://live.trusted.example.com.evil.test", False),
        ("https://evil.test#.trusted.example.com", False),
        ("https://evil.test/.trusted.example.com", False),
        ("https://evil.test?.trusted.example.com", False),
        ("https://evil.test:1@live.trusted.example.com", False),
        (f"{ORIGIN}/", False),
        (f"{ORIGIN}:444", False),
        ("null", False),
        ("", False),
        ("*", False),
    ],
)
def test_an_origin_is_let_in_by_the_whole_of_it(
    fake_api: FakeApi, origin: str, allowed: bool
) -> None:
    event = good_event(fake_api)
    event["headers"] = {"Origin": origin}
    assert fake_api.authorize(event)[0] == (200 if allowed else 403)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)
headers = st.dictionaries(
    st.sampled_from(["Origin", "origin", "Authorization", "sec-websocket-protocol"])
    | st.text(st.characters(codec=None), max_size=9),
    anything | st.text(st.characters(codec=None)),
)
query = st.dictionaries(
    st.sampled_from(["token", "ticket", "match_id", "tournament_id"]) | st.text(max_size=9),
    anything,
)


@given(st.fixed_dictionaries({}, optional={
    "headers": anything | headers, "queryStringParameters": anything | query}))  # fmt: skip
def test_no_handshake_of_any_shape_raises_where_it_is_read(event: dict[str, Any]) -> None:
    read = handshake.read(event)
    assert isinstance(handshake.ids_are_valid(read), bool)
    handshake.origin_is_allowed(read.origin, patterns=["https://*.a.test"], required=True)


@given(headers | anything, query | anything)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_client_is_admitted_without_a_credential(
    fake_api: FakeApi, of_headers: Any, asked: Any
) -> None:
    event = examples.event("authorizer")
    event |= {"headers": of_headers, "queryStringParameters": asked}
    assert fake_api.authorize(event)[0] in (401, 403)
