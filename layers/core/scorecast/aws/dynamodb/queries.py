"""Queries of a table and its indexes, as requests. Pure."""

from typing import Any

from scorecast.aws.dynamodb.items import marshal, to_item

type Request = dict[str, Any]


def of_partition(table: str, pk: str, low: str, high: str) -> Request:
    """The items with sort keys from `low` to `high`, consistently read."""
    return {
        "TableName": table,
        "ConsistentRead": True,
        "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
        "ExpressionAttributeValues": to_item({":pk": pk, ":low": low, ":high": high}),
    }


def after_key(table: str, pk: str, after: str) -> Request:
    return {
        "TableName": table,
        "KeyConditionExpression": "pk = :pk AND sk > :after",
        # a key is never empty; a space comes before every other one
        "ExpressionAttributeValues": to_item({":pk": pk, ":after": after or " "}),
    }


def of_index(table: str, index: str, attribute: str, value: str) -> Request:
    return {
        "TableName": table,
        "IndexName": index,
        "KeyConditionExpression": "#attribute = :value",
        "ExpressionAttributeNames": {"#attribute": attribute},
        "ExpressionAttributeValues": to_item({":value": value}),
    }


def of_index_between(
    table: str, index: str, equal: tuple[str, str], key: str, low: str, high: str
) -> Request:
    attribute, value = equal
    return {
        "TableName": table,
        "IndexName": index,
        "KeyConditionExpression": "#attribute = :value AND #key BETWEEN :low AND :high",
        "ExpressionAttributeNames": {"#attribute": attribute, "#key": key},
        "ExpressionAttributeValues": to_item({":value": value, ":low": low, ":high": high}),
    }


def bounded(request: Request, operator: str, key: str, bound: str | int) -> Request:
    """The same query of an index, with a condition on its range key."""
    condition = f"{request['KeyConditionExpression']} AND #range {operator} :bound"
    return request | {
        "KeyConditionExpression": condition,
        "ExpressionAttributeNames": request["ExpressionAttributeNames"] | {"#range": key},
        "ExpressionAttributeValues": request["ExpressionAttributeValues"]
        | {":bound": marshal(bound)},
    }
