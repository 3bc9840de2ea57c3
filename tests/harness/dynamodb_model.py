"""The simulator's model of DynamoDB under the engine: for minutes of updates and large rooms."""

from collections.abc import Callable
from random import Random
from typing import Any

from tests.simulation.dynamodb import DynamoDB
from tests.simulation.ledger import CONNECTIONS, MATCHES
from tests.simulation.simulation import no_tables

type Items = list[dict[str, Any]]


def model(
    now_us: Callable[[], int],
) -> tuple[dict[str, str], Callable[[Any, str, dict[str, Any]], Any], Callable[[str], Items]]:
    """The names of the tables, the database that holds them, and a way to see what it holds."""
    dynamodb = DynamoDB(Random(1), no_tables())

    def database(_client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        return dynamodb.apply(operation, request, now_us())

    def scan(table: str) -> Items:
        return list(dynamodb.tables[table].items.values())

    return {"CONNECTIONS_TABLE": CONNECTIONS, "MATCHES_TABLE": MATCHES}, database, scan
