"""AWS calls of an operation: requests seen at botocore's `before-send`, capacity by item sizes.

moto reports no honest capacity, so it is computed as AWS documents it (see `units`).
"""

import json
import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from infra.cost import Calls
from tests.harness.fake_api import FakeApi
from tests.harness.units import TypedItem, index_units, place_of, read_units, write_units
from tests.harness.wire import Attempt, Reply, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_dynamodb import DynamoDBClient

type Key = Mapping[str, Any]

_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")


class Meter:
    """Counts between `reset` and `read`. It compares tables around a write, so writes queue up."""

    def __init__(self, fake_api: FakeApi, wire: Wire) -> None:
        self._stage, self._wire = fake_api, wire
        self._one_at_a_time = threading.Lock()
        self._indexes: dict[str, list[Mapping[str, Any]]] = {}
        wire.around = self._around
        self.reset()

    def reset(self) -> None:
        self._wire.attempts.clear()
        self._stage.cloud.api.requests.clear()
        self._units = Calls()
        self.written: Counter[str] = Counter()
        """Write units by table and kind of key, or by index."""
        self.read_from: Counter[str] = Counter()
        """Read units, likewise."""

    def read(self) -> Calls:
        methods = [method for method, path, _ in self._stage.cloud.api.requests if path != "/"]
        return replace(
            self._units,
            transactions=self._wire.count("TransactWriteItems"),
            writes=self._wire.count(*_WRITES),
            reads=self._wire.count("GetItem", "Query", "BatchGetItem"),
            queued=self._wire.count("SendMessage"),
            posted=methods.count("POST"),
            checked=methods.count("GET"),
            closed=methods.count("DELETE"),
        )

    def _around(self, attempt: Attempt, send: "Callable[[], Reply]") -> Reply:
        if attempt.service != "DynamoDB":
            return send()
        with self._one_at_a_time, self._wire.unnoticed():
            keys = _written(attempt)
            before = [self._item(*key) for key in keys]
            reply = send()
            after = [self._item(*key) for key in keys]
            factor = 2 if attempt.operation == "TransactWriteItems" else 1
            placed: Counter[str] = Counter()
            for (table, key), old, new in zip(keys, before, after, strict=True):
                placed[place_of(_name(table), key["pk"]["S"])] += factor * write_units(old, new)
                placed.update(self._index_units(table, old, new))
            self.written += placed
            self.read_from += _read(attempt, reply)
            self._units = replace(
                self._units,
                write_units=self.written.total(),
                read_units=float(self.read_from.total()),
            )
        return reply

    @property
    def _dynamodb(self) -> "DynamoDBClient":
        return self._stage.cloud.dynamodb

    def _item(self, table: str, key: Key) -> TypedItem | None:
        return self._dynamodb.get_item(TableName=table, Key=dict(key)).get("Item")

    def _index_units(
        self, table: str, old: TypedItem | None, new: TypedItem | None
    ) -> dict[str, int]:
        return {
            f"{_name(table)}/{index['IndexName']}": index_units(
                [each["AttributeName"] for each in index["KeySchema"]],
                index["Projection"].get("NonKeyAttributes", ()),
                old,
                new,
            )
            for index in self._indexes_of(table)
        }

    def _indexes_of(self, table: str) -> list[Mapping[str, Any]]:
        if table not in self._indexes:
            described = self._dynamodb.describe_table(TableName=table)["Table"]
            self._indexes[table] = [dict(i) for i in described.get("GlobalSecondaryIndexes", ())]
        return self._indexes[table]


def _written(attempt: Attempt) -> list[tuple[str, Key]]:
    """Table and key of every item that a request would write."""
    if attempt.operation == "BatchWriteItem":
        return [
            (table, _key(put["PutRequest"]["Item"]))
            for table, puts in attempt.body["RequestItems"].items()
            for put in puts
        ]
    requests = [attempt.body] if attempt.operation in _WRITES else []
    for action in attempt.body.get("TransactItems", ()):
        requests += action.values()
    keys = [(each["TableName"], each.get("Key") or each["Item"]) for each in requests]
    return [(table, _key(key)) for table, key in keys]


def _key(item: TypedItem) -> Key:
    return {"pk": item["pk"], "sk": item["sk"]}


def _read(attempt: Attempt, reply: Reply) -> Counter[str]:
    if reply is None or attempt.operation not in ("GetItem", "Query", "BatchGetItem"):
        return Counter()
    units = read_units(attempt.operation, attempt.body, json.loads(reply[2]))
    return Counter({_read_place(attempt): units})


def _read_place(attempt: Attempt) -> str:
    body = attempt.body
    if "RequestItems" in body:
        [(table, asked)] = body["RequestItems"].items()
        return place_of(_name(table), asked["Keys"][0]["pk"]["S"])
    if "IndexName" in body:
        return f"{_name(body['TableName'])}/{body['IndexName']}"
    pk = body["Key"]["pk"] if "Key" in body else body["ExpressionAttributeValues"][":pk"]
    return place_of(_name(body["TableName"]), pk["S"])


def _name(table: str) -> str:
    """`LiveConnectionsTable-7` is `connections`."""
    return table.removeprefix("Live").partition("Table")[0].lower()
