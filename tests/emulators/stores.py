"""DynamoDB three times: the simulator's model, moto and MiniStack."""

import json
from collections.abc import Mapping
from copy import deepcopy
from typing import Any, Final, Protocol

from botocore.awsrequest import AWSRequest
from botocore.exceptions import ClientError
from moto.core.request import normalize_request
from moto.dynamodb.responses import DynamoHandler

from tests.emulators.ministack import Cloud
from tests.simulation.dynamodb import DynamoDB, Index, Request, Table
from tests.simulation.exhaustive.interleaver import Steady
from tests.simulation.simulation import no_tables

type Response = tuple[Any, ...]
"""`("ok", what was returned)` or `("error", code, reasons, item)`."""

RANDOM_TABLE: Final = "random"
_TABLES: Final = frozenset({"connections", "matches", RANDOM_TABLE})
NUMBERS: Final = frozenset({"pending_since_ms", "n"})
_RETURNED: Final = ("Attributes", "Item", "Items", "Responses")
_CREDENTIAL: Final = "test/20260101/us-east-1/dynamodb/aws4_request"
_ENDPOINT: Final = "https://dynamodb.us-east-1.amazonaws.com/"


class Store(Protocol):
    def ask(self, operation: str, request: Request) -> tuple[Response, dict[str, Any]]:
        """The answer as it is compared, and the reply as it came."""
        ...


def new_tables() -> dict[str, Table]:
    """The service's tables and one for anything, all empty."""
    return no_tables() | {RANDOM_TABLE: Table(RANDOM_TABLE, {"by_kind": Index("kind", "n")})}


class Model:
    """Its indexes are never behind here: what is compared is what they hold."""

    def __init__(self) -> None:
        self.dynamodb = DynamoDB(Steady(0), new_tables())
        self.now_us = 0

    def ask(self, operation: str, request: Request) -> tuple[Response, dict[str, Any]]:
        self.now_us += 1_000
        self.dynamodb.page_items_max = request.get("Limit", 1_000_000)
        asked = deepcopy(request)
        if operation == "Query" and "IndexName" not in request:
            asked["ConsistentRead"] = True  # Emulators are never behind; the model may be.
        try:
            reply = self.dynamodb.apply(operation, asked, self.now_us)
        except ClientError as error:
            return _refused(error.response["Error"]["Code"], error.response), {}
        return _answered(reply), reply


class Moto:
    """moto's handlers of requests, without the SDK around it. Within `mock_aws()`."""

    def ask(self, operation: str, request: Request) -> tuple[Response, dict[str, Any]]:
        headers = {
            "X-Amz-Target": f"DynamoDB_20120810.{operation}",
            "Content-Type": "application/x-amz-json-1.0",
            "Authorization": f"AWS4-HMAC-SHA256 Credential={_CREDENTIAL}",
        }
        asked = AWSRequest("POST", _ENDPOINT, headers, json.dumps(request)).prepare()
        try:
            status, _, body = DynamoHandler.dispatch(normalize_request(asked))
        except Exception as error:
            return ("error", f"moto raised {type(error).__name__}", [], None), {}
        return _from_wire(status, json.loads(body or "{}"))


class MiniStack:
    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud

    def ask(self, operation: str, request: Request) -> tuple[Response, dict[str, Any]]:
        return _from_wire(*self._cloud.ask("dynamodb", operation, request))


def _from_wire(status: int, body: dict[str, Any]) -> tuple[Response, dict[str, Any]]:
    if status >= 400:
        return _refused(body["__type"].rpartition("#")[2], body), {}
    return _answered(body), body


def _refused(code: str, published: Mapping[str, Any]) -> Response:
    reasons = [
        (reason.get("Code"), _ordered(reason.get("Item") or None))
        for reason in published.get("CancellationReasons") or ()
    ]
    return "error", code, reasons, _ordered(published.get("Item") or None)


def _answered(reply: Mapping[str, Any]) -> Response:
    shown = {name: _ordered(reply[name]) for name in _RETURNED if reply.get(name)}
    return "ok", shown, "LastEvaluatedKey" in reply


def _ordered(value: Any) -> Any:
    """Sets have no order, nor has what a batch returns."""
    if isinstance(value, list):
        return [_ordered(child) for child in value]
    if not isinstance(value, dict):
        return value
    for kind in ("NS", "SS"):
        if value.keys() == {kind}:
            return {kind: sorted(value[kind])}
    shown = {name: _ordered(child) for name, child in value.items()}
    for name in shown.keys() & _TABLES:
        if isinstance(shown[name], list):
            shown[name] = sorted(shown[name], key=str)
    return shown


def create(store: Store) -> None:
    """The tables that the model has, as a real API wants them."""
    for table in new_tables().values():
        answer, _ = store.ask("CreateTable", _creation(table))
        assert answer[0] == "ok", answer


def _creation(table: Table) -> Request:
    keys = {"pk", "sk"} | {
        name for index in table.indexes.values() for name in (index.hash_key, index.range_key)
    }
    creation: Request = {
        "TableName": table.name,
        "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": _schema("pk", "sk"),
        "AttributeDefinitions": [
            {"AttributeName": name, "AttributeType": "N" if name in NUMBERS else "S"}
            for name in sorted(keys)
        ],
    }
    if table.indexes:  # an empty list is not allowed
        indexes = [_index(name, index) for name, index in table.indexes.items()]
        creation["GlobalSecondaryIndexes"] = indexes
    return creation


def _index(name: str, index: Index) -> Request:
    others = [each for each in index.projected[4:]]
    projection: Request = {"ProjectionType": "KEYS_ONLY"}
    if others:
        projection = {"ProjectionType": "INCLUDE", "NonKeyAttributes": others}
    schema = _schema(index.hash_key, index.range_key)
    return {"IndexName": name, "KeySchema": schema, "Projection": projection}


def _schema(hash_key: str, range_key: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": hash_key, "KeyType": "HASH"},
        {"AttributeName": range_key, "KeyType": "RANGE"},
    ]


def put(store: Store, table: str, key: tuple[str, str], item: Any) -> None:
    """Have an item as it is elsewhere; None: not at all."""
    pk, sk = key
    if item is None:
        request: Request = {"TableName": table, "Key": {"pk": {"S": pk}, "sk": {"S": sk}}}
        answer, _ = store.ask("DeleteItem", request)
    else:
        answer, _ = store.ask("PutItem", {"TableName": table, "Item": item})
    assert answer[0] == "ok", answer
