"""What MiniStack's WebSocket API and its readers of queues do where they are no AWS."""

import io
import time
import zipfile
from collections.abc import Iterator
from itertools import count
from typing import Any, Final

import pytest
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection, connect

from infra.local.aws import LocalAws
from tests.emulators.ministack import Cloud
from tests.emulators.queues import MiniStackBox

DEADLINE_S: Final = 20
ROLE: Final = "arn:aws:iam::000000000000:role/probe"
_numbers = count(1)

SOCKET: Final = """
def handler(event, context):
    asked = event.get("queryStringParameters") or {}
    if event["requestContext"]["eventType"] == "CONNECT":
        if "crash" in asked:
            raise RuntimeError("crash")
        return {"statusCode": int(asked.get("status", 200))}
    body = event.get("body") or ""
    if body == "raise":
        raise RuntimeError("the text of the exception")
    return {"statusCode": 200, "body": f"{len(body)} characters"}
"""
READER: Final = """
def handler(event, context):
    if event["Records"][0]["body"] == "malformed":
        return {"batchItemFailures": [{"itemIdentifier": "unknown"}]}
    return {"batchItemFailures": []}
"""


def _function(cloud: Cloud, code: str) -> str:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("probe.py", code)
    made = (
        LocalAws(cloud.endpoint)
        .client("lambda")
        .create_function(
            FunctionName=f"probe-{next(_numbers)}",
            Runtime="python3.13",
            Role=ROLE,
            Handler="probe.handler",
            Code={"ZipFile": packed.getvalue()},
        )
    )
    return str(made["FunctionArn"])


@pytest.fixture(scope="module")
def url(cloud: Cloud) -> str:
    """A WebSocket API whose every route is one function; no route has a RouteResponse."""
    gateway = LocalAws(cloud.endpoint).client("apigatewayv2")
    api = gateway.create_api(
        Name="probe", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.type"
    )["ApiId"]
    arn = _function(cloud, SOCKET)
    integration = gateway.create_integration(
        ApiId=api,
        IntegrationType="AWS_PROXY",
        IntegrationUri=f"arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/{arn}/invocations",
    )["IntegrationId"]
    for route in ("$connect", "$default"):
        gateway.create_route(ApiId=api, RouteKey=route, Target=f"integrations/{integration}")
    gateway.create_stage(ApiId=api, StageName="live", AutoDeploy=True)
    return f"{cloud.endpoint.replace('http', 'ws')}/_aws/execute-api/{api}/live"


@pytest.fixture
def socket(url: str) -> Iterator[ClientConnection]:
    with connect(url, max_size=None) as opened:
        yield opened


def _refused(url: str) -> int:
    with pytest.raises(InvalidStatus) as refused, connect(url):
        pass
    return refused.value.response.status_code


def test_an_answer_is_sent_without_a_route_response(socket: ClientConnection) -> None:
    """AWS drops it: the template makes a RouteResponse, which only AWS needs."""
    socket.send("hello")
    assert socket.recv(timeout=DEADLINE_S) == "5 characters"


def test_the_text_of_an_exception_reaches_the_client(socket: ClientConnection) -> None:
    """AWS answers "Internal server error": our handlers let no exception out."""
    socket.send("raise")
    assert "the text of the exception" in str(socket.recv(timeout=DEADLINE_S))


def test_a_frame_of_200_kb_is_delivered(socket: ClientConnection) -> None:
    """AWS closes with 1009 above 32 KB a frame."""
    socket.send("x" * 200_000)
    assert socket.recv(timeout=DEADLINE_S) == "200000 characters"


@pytest.mark.parametrize("query", ["status=429", "status=400", "crash=1"])
def test_every_refusal_of_connect_is_403(url: str, query: str) -> None:
    """AWS passes the status on."""
    assert _refused(f"{url}?{query}") == 403


def test_messages_of_one_connection_are_answered_in_their_order(socket: ClientConnection) -> None:
    """AWS promises no order: that frames race is only seen in the simulator."""
    for length in range(1, 9):
        socket.send("x" * length)
    answers = [socket.recv(timeout=DEADLINE_S) for _ in range(8)]
    assert answers == [f"{length} characters" for length in range(1, 9)]


def test_a_malformed_partial_response_deletes_the_records(cloud: Cloud) -> None:
    """AWS takes the whole batch for failed. Ours name records of their batch only (F29)."""
    box = MiniStackBox(cloud, visibility_s=6)
    name = box.url.rpartition("/")[2]
    LocalAws(cloud.endpoint).client("lambda").create_event_source_mapping(
        EventSourceArn=f"arn:aws:sqs:us-east-1:000000000000:{name}",
        FunctionName=_function(cloud, READER),
        FunctionResponseTypes=["ReportBatchItemFailures"],
        BatchSize=10,
    )
    box.send("malformed", "a", "1")
    deadline = time.monotonic() + DEADLINE_S
    while _size(box):
        assert time.monotonic() < deadline, "the record is still there"
        time.sleep(0.1)
    assert box.dead() == []


def _size(box: MiniStackBox) -> int:
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    asked: dict[str, Any] = {"QueueUrl": box.url, "AttributeNames": names}
    _, published = box.ask("GetQueueAttributes", asked)
    return sum(int(published["Attributes"][name]) for name in names)
