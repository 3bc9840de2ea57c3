"""DynamoDB: one table's conditional writes and consistent reads, and what their failures mean.

Expected outcomes are values: a condition that was not met, a transaction that was cancelled.
An outage is an exception.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from scorecast.protocol.limits import (
    CONTENTION_ATTEMPTS_MAX,
    CONTENTION_MS_MAX,
    CONTENTION_PAUSE_MS,
    UNPROCESSED_TRIES_MAX,
)
from scorecast.runtime.system import System

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

type Item = dict[str, Any]

NOT_APPLIED: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ThrottlingException",
        "TransactionConflictException",
    }
)
"""Errors of requests that were not applied. boto3 never retries the last.

A client that retries by itself may report one of these after an earlier try was applied, so what
it sends must be safe to send twice.
"""

PUTS_PER_REQUEST_MAX: Final = 25
"""DynamoDB's limit for BatchWriteItem."""

_REASONS_NOT_APPLIED: Final = frozenset(
    {"TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded"}
)


@dataclass(frozen=True, slots=True)
class ConditionNotMet:
    """Nothing was written. `item` is the item as it was, None when there is none."""

    item: Item | None


@dataclass(frozen=True, slots=True)
class Written:
    """The item after the write, where the request asked for it."""

    item: Item


@dataclass(frozen=True, slots=True)
class Committed:
    """All of the transaction was written."""


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Nothing was written. By action: None, or the condition that was not met."""

    reasons: tuple[ConditionNotMet | None, ...]


class Contention(Exception):
    """Others kept winning the race for an item. Nothing was written."""


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
            return {"NS": [str(number) for number in sorted(value)]}
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
            return {key: unmarshal(child) for key, child in value.items()}
        case "L":
            return [unmarshal(child) for child in value]
        case "NS":
            return frozenset(map(int, value))
    return value


def to_item(values: Mapping[str, object]) -> Item:
    """An item's attributes; those that are None are left out."""
    return {name: marshal(value) for name, value in values.items() if value is not None}


def from_item(item: Mapping[str, Any]) -> Item:
    return {name: unmarshal(value) for name, value in item.items()}


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


