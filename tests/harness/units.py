"""Capacity as DynamoDB documents it: by item sizes, for a table, an index and a read.

A write costs its item's larger size before and after, double in a transaction, also when its
condition is not met; an index costs a write for each entry that comes, goes or changes, two for
one whose key changes.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

type TypedItem = Mapping[str, Any]

_WRITE_UNIT_BYTES, _READ_UNIT_BYTES = 1024, 4096


def write_units(old: TypedItem | None, new: TypedItem | None) -> int:
    return max(1, math.ceil(max(_size(old), _size(new)) / _WRITE_UNIT_BYTES))


def index_units(
    key: Sequence[str], others: Sequence[str], old: TypedItem | None, new: TypedItem | None
) -> int:
    """Of an index with this key, which projects these other attributes."""
    projected = [*key, "pk", "sk", *others]
    was, now = (
        {name: item.get(name) for name in projected} if item and set(key) <= item.keys() else None
        for item in (old, new)
    )
    if was == now:
        return 0
    if was is None or now is None:
        return 1
    return 1 if [was[name] for name in key] == [now[name] for name in key] else 2


def read_units(operation: str, asked: Mapping[str, Any], answer: Mapping[str, Any]) -> float:
    """Of `GetItem`, `Query` and `BatchGetItem`; nothing else reads."""
    factor = 1.0 if asked.get("ConsistentRead") else 0.5
    match operation:
        case "GetItem":
            return factor * _units(_size(answer.get("Item")))
        case "Query":
            return factor * _units(sum(map(_size, answer["Items"])))
        case "BatchGetItem":
            # Our only BatchGetItems are consistent. A key without an item costs a unit as well.
            items = [item for some in answer["Responses"].values() for item in some]
            keys = sum(len(each["Keys"]) for each in asked["RequestItems"].values())
            return sum(_units(_size(item)) for item in items) + keys - len(items)
    return 0


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
        case "SS":
            return 3 + sum(1 + len(text.encode()) for text in value)
        case "NS":
            return sum(len(number) // 2 + 2 for number in value)
    return 1


def place_of(table: str, pk: str) -> str:
    """A table and a kind of key, such as `connections R#…` for rooms' counters."""
    kind, *parts = pk.split("#")
    return " ".join((table, "#".join((kind, *["…"] * min(len(parts), 2)))))
