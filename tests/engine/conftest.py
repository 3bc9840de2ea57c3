"""The score engine on virtual time, over moto's DynamoDB and a real HTTP server for the posts."""

import copy
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest
from botocore.client import BaseClient
from moto.dynamodb.models import dynamodb_backends

from tests.harness.calls import Calls
from tests.harness.connections_api import ConnectionsApi
from tests.harness.dynamodb_model import model
from tests.harness.engine import EngineHarness
from tests.harness.engine_wiring import ENVIRONMENT, wire
from tests.harness.fixtures import (
    aws,
    connections_api,
    frequent_switches,
    log_lines,
    wired_anew,
)
from tests.harness.resources import create_tables
from tests.harness.secrets_manager import serve_secrets
from tests.harness.timeline import Timeline
from tests.message_schemas import must_be_documented

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

__all__ = ["aws", "connections_api", "frequent_switches", "log_lines", "wired_anew"]

type Build = Callable[..., EngineHarness]


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

    Nothing is posted to its clients that the document does not know.
    """

    def make(timeline: Timeline, tables: dict[str, str], database: Any, scan: Any) -> EngineHarness:
        environment = ENVIRONMENT | tables | {"GATEWAY_ENDPOINT": connections_api.endpoint}
        engine = EngineHarness(environment, timeline, connections_api, Calls(), database, scan)
        wire(engine, monkeypatch)
        serve_secrets(connections_api, monkeypatch)
        return engine

    yield make
    must_be_documented(*connections_api.all_posted())


@pytest.fixture
def engine(build: Build, aws: tuple["DynamoDBClient", "SQSClient"]) -> Iterator[EngineHarness]:
    """Over the template's tables in moto, which are empty."""
    dynamodb, _ = aws
    tables = create_tables(dynamodb)
    original: Any = vars(BaseClient)["_make_api_call"]

    def scan(table: str) -> list[dict[str, Any]]:
        found = _motos_tables()[table].all_items()
        return [item.to_json()["Attributes"] for item in found]

    yield build(Timeline(), tables, original, scan)
    for table in tables.values():
        del _motos_tables()[table]


@pytest.fixture
def modelled(build: Build) -> EngineHarness:
    """Over a model of DynamoDB that is a hundred times as fast."""
    timeline = Timeline()
    return build(timeline, *model(timeline.now_us))


@pytest.fixture
def rewind(engine: EngineHarness) -> Callable[[], Callable[[], None]]:
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
