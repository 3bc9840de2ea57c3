"""DynamoDB: one table's conditional writes and consistent reads, and the meaning of their failures.

Expected outcomes are values: a condition that was not met, a transaction that was cancelled.
An outage is an exception.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import ClientError

from scorecast.aws.dynamodb.items import Item, from_item, key, to_item
from scorecast.aws.dynamodb.outcomes import (
    NOT_APPLIED,
    Cancelled,
    Committed,
    ConditionNotMet,
    Written,
    cancelled,
    may_try_again,
    not_met,
)
from scorecast.aws.dynamodb.queries import (
    Request,
    after_key,
    bounded,
    of_index,
    of_index_between,
    of_partition,
)
from scorecast.aws.dynamodb.writes import Action, Put, Update
from scorecast.protocol.limits import (
    CONTENTION_ATTEMPTS_MAX,
    CONTENTION_MS_MAX,
    CONTENTION_PAUSE_MS,
    UNPROCESSED_TRIES_MAX,
)
from scorecast.runtime.system import System

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient

PUTS_PER_REQUEST_MAX: Final = 25
"""DynamoDB's limit for BatchWriteItem."""


class Contention(Exception):
    """Concurrent writes kept winning the race for an item. Nothing was written."""


class Table:
    """One table. `client` retries requests that are safe to repeat; the client from `once` never
    retries.

    `once` is called for writes that are not idempotent (`ADD` without a condition on what was
    added): botocore would retry them after a lost reply, and count twice.
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
        """Up to 100 items per request, consistently read, in no particular order; missing ones are
        left out."""
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
        """The items of one request; while DynamoDB throttles, it returns unprocessed keys."""
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

    def query(
        self, pk: str, *, low: str = " ", high: str = "\U0010ffff", consistent: bool = True
    ) -> Iterator[list[Item]]:
        """Pages of a partition's items with sort keys from `low` to `high`."""
        return self._pages(of_partition(self.name, pk, low, high) | {"ConsistentRead": consistent})

    def page(self, pk: str, *, after: str, limit: int) -> tuple[list[Item], bool]:
        """Up to `limit` items of a partition after a sort key, and whether these are the last.

        Eventually consistent, at half the price: for items that are read long after they were
        written.
        """
        reply = self._client.query(**after_key(self.name, pk, after), Limit=limit)
        return [from_item(item) for item in reply["Items"]], "LastEvaluatedKey" not in reply

    def first(self, pk: str, *, low: str, high: str, limit: int) -> list[Item]:
        """The first items of a part of a partition, consistently read."""
        return self._first(of_partition(self.name, pk, low, high), limit)

    def first_of_index(
        self, index: str, attribute: str, value: str, *, key: str, low: str, high: str, limit: int
    ) -> list[Item]:
        """The first items of a part of an index: eventually consistent."""
        request = of_index_between(self.name, index, (attribute, value), key, low, high)
        return self._first(request, limit)

    def _first(self, request: Request, limit: int) -> list[Item]:
        """A page may have fewer items than asked for, although there are more."""
        found: list[Item] = []
        for page in self._pages(request | {"Limit": limit}):
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
        request = of_index(self.name, index, attribute, value)
        for operator, bound in (("<=", until), (">", after)):
            if bound is not None and bound[1] != "":
                request = bounded(request, operator, *bound)
        return self._pages(request)

    def _pages(self, request: Request) -> Iterator[list[Item]]:
        while True:
            reply = self._client.query(**request)
            yield [from_item(item) for item in reply["Items"]]
            if "LastEvaluatedKey" not in reply:
                return
            request["ExclusiveStartKey"] = reply["LastEvaluatedKey"]

    def update(
        self, update: Update, *, once: bool = False, within_ms: int = CONTENTION_MS_MAX
    ) -> Written | ConditionNotMet:
        """Write if the condition holds. With `once` an unknown outcome raises, and is not retried.

        A refused write is not retried after `within_ms`. Raises Contention after too many
        conflicts, and botocore's errors for outages.
        """
        client = self._once() if once else self._client
        request = update.request(self.name) | {"ReturnValues": "ALL_NEW"}
        return self._conditional(
            lambda: Written(from_item(client.update_item(**request)["Attributes"])), within_ms
        )

    def put(self, put: Put, *, once: bool = False) -> Written | ConditionNotMet:
        """Put an item if the condition holds. `once` is as for an update."""
        client = self._once() if once else self._client

        def send() -> Written:
            client.put_item(**put.request(self.name))
            return Written({})

        return self._conditional(send)

    def delete(self, pk: str, sk: str) -> None:
        """Delete an item, whether it is there or not."""

        def send() -> Written:
            self._client.delete_item(TableName=self.name, Key=key(pk, sk))
            return Written({})

        self._conditional(send)

    def _conditional(
        self, send: Callable[[], Written], within_ms: int = CONTENTION_MS_MAX
    ) -> Written | ConditionNotMet:
        for _ in self._attempts(within_ms):
            try:
                return send()
            except ClientError as error:
                code = error.response["Error"]["Code"]
                if code == "ConditionalCheckFailedException":
                    return not_met(error.response)
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

        All attempts carry the same token, so that a transaction whose reply was lost is not applied
        again.
        """
        items: Any = [{type(action).__name__: action.request(self.name)} for action in actions]
        token = self._system.new_id()
        for _ in self._attempts():
            try:
                self._client.transact_write_items(TransactItems=items, ClientRequestToken=token)
                return Committed()
            except ClientError as error:
                found = cancelled(error.response)
                if found is not None:
                    return found
                if not may_try_again(error.response):
                    raise
        raise Contention(self.name)

    def _attempts(self, within_ms: int = CONTENTION_MS_MAX) -> Iterator[int]:
        """Attempts with pauses between them, bounded in number and, under throttling, in time."""
        begun_ms = self._system.now_ms()
        for attempt in range(CONTENTION_ATTEMPTS_MAX):
            yield attempt
            if self._system.now_ms() - begun_ms > within_ms:
                return
            self.pause(attempt)

    def pause(self, attempt: int) -> None:
        """Exponential, with full jitter."""
        longest_ms = 2 * CONTENTION_PAUSE_MS * 2 ** min(attempt, 4)
        self._system.sleep_ms(self._system.random() * longest_ms)
