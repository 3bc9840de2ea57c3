"""The simulator's DynamoDB answers as moto's does: the same random requests to both.

moto knows nothing of tokens, lags and conflicts, so these are not asked about.
"""

import os
from collections.abc import Iterator
from random import Random
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from tests.simulation.dynamodb import DynamoDB, Request, Table

OPERATIONS = 1_500
_KEYS = [(f"p{pk}", f"s{sk}") for pk in range(2) for sk in range(3)]
_CONDITIONS = (
    "attribute_not_exists(pk)",
    "attribute_exists(pk) AND attribute_not_exists(closed)",
    "attribute_not_exists(n) OR n < :n",
    "n >= :n",
    "n = :n AND NOT closed = :m",
    "kind IN (:s, :t) AND (attribute_not_exists(n) OR n <= :n)",
    # moto takes size() of what is not there for an invalid request
    "attribute_exists(rooms) AND attribute_not_exists(rooms.#r) AND size(rooms) < :n",
    "rooms = :m",
    "rooms.#r = :n",
    "n BETWEEN :n AND :o",
    "kind <> :s",
    "begins_with(kind, :s)",
)
_UPDATES = (
    "SET n = :n",
    "SET n = if_not_exists(n, :n), kind = :s",
    "SET n = n + :n, former = if_not_exists(n, :o), kind = :s",
    "SET former = n, n = :n REMOVE kind",
    "ADD n :n",
    "SET kind = :s ADD n :n, told :l",
    "DELETE told :l",
    "REMOVE kind, closed",
    "SET rooms = :m, closed = :n",
    "SET rooms.#r = :n",
    "REMOVE rooms.#r",
    "SET n = n - :n",
)
_VALUES: dict[str, Any] = {
    ":s": lambda rng: {"S": rng.choice(("live", "paused"))},
    ":t": lambda rng: {"S": "paused"},
    ":n": lambda rng: {"N": str(rng.randint(0, 3))},
    ":o": lambda rng: {"N": str(rng.randint(1, 4))},
    ":m": lambda rng: {"M": rng.choice(({}, {"a": {"N": "1"}}))},
    ":l": lambda rng: {"NS": rng.choice((["1"], ["1", "2"], ["2", "3"]))},
}


@pytest.fixture
def moto_client(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setitem(os.environ, name, "testing")
    with mock_aws():
        client = boto3.client("dynamodb", region_name="us-east-1")
        client.create_table(
            TableName="t",
            BillingMode="PAY_PER_REQUEST",
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
            AttributeDefinitions=[
                {"AttributeName": "pk", "AttributeType": "S"},
                {"AttributeName": "sk", "AttributeType": "S"},
            ],
        )
        yield client


def _key(rng: Random) -> Request:
    pk, sk = rng.choice(_KEYS)
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _filled(rng: Random, request: Request) -> Request:
    """With the values and names that its expressions use."""
    text = request.get("UpdateExpression", "") + " " + request.get("ConditionExpression", "")
    words = set(text.replace("(", " ").replace(")", " ").replace(",", " ").split())
    values = {name: make(rng) for name, make in _VALUES.items() if name in words}
    if values:
        request["ExpressionAttributeValues"] = values
    if "#r" in text:
        request["ExpressionAttributeNames"] = {"#r": rng.choice(("a", "b"))}
    return request


def _update(rng: Random) -> Request:
    request = {"TableName": "t", "Key": _key(rng), "UpdateExpression": rng.choice(_UPDATES)}
    if rng.random() < 0.7:
        request["ConditionExpression"] = rng.choice(_CONDITIONS)
    return _filled(rng, request) | {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def _put(rng: Random) -> Request:
    item = _key(rng) | {"n": _VALUES[":n"](rng), "rooms": {"M": {}}}
    request = {"TableName": "t", "Item": item, "ConditionExpression": rng.choice(_CONDITIONS)}
    return _filled(rng, request) | {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}


def _transaction(rng: Random) -> Request:
    deleted = {"TableName": "t", "Key": _key(rng)}
    actions = [{"Update": _update(rng)}, {"Put": _put(rng)}, {"Delete": deleted}]
    wanted = rng.sample(actions, rng.randint(1, 3))
    return {"TransactItems": wanted, "ClientRequestToken": f"token-{rng.random()}"}


def _query(rng: Random) -> Request:
    values = {":pk": {"S": rng.choice(_KEYS)[0]}, ":low": {"S": "s1"}, ":high": {"S": "s9"}}
    text = "pk = :pk AND sk BETWEEN :low AND :high"
    return {
        "TableName": "t",
        "KeyConditionExpression": text,
        "ExpressionAttributeValues": values,
    }


def _request(rng: Random) -> tuple[str, Request]:
    match rng.choice(("update", "update", "update", "put", "delete", "transact", "query", "get")):
        case "update":
            return "UpdateItem", _update(rng) | {"ReturnValues": "ALL_NEW"}
        case "put":
            return "PutItem", _put(rng)
        case "delete":
            return "DeleteItem", {"TableName": "t", "Key": _key(rng)}
        case "transact":
            return "TransactWriteItems", _transaction(rng)
        case "query":
            return "Query", _query(rng)
    return "GetItem", {"TableName": "t", "Key": _key(rng)}


def _sorted_sets(value: Any) -> Any:
    """Sets have no order."""
    if isinstance(value, list):
        return [_sorted_sets(child) for child in value]
    if not isinstance(value, dict):
        return value
    return {
        name: sorted(child) if name == "NS" else _sorted_sets(child)
        for name, child in value.items()
    }


def _told(send: Any) -> Any:
    """What came of a request, without what nobody relies on."""
    try:
        reply = send()
    except ValueError:  # moto's own, for a path into a map that is not there
        return "ValidationException", [], None
    except ClientError as error:
        response: Any = error.response
        reasons = [
            (reason["Code"], _sorted_sets(reason.get("Item")))
            for reason in response.get("CancellationReasons", ())
        ]
        return response["Error"]["Code"], reasons, _sorted_sets(response.get("Item"))
    return _sorted_sets(
        {name: reply[name] for name in ("Attributes", "Item", "Items") if name in reply}
    )


METHODS = {
    "GetItem": "get_item",
    "Query": "query",
    "PutItem": "put_item",
    "UpdateItem": "update_item",
    "DeleteItem": "delete_item",
    "TransactWriteItems": "transact_write_items",
}


def test_the_model_answers_as_moto_does(moto_client: Any) -> None:
    rng = Random(1)
    model = DynamoDB(Random(0), {"t": Table("t", {})})
    for _ in range(OPERATIONS):
        operation, request = _request(rng)
        from_model = _told(lambda: model.apply(operation, request, 0))  # noqa: B023
        from_moto = _told(lambda: getattr(moto_client, METHODS[operation])(**request))  # noqa: B023
        assert from_model == from_moto, (operation, request)
