import threading
from collections.abc import Iterator

import pytest

from scorecast.aws.gateway import ApiGateway
from scorecast.aws.signed_http import credentials
from scorecast.aws.signed_http.client import SignedHttp
from scorecast.domain.delivery import Delivery
from tests.harness.connections_api import STAGE, ConnectionsApi

FRAME = b'{"type":"ping"}'
pytestmark = pytest.mark.usefixtures("aws")


def _gateway(endpoint: str, posts_in_flight_max: int = 8) -> ApiGateway:
    http = SignedHttp(
        endpoint, service="execute-api", region="us-east-1", credentials=credentials.current
    )
    return ApiGateway(http, posts_in_flight_max=posts_in_flight_max)


@pytest.fixture
def gateway(connections_api: ConnectionsApi) -> ApiGateway:
    return _gateway(connections_api.endpoint)


@pytest.mark.parametrize("connection_id", ["c1", "Uo1yzfLRliACEVg=", "a/b+c?d#e", "%3D"])
def test_a_message_reaches_its_connection_whatever_the_id(
    gateway: ApiGateway, connections_api: ConnectionsApi, connection_id: str
) -> None:
    assert gateway.post(connection_id, FRAME) is Delivery.DELIVERED
    assert connections_api.bodies[connection_id] == [FRAME]


def test_a_post_is_signed_for_the_execute_api(
    gateway: ApiGateway, connections_api: ConnectionsApi
) -> None:
    gateway.post("a=", FRAME)
    (method, path, headers) = connections_api.requests[0]
    assert (method, path) == ("POST", f"{STAGE}/@connections/a%3D")
    assert headers["Authorization"].startswith("AWS4-HMAC-SHA256 Credential=testing/")
    assert "/us-east-1/execute-api/aws4_request" in headers["Authorization"]


@pytest.mark.parametrize(
    ("status", "delivery"),
    [
        (400, Delivery.GONE),
        (403, Delivery.REFUSED),
        (410, Delivery.GONE),
        (413, Delivery.TOO_LARGE),
        (429, Delivery.THROTTLED),
        (500, Delivery.FAILED),
        (503, Delivery.FAILED),
    ],
)
def test_a_status_says_what_became_of_a_post(
    gateway: ApiGateway, connections_api: ConnectionsApi, status: int, delivery: Delivery
) -> None:
    connections_api.statuses["c1"] = status
    assert gateway.post("c1", FRAME) is delivery
    assert gateway.post_all(["c1"], FRAME, time_ms_max=5_000) == {"c1": delivery}


def test_an_endpoint_without_a_listener_fails_without_raising() -> None:
    gateway = _gateway("http://127.0.0.1:1/live")
    assert gateway.post("c1", FRAME) is Delivery.FAILED
    assert gateway.post_all(["c1", "c2"], FRAME, time_ms_max=5_000) == {
        "c1": Delivery.FAILED,
        "c2": Delivery.FAILED,
    }


def test_only_a_410_says_that_a_connection_is_not_open(
    gateway: ApiGateway, connections_api: ConnectionsApi
) -> None:
    open_by_status = {}
    for status in (200, 403, 410, 429, 500):
        connections_api.statuses["c1"] = status
        open_by_status[status] = gateway.is_open("c1")
    assert open_by_status == {200: True, 403: True, 410: False, 429: True, 500: True}


def test_closing_a_closed_connection_succeeds(
    gateway: ApiGateway, connections_api: ConnectionsApi
) -> None:
    gateway.close("c1")
    gateway.close("c1")
    assert connections_api.closed == ["c1"]
    assert not gateway.is_open("c1")


def test_a_failed_post_does_not_affect_the_others(
    gateway: ApiGateway, connections_api: ConnectionsApi
) -> None:
    connections_api.statuses |= {"c3": 410, "c5": 429, "c7": 500}
    ids = [f"c{n}" for n in range(50)]
    outcomes = gateway.post_all(ids, FRAME, time_ms_max=5_000)
    assert outcomes == dict.fromkeys(ids, Delivery.DELIVERED) | {
        "c3": Delivery.GONE,
        "c5": Delivery.THROTTLED,
        "c7": Delivery.FAILED,
    }
    assert sum(map(len, connections_api.bodies.values())) == 47


