from typing import Any

import connect
import pytest

from scorecast.protocol.limits import (
    HANDSHAKE_BURST,
    HANDSHAKE_SECONDS_MAX,
    HANDSHAKES_PER_SECOND,
    STALE_CHECK_SECONDS,
)
from tests import examples
from tests.harness.moto_cloud import MotoCloud

IP = "0123456789abcdef0123456789abcdef"
GRACE_MS = HANDSHAKE_SECONDS_MAX * 1_000


def _event(cloud: MotoCloud, connection_id: str = "c1", **query: str) -> Any:
    event = examples.event("connect")
    event["requestContext"]["connectionId"] = connection_id
    event["requestContext"]["connectedAt"] = cloud.system.now_ms()
    event["queryStringParameters"] = query or None
    return event


def _connect(cloud: MotoCloud, connection_id: str = "c1", **query: str) -> Any:
    return connect.handler(_event(cloud, connection_id, **query), cloud.context)


def _fill(cloud: MotoCloud) -> None:
    """The three slots of user `sp`, held by c1 to c3 whose handshakes are over."""
    for n in (1, 2, 3):
        assert _connect(cloud, f"c{n}")["statusCode"] == 200
        cloud.system.sleep_ms(1)
    cloud.system.sleep_ms(GRACE_MS)
    cloud.messages("WELCOME_QUEUE_URL")


def test_a_connection_is_admitted_registered_and_queued_for_its_welcome(cloud: MotoCloud) -> None:
    assert _connect(cloud, match_id="m1") == {"statusCode": 200}
    assert (cloud.slots("U#sp"), cloud.slots(f"I#{IP}")) == (1, 1)
    assert cloud.messages("WELCOME_QUEUE_URL") == [
        {"connection_id": "c1", "match_id": "m1", "tournament_id": None}
    ]
    connection = cloud.connections.get("c1")
    assert (connection.identity.user_id, connection.identity.name) == ("sp", "Ann")


def test_nothing_is_posted_to_a_connection_in_its_handshake(cloud: MotoCloud) -> None:
    _connect(cloud, match_id="m1")
    assert cloud.api.requests == []


@pytest.mark.parametrize(
    ("offered", "selected"),
    [
        ("scorecast.v1, bearer.t", {"Sec-WebSocket-Protocol": "scorecast.v1"}),
        ("bearer.t", None),
        ("other", None),
    ],
)
def test_the_sub_protocol_is_selected_if_it_was_offered(
    cloud: MotoCloud, offered: str, selected: Any
) -> None:
    event = _event(cloud) | {"headers": {"sec-websocket-protocol": offered}}
    assert connect.handler(event, cloud.context).get("headers") == selected


@pytest.mark.parametrize("query", [{"match_id": "m 1"}, {"tournament_id": "x" * 65}])
def test_a_bad_id_in_the_url_is_refused_and_takes_no_slot(cloud: MotoCloud, query: Any) -> None:
    assert _connect(cloud, **query)["statusCode"] == 400
    assert cloud.items(cloud.connections_table) == {}


def test_a_connection_over_the_users_limit_is_refused_and_changes_no_counter(
    cloud: MotoCloud,
) -> None:
    _fill(cloud)
    before = cloud.counters()
    refused = _connect(cloud, "c4")
    assert (refused["statusCode"], "user" in refused["body"]) == (429, True)
    assert cloud.counters() == before
    assert cloud.messages("WELCOME_QUEUE_URL") == []


def test_a_connection_over_the_ips_limit_is_refused(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTIONS_PER_IP", "1")
    assert _connect(cloud, "c1")["statusCode"] == 200
    refused = _connect(cloud, "c2")
    assert (refused["statusCode"], "ip" in refused["body"]) == (429, True)
    assert cloud.slots("U#sp") == 1


def test_a_refusal_holds_no_address_and_no_user(cloud: MotoCloud) -> None:
    _fill(cloud)
    body = _connect(cloud, "c4")["body"]
    assert IP not in body and "Ann" not in body


def test_a_stale_connection_is_released_and_the_newcomer_admitted(cloud: MotoCloud) -> None:
    _fill(cloud)
    cloud.api.statuses["c2"] = 410
    first = _connect(cloud, "c4")["statusCode"]  # checks two of the three
    cloud.system.sleep_ms(STALE_CHECK_SECONDS * 1_000)
    assert 200 in (first, _connect(cloud, "c5")["statusCode"])
    assert cloud.connections.get("c2") is None
    assert cloud.slots("U#sp") == 3


def test_a_holder_whose_state_is_unknown_is_not_stale(cloud: MotoCloud) -> None:
    _fill(cloud)
    cloud.api.statuses |= {"c1": 500, "c2": 429, "c3": 403}
    assert _connect(cloud, "c4")["statusCode"] == 429
    assert cloud.slots("U#sp") == 3


def test_a_holder_in_its_handshake_is_not_stale(cloud: MotoCloud) -> None:
    for n in (1, 2, 3):
        _connect(cloud, f"c{n}")
        cloud.api.statuses[f"c{n}"] = 410
    assert _connect(cloud, "c4")["statusCode"] == 429
    cloud.system.sleep_ms(GRACE_MS)
    assert _connect(cloud, "c4")["statusCode"] == 200


def test_the_oldest_makes_room_where_that_is_the_policy(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CONNECTION_LIMIT_POLICY", "replace_oldest")
    _fill(cloud)
    assert _connect(cloud, "c4")["statusCode"] == 200
    assert cloud.connections.get("c1") is None
    assert cloud.slots("U#sp") == 3
    assert cloud.api.closed == ["c1"]
    (goodbye,) = [message for message in cloud.api.messages("c1") if message["type"] == "goodbye"]
    assert (goodbye["code"], goodbye["reason"]) == (4008, "connection_limit_exceeded")


def test_a_connection_that_was_closed_already_is_refused(cloud: MotoCloud) -> None:
    cloud.registry.release("c1")
    assert _connect(cloud)["statusCode"] == 410
    assert cloud.slots("U#sp") == 0


def test_a_connection_without_a_welcome_is_refused_and_holds_nothing(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WELCOME_QUEUE_URL", cloud.environment["WELCOME_QUEUE_URL"] + "-gone")
    assert _connect(cloud)["statusCode"] == 503
    assert (cloud.slots("U#sp"), cloud.slots(f"I#{IP}")) == (0, 0)


def test_an_anonymous_connection_is_admitted_by_its_ip_alone(cloud: MotoCloud) -> None:
    event = _event(cloud)
    event["requestContext"]["authorizer"] = {"principalId": "anonymous", "ip_hash": IP}
    assert connect.handler(event, cloud.context)["statusCode"] == 200
    assert cloud.slots(f"I#{IP}") == 1
    assert cloud.items(cloud.connections_table, "U#") == {}


def test_a_handshake_over_the_rate_gets_an_exact_retry_after(
    cloud: MotoCloud,
) -> None:
    for n in range(HANDSHAKE_BURST + 1):
        _connect(cloud, f"c{n}")
    cloud.system.sleep_ms(1_000 // HANDSHAKES_PER_SECOND - 1)
    refused = _connect(cloud, "late")
    assert (refused["statusCode"], refused["headers"]) == (429, {"Retry-After": "1"})
