"""Conditional writes, as requests. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scorecast.aws.dynamodb.items import key, marshal, to_item


@dataclass(frozen=True, slots=True)
class Update:
    """One conditional update, its names and values apart from its expressions.

    `names` maps `#placeholder` to attribute, `values` maps `:placeholder` to value.
    """

    pk: str
    sk: str
    expression: str
    condition: str = ""
    names: Mapping[str, str] | None = None
    values: Mapping[str, object] | None = None

    def request(self, table: str) -> dict[str, Any]:
        request: dict[str, Any] = {
            "TableName": table,
            "Key": key(self.pk, self.sk),
            "UpdateExpression": self.expression,
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        return request | _conditions(self.condition, self.names, self.values)


@dataclass(frozen=True, slots=True)
class Put:
    item: Mapping[str, object]
    condition: str = "attribute_not_exists(pk)"
    values: Mapping[str, object] | None = None

    def request(self, table: str) -> dict[str, Any]:
        request: dict[str, Any] = {
            "TableName": table,
            "Item": to_item(self.item),
            "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
        }
        return request | _conditions(self.condition, None, self.values)


@dataclass(frozen=True, slots=True)
class Delete:
    pk: str
    sk: str

    def request(self, table: str) -> dict[str, Any]:
        return {"TableName": table, "Key": key(self.pk, self.sk)}


type Action = Update | Put | Delete


def _conditions(
    condition: str, names: Mapping[str, str] | None, values: Mapping[str, object] | None
) -> dict[str, Any]:
    request: dict[str, Any] = {}
    if condition:
        request["ConditionExpression"] = condition
    if names:
        request["ExpressionAttributeNames"] = dict(names)
    if values:
        request["ExpressionAttributeValues"] = {
            name: marshal(value) for name, value in values.items()
        }
    return request
