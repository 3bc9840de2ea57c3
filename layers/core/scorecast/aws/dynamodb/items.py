"""Items as DynamoDB's typed JSON, and back. Pure."""

from collections.abc import Mapping
from typing import Any

type Item = dict[str, Any]


def marshal(value: object) -> Item:
    """A value as DynamoDB's typed JSON. Integers only: the service keeps no other numbers."""
    match value:
        case None:
            return {"NULL": True}
        case bool():
            return {"BOOL": value}
        case int():
            return {"N": str(value)}
        case str():
            return {"S": value}
        case frozenset():
            members = sorted(value)
            kind = "SS" if isinstance(members[0], str) else "NS"
            return {kind: [str(member) for member in members]}
        case dict():
            return {"M": {key: marshal(child) for key, child in value.items()}}
        case list() | tuple():
            return {"L": [marshal(child) for child in value]}
    raise TypeError(f"no DynamoDB type for {type(value).__name__}")


def unmarshal(typed: Mapping[str, Any]) -> Any:
    ((kind, value),) = typed.items()
    match kind:
        case "N":
            return int(value)
        case "NULL":
            return None
        case "M":
            return from_item(value)
        case "L":
            return [unmarshal(child) for child in value]
        case "NS":
            return frozenset(map(int, value))
        case "SS":
            return frozenset(value)
    return value


def to_item(values: Mapping[str, object]) -> Item:
    """An item's attributes; those that are None are left out."""
    return {name: marshal(value) for name, value in values.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> Item:
    """An item's values. Texts and numbers are converted inline: a call for each would double the
    time."""
    return {
        name: typed["S"] if "S" in typed else int(typed["N"]) if "N" in typed else unmarshal(typed)
        for name, typed in item.items()
    }


def key(pk: str, sk: str) -> Item:
    return {"pk": {"S": pk}, "sk": {"S": sk}}
