"""What API Gateway never sends, sent all the same (R16)."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import api
import connect
import disconnect
import message
import pytest

from scorecast.runtime.telemetry import correlation_id
from tests import examples
from tests.examples import SECRET
from tests.integration.cloud import Cloud

Event = dict[str, Any]
ROUTES: dict[str, Callable[[Any, Any], Any]] = {
    "connect": connect.handler,
    "message": message.handler,
    "disconnect": disconnect.handler,
}
NEEDED = {
    "connect": ["connectionId", "authorizer", "connectedAt"],
    "message": ["connectionId", "authorizer", "requestId", "requestTimeEpoch"],
    "disconnect": ["connectionId"],
}


def _malformed(route: str) -> Iterator[Any]:
    event = examples.event(route)
    yield from ({}, None, [], {"requestContext": None}, {"requestContext": {}})
    for field in NEEDED[route]:
        context = event["requestContext"]
        yield event | {"requestContext": {k: v for k, v in context.items() if k != field}}
        yield event | {"requestContext": context | {field: None}}


CASES = [(route, event) for route in ROUTES for event in _malformed(route)]


def _assert_tells_nothing(answer: Event, cloud: Cloud) -> None:
    """A failure carries the id that its log lines carry, and no detail."""
    if answer["statusCode"] >= 500:
        body = json.loads(answer["body"])
        assert body["code"] == "internal_error"
        assert body["data"] == {"correlation_id": correlation_id()}
    for word in ("Traceback", "KeyError", "TypeError", "NoneType"):
        assert word not in json.dumps(answer)


@pytest.mark.parametrize(("route", "event"), CASES)
def test_a_malformed_event_of_a_socket_route_is_answered(
    cloud: Cloud, route: str, event: Any
) -> None:
    _assert_tells_nothing(ROUTES[route](event, cloud.context), cloud)
    assert cloud.rows(cloud.connections_table, "R#") == {}


@pytest.mark.parametrize("body", [None, 5, "\ud800", "\x00", "[" * 16_000, "🙂" * 4_096])
def test_a_malformed_body_is_answered(cloud: Cloud, body: Any) -> None:
    answer = message.handler(examples.event("message") | {"body": body}, cloud.context)
    _assert_tells_nothing(answer, cloud)


@pytest.mark.parametrize(
    "event",
    [
        examples.event("http") | {"headers": None},
        examples.event("http") | {"headers": {}},
        {k: v for k, v in examples.event("http").items() if k != "headers"},
        examples.event("http") | {"isBase64Encoded": True, "body": "!"},
    ],
    ids=["null headers", "no headers", "without headers", "bad base64"],
)
def test_a_malformed_event_of_the_http_api_is_answered(
    cloud: Cloud, event: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.api.secrets |= {
        ("arn:jwt", "AWSCURRENT"): SECRET,
        ("arn:ip", "AWSCURRENT"): "the key of the ip hash",
    }
    monkeypatch.setenv("AWS_ENDPOINT_URL", cloud.api.endpoint.removesuffix("/live"))
    answer = api.handler(event, cloud.context)
    assert answer["statusCode"] == 401
    assert "Traceback" not in json.dumps(answer)
