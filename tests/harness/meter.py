"""AWS calls of an operation: requests seen at botocore's `before-send`, capacity by item sizes.

moto tells no honest capacity, so it is computed as AWS documents it: a write costs its item's
larger size before and after, double in a transaction, also when its condition is not met; an
index costs a write for each entry that comes, goes or changes, two for one whose key changes.
"""

import json
import math
import threading
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from infra.cost import Calls
from tests.harness.fake_api import FakeApi
from tests.harness.wire import Attempt, Reply, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from types_boto3_dynamodb import DynamoDBClient

type TypedItem = Mapping[str, Any]
type Key = Mapping[str, Any]

_WRITES = ("PutItem", "UpdateItem", "DeleteItem", "BatchWriteItem")
_WRITE_UNIT_BYTES, _READ_UNIT_BYTES = 1024, 4096


class Meter:
    """Counts between `reset` and `read`. It compares tables around a write, so writes queue up."""

    def __init__(self, stage: FakeApi, wire: Wire) -> None:
        self._stage, self._wire = stage, wire
        self._one_at_a_time = threading.Lock()
        self._indexes: dict[str, list[Mapping[str, Any]]] = {}
        wire.around = self._around
        self.reset()

    def reset(self) -> None:
        self._wire.attempts.clear()
        self._stage.cloud.api.requests.clear()
        self._units = Calls()

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
            units = self._units
            self._units = replace(
                units,
                write_units=units.write_units
                + sum(
                    factor * _write_units(old, new) + self._index_units(table, old, new)
                    for (table, _), old, new in zip(keys, before, after, strict=True)
                ),
                read_units=units.read_units + _read_units(attempt, reply),
            )
        return reply

    @property
    def _dynamodb(self) -> "DynamoDBClient":
        return self._stage.cloud.dynamodb

    def _item(self, table: str, key: Key) -> TypedItem | None:
        return self._dynamodb.get_item(TableName=table, Key=dict(key)).get("Item")

    def _index_units(self, table: str, old: TypedItem | None, new: TypedItem | None) -> int:
        return sum(_index_units(index, old, new) for index in self._indexes_of(table))

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


def _write_units(old: TypedItem | None, new: TypedItem | None) -> int:
    return max(1, math.ceil(max(_size(old), _size(new)) / _WRITE_UNIT_BYTES))


def _index_units(index: Mapping[str, Any], old: TypedItem | None, new: TypedItem | None) -> int:
    key = [each["AttributeName"] for each in index["KeySchema"]]
    projected = [*key, "pk", "sk", *index["Projection"].get("NonKeyAttributes", ())]
    was, now = (
        {name: item.get(name) for name in projected} if item and set(key) <= item.keys() else None
        for item in (old, new)
    )
    if was == now:
        return 0
    if was is None or now is None:
        return 1
    return 1 if [was[name] for name in key] == [now[name] for name in key] else 2


def _read_units(attempt: Attempt, reply: Reply) -> float:
    if attempt.operation not in ("GetItem", "Query", "BatchGetItem") or reply is None:
        return 0
    body = json.loads(reply[2])
    factor = 1.0 if attempt.body.get("ConsistentRead") else 0.5
    if attempt.operation == "BatchGetItem":
        # Our only BatchGetItems are consistent. A key without an item costs a unit as well.
        items = [item for some in body["Responses"].values() for item in some]
        asked = sum(len(each["Keys"]) for each in attempt.body["RequestItems"].values())
        return sum(_units(_size(item)) for item in items) + asked - len(items)
    if attempt.operation == "GetItem":
        return factor * _units(_size(body.get("Item")))
    return factor * _units(sum(map(_size, body["Items"])))


def _units(size: int) -> int:
    return max(1, math.ceil(size / _READ_UNIT_BYTES))


def _size(item: TypedItem | None) -> int:
    """DynamoDB's item size, to some bytes: names and values as text, and what a map costs."""
    if item is None:
        return 0
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(typed: Mapping[str, Any]) -> int:
    ((kind, value),) = typed.items()
    match kind:
        case "S":
            return len(value.encode())
        case "N":
            return len(value) // 2 + 2
        case "M":
            return 3 + sum(1 + len(k.encode()) + _value_size(v) for k, v in value.items())
        case "L":
            return 3 + sum(1 + _value_size(v) for v in value)
        case "NS":
            return sum(len(number) // 2 + 2 for number in value)
    return 1
