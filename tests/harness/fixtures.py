"""The fixtures that the suites of the handlers share; a suite imports those that it uses."""

import sys
import threading
import time
from collections.abc import Collection, Iterator
from functools import cache
from io import StringIO
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto import mock_aws
from moto.core.botocore_stubber import BotocoreStubber

from scorecast.runtime import telemetry
from scorecast.wiring import clients, host
from tests.harness import wired
from tests.harness.botocore_time import make_virtual
from tests.harness.connections_api import ConnectionsApi, serving
from tests.harness.environment import LAMBDA, PARAMETERS
from tests.harness.fake_api import FakeApi
from tests.harness.fakes import FakeClock, FakeContext
from tests.harness.moto_cloud import MotoCloud
from tests.harness.quick_moto import make_quick
from tests.harness.resources import create_queues, create_tables, expiring_never
from tests.harness.secrets_manager import serve_secrets
from tests.harness.wire import Wire, tapped
from tests.message_schemas import must_be_documented

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

_AWS = LAMBDA | {
    # A test may set AWS_ENDPOINT_URL, for the secrets; these stay where moto takes them.
    "AWS_ENDPOINT_URL_DYNAMODB": "https://dynamodb.us-east-1.amazonaws.com",
    "AWS_ENDPOINT_URL_SQS": "https://sqs.us-east-1.amazonaws.com",
}
_FORGOTTEN = ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL", "AWS_CONFIG_FILE")
_CLIENTS = ("dynamodb", "sqs")


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
        make_quick(patch)
        for name in _FORGOTTEN:
            patch.delenv(name, raising=False)
        for name, value in _AWS.items():
            patch.setenv(name, value)
        telemetry.log()  # takes the output of now: that of a test with capsys is closed after it
        yield boto3.client("dynamodb"), boto3.client("sqs")
    forget_wired()


@pytest.fixture
def connections_api() -> Iterator[ConnectionsApi]:
    with serving() as api:
        yield api


@pytest.fixture(autouse=True)
def wired_anew() -> Iterator[None]:
    """Every test is a cold start: what `wiring` made for the last one is forgotten.

    Its boto3 clients are not: they hold nothing of a test, and take longest to make.
    """
    forget_wired(but=_CLIENTS)
    yield
    forget_wired(but=_CLIENTS)


def forget_wired(but: Collection[str] = ()) -> None:
    telemetry._counted.clear()
    if host.pool.cache_info().currsize:
        host.pool().shutdown()
    wired.forget(but)


@pytest.fixture
def cloud(
    aws: tuple["DynamoDBClient", "SQSClient"],
    connections_api: ConnectionsApi,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[MotoCloud]:
    """Empty tables and queues, and the environment of every function."""
    dynamodb, sqs = aws
    tables = create_tables(dynamodb)
    environment = PARAMETERS | tables | create_queues(sqs)
    environment["GATEWAY_ENDPOINT"] = connections_api.endpoint
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    system = FakeClock()
    monkeypatch.setattr(host, "system", lambda: system)
    yield MotoCloud(environment, system, connections_api, dynamodb, sqs, FakeContext())
    for table in tables.values():
        assert expiring_never(table) == []
        dynamodb.delete_table(TableName=table)


@pytest.fixture
def issuer(cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch) -> MotoCloud:
    """The same with the secrets that verify tokens and hash addresses."""
    serve_secrets(cloud.api, monkeypatch)
    return cloud


_kept_dynamodb = cache(clients.dynamodb.__wrapped__)
_kept_sqs = cache(clients.sqs.__wrapped__)


@pytest.fixture
def fake_api(issuer: MotoCloud, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeApi]:
    """The handlers, and clients to whom nothing is posted that the document does not know."""
    # Clients hold nothing that a test could notice, and take longer to make than most tests.
    monkeypatch.setattr(clients, "dynamodb", _kept_dynamodb)
    monkeypatch.setattr(clients, "sqs", _kept_sqs)
    make_virtual(issuer.system, monkeypatch)
    yield FakeApi(issuer)
    must_be_documented(*issuer.api.all_posted())


@pytest.fixture
def wire(fake_api: FakeApi) -> Iterator[Wire]:
    """Tests that break things start with clients whose quota of retries is full."""
    _kept_dynamodb.cache_clear()
    _kept_sqs.cache_clear()
    with tapped(Wire()) as opened:
        yield opened
    _kept_dynamodb.cache_clear()
    _kept_sqs.cache_clear()


@pytest.fixture
def log_lines() -> Iterator[StringIO]:
    """What the log writes, as it writes it."""
    handler: Any = telemetry.log().registered_handler
    lines = StringIO()
    usual = handler.setStream(lines)
    yield lines
    handler.setStream(usual)


@pytest.fixture
def frequent_switches() -> Iterator[None]:
    """Threads change places often, so that a race has its chance."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


@pytest.fixture
def switching(frequent_switches: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their pauses take real time and none of the stopped clock's, so that others get on too."""

    def pause(_system: FakeClock, pause_ms: float) -> None:
        time.sleep(pause_ms / 10_000)

    monkeypatch.setattr(FakeClock, "sleep_ms", pause)
