"""The template's tables and queues, made in moto under names of their own."""

import itertools
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml
from moto.dynamodb.models import dynamodb_backends

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

_TEMPLATE = Path(__file__).parents[2] / "template.yaml"
_TABLE_PROPERTIES = ("AttributeDefinitions", "KeySchema")
_INDEX_PROPERTIES = ("IndexName", "KeySchema", "Projection")
_SECONDS_OF_THE_YEAR_5000 = 95_617_584_000
_numbers = itertools.count(1)


class _Loader(yaml.SafeLoader):
    """YAML with CloudFormation's short functions, whose values no test needs."""


_Loader.add_multi_constructor("!", lambda _loader, suffix, _node: suffix)


@cache
def _resources() -> dict[str, Any]:
    return dict(yaml.load(_TEMPLATE.read_text(), _Loader)["Resources"])


def _table_schema(logical_id: str) -> dict[str, Any]:
    properties = _resources()[logical_id]["Properties"]
    schema = {name: properties[name] for name in _TABLE_PROPERTIES}
    if "StreamSpecification" in properties:
        schema["StreamSpecification"] = properties["StreamSpecification"] | {"StreamEnabled": True}
    if "GlobalSecondaryIndexes" in properties:
        schema["GlobalSecondaryIndexes"] = [
            {name: index[name] for name in _INDEX_PROPERTIES}
            for index in properties["GlobalSecondaryIndexes"]
        ]
    return schema


def create_table(client: "DynamoDBClient", logical_id: str) -> str:
    """A table of the template under a name of its own."""
    name = f"{logical_id}-{next(_numbers)}"
    schema = _table_schema(logical_id)
    client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **schema)
    return name


def create_tables(client: "DynamoDBClient") -> dict[str, str]:
    """The tables, by the variables that name them."""
    return {
        "CONNECTIONS_TABLE": create_table(client, "LiveConnectionsTable"),
        "MATCHES_TABLE": create_table(client, "MatchesTable"),
        "HISTORY_TABLE": create_table(client, "HistoryTable"),
    }


def expiring_never(table: str) -> list[Any]:
    """Keys of items whose time to live is not in seconds: TTL takes them in thousands of years."""
    ((_, regions),) = dynamodb_backends.items()
    found = regions["us-east-1"].tables[table].all_items()
    items = [item.to_json()["Attributes"] for item in found]
    return [
        (item["pk"], item["sk"])
        for item in items
        if "expires_at" in item and int(item["expires_at"]["N"]) > _SECONDS_OF_THE_YEAR_5000
    ]


def create_queue(client: "SQSClient", name: str, *, fifo: bool = False) -> str:
    """A queue under a name of its own; `.fifo` stays at its end."""
    stem, dot, ending = name.partition(".")
    number = next(_numbers)
    made = client.create_queue(
        QueueName=f"{stem}-{number}{dot}{ending}",
        Attributes={"FifoQueue": "true"} if fifo else {},
    )
    return made["QueueUrl"]


def create_queues(client: "SQSClient") -> dict[str, str]:
    """The queues, by the variables that name them."""
    return {
        "FLUSH_QUEUE_URL": create_queue(client, "flush.fifo", fifo=True),
        "WELCOME_QUEUE_URL": create_queue(client, "welcome"),
        "SWEEP_QUEUE_URL": create_queue(client, "sweep"),
        "FANOUT_QUEUE_URL": create_queue(client, "fanout.fifo", fifo=True),
        "HISTORY_DEAD_LETTER_QUEUE_URL": create_queue(client, "history-dead-letters"),
        "EVENT_BUS_DEAD_LETTER_QUEUE_URL": create_queue(client, "event-bus-dead-letters"),
    }
