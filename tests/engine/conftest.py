"""The score engine on virtual time, over moto's DynamoDB and a real HTTP server for the posts."""

import copy
import sys
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.client import BaseClient
from moto.dynamodb.models import dynamodb_backends

from tests.engine.calls import Calls
from tests.engine.engine import Engine
from tests.engine.model import model
from tests.engine.timeline import Timeline
from tests.engine.wires import ENVIRONMENT, keep_secrets, wire
from tests.integration.cloud import create_table
from tests.integration.conftest import aws, connections_api, log_lines, wired_anew
from tests.integration.connections_api import ConnectionsApi
from tests.message_schemas import must_be_documented

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

__all__ = ["aws", "connections_api", "log_lines", "wired_anew"]

type Build = Callable[..., Engine]


def _motos_tables() -> dict[str, Any]:
    ((_, regions),) = dynamodb_backends.items()
    tables: dict[str, Any] = regions["us-east-1"].tables
    return tables


@pytest.fixture
def build(
    aws: tuple["DynamoDBClient", "SQSClient"],
    connections_api: ConnectionsApi,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Build]:
    """Make an engine: over these tables, or over the simulator's model of DynamoDB.

    Nothing is posted to its people that the document does not know.
    """

    def make(timeline: Timeline, tables: dict[str, str], database: Any, scan: Any) -> Engine:
        environment = ENVIRONMENT | tables | {"GATEWAY_ENDPOINT": connections_api.endpoint}
        engine = Engine(environment, timeline, connections_api, Calls(), database, scan)
        keep_secrets(connections_api)
        wire(engine, monkeypatch)
        return engine

    yield make
    must_be_documented(*connections_api.all_posted())


@pytest.fixture
def engine(build: Build, aws: tuple["DynamoDBClient", "SQSClient"]) -> Iterator[Engine]:
    """Over the template's tables in moto, which are empty."""
    dynamodb, _ = aws
    tables = {
        "CONNECTIONS_TABLE": create_table(dynamodb, "ConnectionsTable"),
        "MATCHES_TABLE": create_table(dynamodb, "MatchesTable"),
        "HISTORY_TABLE": create_table(dynamodb, "HistoryTable"),
    }
    original: Any = vars(BaseClient)["_make_api_call"]

    def scan(table: str) -> list[dict[str, Any]]:
        found = _motos_tables()[table].all_items()
        return [item.to_json()["Attributes"] for item in found]

    yield build(Timeline(), tables, original, scan)
    for table in tables.values():
        del _motos_tables()[table]


@pytest.fixture
def modelled(build: Build) -> Engine:
    """Over a model of DynamoDB that is a hundred times as fast."""
    timeline = Timeline()
    return build(timeline, *model(timeline.now_us))


@pytest.fixture
def switching() -> Iterator[None]:
    """Threads change places often, so that a race has its chance."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(usual)


@pytest.fixture
def rewind(engine: Engine) -> Callable[[], Callable[[], None]]:
    """Note how everything is; what this returns makes it so again."""
    tables = _motos_tables()

    def note() -> Callable[[], None]:
        names = [engine.environment[f"{kind}_TABLE"] for kind in ("CONNECTIONS", "MATCHES")]
        kept = {name: copy.deepcopy(tables[name].items) for name in names}
        now_us = engine.timeline.now_us()
        queues = [queue.note() for queue in engine.queues.values()]

        def restore() -> None:
            for name, items in kept.items():
                tables[name].items = copy.deepcopy(items)
            for restore_queue in queues:
                restore_queue()
            engine.gateway.bodies.clear()
            engine.timeline.go_back(now_us)

        return restore

    return note
