"""The parts of scorecast.aws and the handlers against moto and a real HTTP server."""

import sys
import threading
import time
from collections.abc import Collection, Iterator
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

from scorecast import wiring
from scorecast.runtime import telemetry
from tests.fakes import FakeClock, FakeContext
from tests.integration.cloud import Cloud, create_queue, create_table, new_clients
from tests.integration.connections_api import ConnectionsApi, serving

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

_AWS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_REGION": "us-east-1",
    "AWS_DEFAULT_REGION": "us-east-1",
    # A test may set AWS_ENDPOINT_URL, for the secrets; these stay where moto takes them.
    "AWS_ENDPOINT_URL_DYNAMODB": "https://dynamodb.us-east-1.amazonaws.com",
    "AWS_ENDPOINT_URL_SQS": "https://sqs.us-east-1.amazonaws.com",
    "POWERTOOLS_SERVICE_NAME": "scorecast",
    "POWERTOOLS_METRICS_NAMESPACE": "Scorecast",
}
_FORGOTTEN = ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE")
_PARAMETERS = {
    "CONNECTIONS_PER_USER": "3",
    "CONNECTIONS_PER_IP": "10",
    "CONNECTION_LIMIT_POLICY": "reject",
    "ROOM_CAPACITY": "2000",
    "ROOMS_PER_CONNECTION": "10",
    "MESSAGE_BYTES_MAX": "16384",
    "MESSAGES_PER_SECOND_PER_USER": "10",
    "MESSAGE_BURST_PER_USER": "20",
    "MESSAGES_PER_SECOND_PER_IP": "20",
    "MESSAGE_BURST_PER_IP": "40",
    "HEARTBEAT_INTERVAL_SECONDS": "25",
    "HEARTBEAT_TIMEOUT_SECONDS": "50",
    "COALESCE_WINDOW_MS": "100",
    "COALESCE_MAX_WAIT_MS": "250",
    "COALESCE_LEADING": "false",
    "POSTS_PER_SECOND_BUDGET": "8000",
    "CONNECTS_PER_SECOND_BUDGET": "400",
    "ALLOWED_ORIGINS": "",
    "REQUIRE_ORIGIN": "false",
    "ALLOW_ANONYMOUS": "false",
    "PUBLISH_USER_IDS": "false",
    "JWT_ALGORITHM": "HS256",
    "JWT_SECRET_ARN": "arn:jwt",
    "JWKS_URL": "",
    "JWT_ISSUER": "https://issuer.test",
    "JWT_AUDIENCE": "scorecast",
    "JWT_USER_CLAIM": "sub",
    "IP_HASH_SECRET_ARN": "arn:ip",
    "EDGE_SECRET_ARN": "arn:edge",
    "EVENT_LOG_DAYS": "7",
    "HISTORY_DAYS": "365",
}


_CLIENTS = ("_dynamodb", "_sqs")


@pytest.fixture(scope="package")
def aws() -> Iterator[tuple["DynamoDBClient", "SQSClient"]]:
    """moto, one request at a time: unlike DynamoDB it tests a condition and writes in two steps."""
    one_at_a_time = threading.Lock()
    process = BotocoreStubber.process_request

    def locked(stubber: BotocoreStubber, request: Any) -> Any:
        with one_at_a_time:
            return process(stubber, request)

    with pytest.MonkeyPatch.context() as patch, mock_aws():
        patch.setattr(BotocoreStubber, "process_request", locked)
        for name in _FORGOTTEN:
            patch.delenv(name, raising=False)
        for name, value in _AWS.items():
            patch.setenv(name, value)
        telemetry.log()  # takes the output of now: that of a test with capsys is closed after it
        yield new_clients()
    _forget()


@pytest.fixture
def connections_api() -> Iterator[ConnectionsApi]:
    with serving() as api:
        yield api


@pytest.fixture(autouse=True)
def wired_anew() -> Iterator[None]:
    """Every test is a cold start: what `wiring` made for the last one is forgotten.

    Its boto3 clients are not: they hold nothing of a test, and take longest to make.
    """
    _forget(but=_CLIENTS)
    yield
    _forget(but=_CLIENTS)


def _forget(but: Collection[str] = ()) -> None:
    telemetry._counted.clear()
    if wiring.pool.cache_info().currsize:
        wiring.pool().shutdown()
    for name, made_once in vars(wiring).items():
        if name not in but and hasattr(made_once, "cache_clear"):
            made_once.cache_clear()


@pytest.fixture
def cloud(
    aws: tuple["DynamoDBClient", "SQSClient"],
    connections_api: ConnectionsApi,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Cloud]:
    """Empty tables and queues, and the environment of every function."""
    dynamodb, sqs = aws
    environment = _PARAMETERS | {
        "CONNECTIONS_TABLE": create_table(dynamodb, "ConnectionsTable"),
        "MATCHES_TABLE": create_table(dynamodb, "MatchesTable"),
        "HISTORY_TABLE": create_table(dynamodb, "HistoryTable"),
        "FLUSH_QUEUE_URL": create_queue(sqs, "ticks.fifo", fifo=True),
        "WELCOME_QUEUE_URL": create_queue(sqs, "welcomes"),
        "SWEEP_QUEUE_URL": create_queue(sqs, "chores"),
        "FANOUT_QUEUE_URL": create_queue(sqs, "parcels.fifo", fifo=True),
        "HISTORY_DEAD_LETTER_QUEUE_URL": create_queue(sqs, "history-dead-letters"),
        "GATEWAY_ENDPOINT": connections_api.endpoint,
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    system = FakeClock()
    monkeypatch.setattr(wiring, "system", lambda: system)
    yield Cloud(environment, system, connections_api, dynamodb, sqs, FakeContext())
    for name in ("CONNECTIONS_TABLE", "MATCHES_TABLE", "HISTORY_TABLE"):
        dynamodb.delete_table(TableName=environment[name])


@pytest.fixture
def log_lines() -> Iterator[StringIO]:
    """What the log writes, as it writes it."""
    handler: Any = telemetry.log().registered_handler
    lines = StringIO()
    usual = handler.setStream(lines)
    yield lines
    handler.setStream(usual)


@pytest.fixture
def switching(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Threads change places often, so that a race has its chance.

    Their pauses take real time and none of the stopped clock's, so that others get on meanwhile.
    """

    def pause(_system: FakeClock, pause_ms: float) -> None:
        time.sleep(pause_ms / 10_000)

    monkeypatch.setattr(FakeClock, "sleep_ms", pause)
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)