@pytest.mark.parametrize(("status", "tries"), [(500, 2), (503, 2), (410, 1), (413, 1), (429, 1)])
def test_a_post_that_failed_is_tried_once_more_and_no_other(
    gateway: ApiGateway, connections_api: ConnectionsApi, status: int, tries: int
) -> None:
    connections_api.once["c1"] = [status] * 3
    gateway.post_all(["c1", "c2"], FRAME, time_ms_max=5_000)
    assert len(connections_api.once["c1"]) == 3 - tries


def test_no_more_posts_are_under_way_than_allowed(connections_api: ConnectionsApi) -> None:
    ids = [f"c{n}" for n in range(24)]
    connections_api.hanging.update(ids)
    gateway = _gateway(connections_api.endpoint, posts_in_flight_max=8)
    broadcast = threading.Thread(
        target=gateway.post_all, args=(ids, FRAME), kwargs={"time_ms_max": 8_000}
    )
    broadcast.start()
    connections_api.wait_until_in_flight(8)
    connections_api.letting_go.set()
    broadcast.join()
    assert connections_api.in_flight_max == 8
    assert len(connections_api.bodies) == 24


def test_a_fan_out_gives_up_at_its_deadline(connections_api: ConnectionsApi) -> None:
    connections_api.hanging.update({"h0", "h1"})
    gateway = _gateway(connections_api.endpoint, posts_in_flight_max=2)
    outcomes = gateway.post_all(["h0", "h1", "c2"], FRAME, time_ms_max=200)
    assert outcomes == {
        "h0": Delivery.FAILED,
        "h1": Delivery.FAILED,
        "c2": Delivery.SKIPPED,
    }


def test_what_is_found_after_the_deadline_is_skipped(
    gateway: ApiGateway, connections_api: ConnectionsApi
) -> None:
    """A page that comes too late is reported as not tried, and is not tried."""
    assert gateway.post_all(["c1", "c2"], FRAME, time_ms_max=0) == {
        "c1": Delivery.SKIPPED,
        "c2": Delivery.SKIPPED,
    }
    assert gateway.post_all(["last"], FRAME, time_ms_max=5_000) == {"last": Delivery.DELIVERED}
    assert set(connections_api.bodies) == {"last"}


def test_posts_that_hang_hold_up_the_others_for_one_post_time_out_at_most(
    connections_api: ConnectionsApi,
) -> None:
    connections_api.hanging.update({"h0", "h1"})
    gateway = _gateway(connections_api.endpoint, posts_in_flight_max=2)
    outcomes = gateway.post_all(["h0", "h1", "c2"], FRAME, time_ms_max=5_000)
    assert outcomes["c2"] is Delivery.DELIVERED
    assert outcomes["h0"] is outcomes["h1"] is Delivery.FAILED


def test_a_fan_out_after_one_that_hung_is_whole_again(connections_api: ConnectionsApi) -> None:
    connections_api.hanging.update({"h0", "h1"})
    gateway = _gateway(connections_api.endpoint, posts_in_flight_max=2)
    gateway.post_all(["h0", "h1"], FRAME, time_ms_max=100)
    ids = [f"c{n}" for n in range(6)]
    outcomes = gateway.post_all(ids, FRAME, time_ms_max=5_000)
    assert outcomes == dict.fromkeys(ids, Delivery.DELIVERED)


def test_posting_begins_before_the_last_page_is_there(
    gateway: ApiGateway, connections_api: ConnectionsApi
) -> None:
    gateway.post("c0", FRAME)  # leaves a connection, over which a frame goes out at once
    connections_api.hanging.add("c1")

    def ids() -> Iterator[str]:
        yield "c1"
        connections_api.wait_until_in_flight(1)
        connections_api.letting_go.set()
        yield "c2"

    outcomes = gateway.post_all(ids(), FRAME, time_ms_max=5_000)
    assert outcomes == {"c1": Delivery.DELIVERED, "c2": Delivery.DELIVERED}


def test_an_empty_room_needs_no_post(gateway: ApiGateway) -> None:
    assert gateway.post_all([], FRAME, time_ms_max=5_000) == {}


def test_connections_to_the_gateway_are_kept(connections_api: ConnectionsApi) -> None:
    gateway = _gateway(connections_api.endpoint, posts_in_flight_max=1)
    for n in range(20):
        gateway.post(f"c{n}", FRAME)
    assert connections_api.connections_opened == 1