class Table:
    """One table. `client` sends again what may be sent twice; that of `once` sends all once.

    `once` is called for writes that are not idempotent (`ADD` without a condition on what was
    added): botocore would send them again after a lost reply, and count twice.
    """

    def __init__(
        self,
        name: str,
        client: "DynamoDBClient",
        once: "Callable[[], DynamoDBClient]",
        system: System,
    ) -> None:
        self.name = name
        self._client = client
        self._once = once
        self._system = system

    def get(self, pk: str, sk: str) -> Item | None:
        reply = self._client.get_item(TableName=self.name, Key=key(pk, sk), ConsistentRead=True)
        return from_item(reply["Item"]) if "Item" in reply else None

    def get_all(self, keys: Sequence[tuple[str, str]]) -> list[Item]:
        """Up to 100 items a request, consistently read, in no order; missing ones are left out."""
        found: list[Item] = []
        for start in range(0, len(keys), 100):
            asked: Any = {
                self.name: {
                    "Keys": [key(pk, sk) for pk, sk in keys[start : start + 100]],
                    "ConsistentRead": True,
                }
            }
            found += self._get_some(asked)
        return found

    def _get_some(self, asked: Any) -> list[Item]:
        """The items of one request; DynamoDB hands keys back while it throttles."""
        found: list[Item] = []
        for attempt in self._attempts():
            if attempt == UNPROCESSED_TRIES_MAX:
                break
            reply = self._client.batch_get_item(RequestItems=asked)
            found += map(from_item, reply["Responses"][self.name])
            asked = reply.get("UnprocessedKeys")
            if not asked:
                return found
        raise Contention(self.name)

    def query(self, pk: str, *, low: str = "", high: str = "\U0010ffff") -> Iterator[list[Item]]:
        """Pages of a partition's items with sort keys from `low` to `high`, consistently read."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
            "ExpressionAttributeValues": to_item({":pk": pk, ":low": low or " ", ":high": high}),
        }
        yield from self._pages(request)

    def page(self, pk: str, *, after: str, limit: int) -> tuple[list[Item], bool]:
        """Up to `limit` items of a partition after a sort key, and whether these are the last.

        Eventually consistent, at half the price: for what is read long after it was written.
        """
        values = {":pk": pk, ":after": after or " "}
        reply = self._client.query(
            TableName=self.name,
            KeyConditionExpression="pk = :pk AND sk > :after",
            ExpressionAttributeValues=to_item(values),
            Limit=limit,
        )
        return [from_item(item) for item in reply["Items"]], "LastEvaluatedKey" not in reply

    def first(self, pk: str, *, low: str, high: str, limit: int) -> list[Item]:
        """The first items of a part of a partition, consistently read."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "ConsistentRead": True,
            "KeyConditionExpression": "pk = :pk AND sk BETWEEN :low AND :high",
            "ExpressionAttributeValues": to_item({":pk": pk, ":low": low, ":high": high}),
            "Limit": limit,
        }
        return self._first(request, limit)

    def first_of_index(
        self, index: str, attribute: str, value: str, *, key: str, low: str, high: str, limit: int
    ) -> list[Item]:
        """The first items of a part of an index: eventually consistent."""
        request: dict[str, Any] = {
            "TableName": self.name,
            "IndexName": index,
            "KeyConditionExpression": "#attribute = :value AND #key BETWEEN :low AND :high",
            "ExpressionAttributeNames": {"#attribute": attribute, "#key": key},
            "ExpressionAttributeValues": to_item({":value": value, ":low": low, ":high": high}),
            "Limit": limit,
        }
        return self._first(request, limit)

    def _first(self, request: dict[str, Any], limit: int) -> list[Item]:
        """A page may have fewer items than asked for, although there are more."""
        found: list[Item] = []
        for page in self._pages(request):
            found += page
            if len(found) >= limit:
                break
        return found[:limit]

    def query_index(
        self,
        index: str,
        attribute: str,
        value: str,
        *,
        until: tuple[str, int] | None = None,
        after: tuple[str, str] | None = None,
    ) -> Iterator[list[Item]]:
        """Pages of an index: eventually consistent, as every global index is.

        `until` is the index's range attribute and the highest value wanted, `after` the same with
        a value that all wanted ones come after.
        """
        request: dict[str, Any] = {
            "TableName": self.name,
            "IndexName": index,
            "KeyConditionExpression": "#attribute = :value",
            "ExpressionAttributeNames": {"#attribute": attribute},
            "ExpressionAttributeValues": to_item({":value": value}),
        }
        for operator, bound in (("<=", until), (">", after)):
            if bound is not None and bound[1] != "":
                request["KeyConditionExpression"] += f" AND #range {operator} :bound"
                request["ExpressionAttributeNames"]["#range"] = bound[0]
                request["ExpressionAttributeValues"][":bound"] = marshal(bound[1])
        yield from self._pages(request)

    def _pages(self, request: dict[str, Any]) -> Iterator[list[Item]]:
        while True:
            reply = self._client.query(**request)
            yield [from_item(item) for item in reply["Items"]]
            if "LastEvaluatedKey" not in reply:
                return
            request["ExclusiveStartKey"] = reply["LastEvaluatedKey"]

    def update(self, update: Update, *, once: bool = False) -> Written | ConditionNotMet:
        """Write if the condition holds. With `once` an unknown outcome raises, and is not retried.

        Raises Contention after too many conflicts, and botocore's errors for outages.
        """
        client = self._once() if once else self._client
        request = update.request(self.name) | {"ReturnValues": "ALL_NEW"}
        return self._conditional(
            lambda: Written(from_item(client.update_item(**request)["Attributes"]))
        )

    def put(self, put: Put) -> Written | ConditionNotMet:
        def send() -> Written:
            self._client.put_item(**put.request(self.name))
            return Written({})

        return self._conditional(send)

    def _conditional(self, send: Callable[[], Written]) -> Written | ConditionNotMet:
        for _ in self._attempts():
            try:
                return send()
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "ConditionalCheckFailedException":
                    return _not_met(error.response)
                if code not in NOT_APPLIED:
                    raise
        raise Contention(self.name)

    def put_all(self, items: Sequence[Item]) -> None:
        """Put items with different keys, in no order, each whether it is there or not.

        Raises Contention if DynamoDB keeps handing items back; some may be written then.
        """
        for start in range(0, len(items), PUTS_PER_REQUEST_MAX):
            some = items[start : start + PUTS_PER_REQUEST_MAX]
            self._put_some({self.name: [{"PutRequest": {"Item": to_item(item)}} for item in some]})

    def _put_some(self, requests: Any) -> None:
        for attempt in self._attempts():
            if attempt == UNPROCESSED_TRIES_MAX:
                break
            reply = self._client.batch_write_item(RequestItems=requests)
            requests = reply.get("UnprocessedItems")
            if not requests:
                return
        raise Contention(self.name)

    def take(self, pk: str, sk: str) -> Item | None:
        """Delete an item and return it; None if it was not there."""
        reply = self._client.delete_item(
            TableName=self.name, Key=key(pk, sk), ReturnValues="ALL_OLD"
        )
        return from_item(reply["Attributes"]) if "Attributes" in reply else None

    def transact(self, *actions: Action) -> Committed | Cancelled:
        """Write all or nothing. Conflicts are retried here: boto3 never does.

        All tries carry one token, so that what was applied although its reply was lost is not
        applied again, whatever the later tries met.
        """
        items: Any = [{type(action).__name__: action.request(self.name)} for action in actions]
        token = self._system.new_id()
        for _ in self._attempts():
            try:
                self._client.transact_write_items(TransactItems=items, ClientRequestToken=token)
                return Committed()
            except ClientError as error:
                cancelled = _cancelled(error.response)
                if cancelled is not None:
                    return cancelled
                if not _may_try_again(error.response):
                    raise
        raise Contention(self.name)

    def _attempts(self) -> Iterator[int]:
        """Tries with pauses between them, bounded in number and, under throttling, in time."""
        begun_ms = self._system.now_ms()
        for attempt in range(CONTENTION_ATTEMPTS_MAX):
            yield attempt
            if self._system.now_ms() - begun_ms > CONTENTION_MS_MAX:
                return
            self.pause(attempt)

    def pause(self, attempt: int) -> None:
        """Exponential, with full jitter."""
        longest_ms = 2 * CONTENTION_PAUSE_MS * 2 ** min(attempt, 4)
        self._system.sleep_ms(self._system.random() * longest_ms)


def key(pk: str, sk: str) -> Item:
    return {"pk": {"S": pk}, "sk": {"S": sk}}


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


def _not_met(response: Mapping[str, Any]) -> ConditionNotMet:
    item = response.get("Item")
    return ConditionNotMet(from_item(item) if item else None)


def _reasons(response: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return list(response.get("CancellationReasons", ()))


def _cancelled(response: Mapping[str, Any]) -> Cancelled | None:
    """The conditions that were not met; None if none was, or if another try may show more."""
    codes = [reason.get("Code") for reason in _reasons(response)]
    if "ConditionalCheckFailed" not in codes:
        return None
    return Cancelled(
        tuple(
            _not_met(reason) if reason.get("Code") == "ConditionalCheckFailed" else None
            for reason in _reasons(response)
        )
    )


def _may_try_again(response: Mapping[str, Any]) -> bool:
    codes = {reason.get("Code") for reason in _reasons(response)}
    if codes:
        return codes <= _REASONS_NOT_APPLIED | {"None", None}
    return response["Error"]["Code"] in {*NOT_APPLIED, "TransactionInProgressException"}
