"""A model of DynamoDB: atomic conditional writes, transactions, and indexes that lag behind.

It answers what botocore's client methods return, and raises what they raise. Faults, retries and
scheduling are not its business (see `calls`).
"""

from collections.abc import Callable, Mapping
from functools import cache
from random import Random
from typing import Any, Final

from botocore.exceptions import ClientError

from tests.simulation import expressions
from tests.simulation.expressions import Invalid, Item, Value
from tests.simulation.outages import TokenBucket

type Key = tuple[str, str]
type Request = dict[str, Any]
type Reply = dict[str, Any]
type Written = tuple[str, Key, Item | None, Item | None]
type Observer = Callable[[list[Written]], None]

IDEMPOTENCY_US: Final = 600_000_000
"""For how long a transaction's token is remembered."""

INDEX_LAG_US_MAX: Final = 1_000_000
"""How far an index may be behind its table, and a read that is not consistent behind a write."""


def client_error(code: str, operation: str, message: str = "", **more: object) -> ClientError:
    response: Any = {"Error": {"Code": code, "Message": message}, **more}
    return ClientError(response, operation)


class Index:
    """A global secondary index, behind by what has not been applied yet."""

    def __init__(self, hash_key: str, range_key: str, *others: str) -> None:
        self.hash_key = hash_key
        self.range_key = range_key
        self.projected = ("pk", "sk", hash_key, range_key, *others)
        self.partitions: dict[str, dict[Key, Item]] = {}
        self.waiting: list[tuple[int, Key, Item | None, Item | None]] = []

    def copy(self) -> "Index":
        twin = Index(*self.projected[2:])
        twin.partitions = {value: dict(items) for value, items in self.partitions.items()}
        twin.waiting = list(self.waiting)
        return twin

    def follow(self, now_us: int, key: Key, old: Item | None, new: Item | None) -> None:
        hash_key = self.hash_key
        if (old is None or hash_key not in old) and (new is None or hash_key not in new):
            return
        before, after = self._entry(old), self._entry(new)
        if before != after:
            self.waiting.append((now_us, key, before, after))

    def _entry(self, item: Item | None) -> Item | None:
        if item is None or self.hash_key not in item or self.range_key not in item:
            return None
        return {name: item[name] for name in self.projected if name in item}

    def query(self, value: str, now_us: int, rng: Random) -> list[Item]:
        """A partition as some moment of the last second saw it."""
        applied = sum(at_us < now_us - INDEX_LAG_US_MAX for at_us, *_ in self.waiting)
        applied = rng.randint(applied, len(self.waiting))
        for _, key, before, after in self.waiting[:applied]:
            if before is not None:
                self.partitions[before[self.hash_key]["S"]].pop(key, None)
            if after is not None:
                self.partitions.setdefault(after[self.hash_key]["S"], {})[key] = after
        del self.waiting[:applied]
        items = self.partitions.get(value, {}).values()
        return sorted(items, key=self.place)

    def place(self, item: Item) -> tuple[int, str, str, str]:
        """By the range key, and where that is the same, by the table's own keys."""
        ((kind, value),) = item[self.range_key].items()
        number, text = (int(value), "") if kind == "N" else (0, value)
        return number, text, item["pk"]["S"], item["sk"]["S"]


class Table:
    def __init__(self, name: str, indexes: Mapping[str, Index]) -> None:
        self.name = name
        self.items: dict[Key, Item] = {}
        self.partitions: dict[str, dict[str, Item]] = {}
        self.indexes = dict(indexes)
        self.overwritten: dict[Key, tuple[int, Item | None]] = {}
        """What each item was before its last write, and when that was."""

    def copy(self) -> "Table":
        """A twin; items are shared, since nothing ever changes one in place."""
        twin = Table(self.name, {name: index.copy() for name, index in self.indexes.items()})
        twin.items = dict(self.items)
        twin.partitions = {pk: dict(items) for pk, items in self.partitions.items()}
        return twin

    def write(self, now_us: int, key: Key, new: Item | None) -> Item | None:
        old = self.items.get(key)
        self.overwritten[key] = now_us, old
        pk, sk = key
        if new is None:
            self.items.pop(key, None)
            self.partitions.get(pk, {}).pop(sk, None)
        else:
            self.items[key] = new
            self.partitions.setdefault(pk, {})[sk] = new
        for index in self.indexes.values():
            index.follow(now_us, key, old, new)
        return old


class _Cancelled(Exception):
    def __init__(self, reasons: list[dict[str, Any]]) -> None:
        self.reasons = reasons


class DynamoDB:
    """The tables of one run. `observe` receives what each request wrote, all of it at once."""

    def __init__(self, rng: Random, tables: Mapping[str, Table]) -> None:
        self._rng = rng
        self.tables = dict(tables)
        self.observe: Observer = lambda written: None
        self.page_items_max = 1_000
        self.partition_writes: Callable[[], TokenBucket] | None = None
        """How fast one partition takes writes; None: as fast as they come."""
        self._buckets: dict[tuple[str, str], TokenBucket] = {}
        self._tokens: dict[str, tuple[int, Any]] = {}
        self._operations: dict[str, Callable[[Request, int], Reply]] = {
            "GetItem": self._get_item,
            "BatchGetItem": self._batch_get_item,
            "Query": self._query,
            "PutItem": self._put_item,
            "UpdateItem": self._update_item,
            "DeleteItem": self._delete_item,
            "TransactWriteItems": self._transact_write_items,
            "BatchWriteItem": self._batch_write_item,
        }

    def expire(self, now_us: int) -> list[Written]:
        """Delete some of the items whose time is up, as TTL does: late, and one by one."""
        written: list[Written] = []
        for table in self.tables.values():
            for key, item in list(table.items.items()):
                is_over = "expires_at" in item and int(item["expires_at"]["N"]) * 1_000_000 < now_us
                if is_over and self._rng.random() < 0.5:
                    table.write(now_us, key, None)
                    written.append((table.name, key, item, None))
        return written

    def apply(self, operation: str, request: Request, now_us: int) -> Reply:
        """Do one request at once, whole or not at all."""
        try:
            return self._operations[operation](request, now_us)
        except Invalid as error:
            raise client_error("ValidationException", operation, str(error)) from None

    def _get_item(self, request: Request, now_us: int) -> Reply:
        item = self._read(request["TableName"], _key(request["Key"]), request, now_us)
        return {"Item": item} if item is not None else {}

    def _read(self, table: str, key: Key, asked: Request, now_us: int) -> Item | None:
        """An item; without `ConsistentRead` perhaps as it was before its last write."""
        if not asked.get("ConsistentRead"):
            at_us, old = self.tables[table].overwritten.get(key, (0, None))
            if now_us - at_us < INDEX_LAG_US_MAX and self._rng.random() < 0.5:
                return old
        return self.tables[table].items.get(key)

    def _batch_get_item(self, request: Request, now_us: int) -> Reply:
        ((name, asked),) = request["RequestItems"].items()
        keys = asked["Keys"]
        if not 1 <= len(keys) <= 100:
            raise Invalid("BatchGetItem takes 1 to 100 keys")
        done = len(keys) if self._rng.random() < 0.9 else self._rng.randint(1, len(keys))
        items = [self._read(name, _key(key), asked, now_us) for key in keys[:done]]
        reply: Reply = {"Responses": {name: [item for item in items if item is not None]}}
        if done < len(keys):
            reply["UnprocessedKeys"] = {name: asked | {"Keys": keys[done:]}}
        return reply

    def _query(self, request: Request, now_us: int) -> Reply:
        items = self._candidates(request, now_us)
        page: list[Item] = []
        for item in items:
            page.append(item)
            if len(page) == self.page_items_max:
                last = {name: item[name] for name in ("pk", "sk", *self._index_keys(request))}
                return {"Items": page, "LastEvaluatedKey": last}
        return {"Items": page}

    def _index_keys(self, request: Request) -> tuple[str, ...]:
        """A page of an index goes on from its own keys, which its items may have left since."""
        if "IndexName" not in request:
            return ()
        index = self.tables[request["TableName"]].indexes[request["IndexName"]]
        return index.hash_key, index.range_key

    def _candidates(self, request: Request, now_us: int) -> list[Item]:
        table = self.tables[request["TableName"]]
        text = request["KeyConditionExpression"]
        values = request["ExpressionAttributeValues"]
        names = request.get("ExpressionAttributeNames", {})
        partition = values[expressions.partition_placeholder(text)]["S"]
        start = request.get("ExclusiveStartKey")
        if "IndexName" in request:
            if request.get("ConsistentRead"):
                raise Invalid("consistent reads are not supported on global secondary indexes")
            index = table.indexes[request["IndexName"]]
            found = index.query(partition, now_us, self._rng)
            if start is not None:
                found = [item for item in found if index.place(item) > index.place(start)]
        else:
            stored = table.partitions.get(partition, {})
            after = start["sk"]["S"] if start is not None else ""
            found = [stored[sk] for sk in sorted(stored) if sk > after]
            if not request.get("ConsistentRead"):
                found = self._as_they_were(table, found, now_us)
        holds = expressions.condition(text).holds
        return [item for item in found if holds(item, names, values)]

    def _as_they_were(self, table: Table, items: list[Item], now_us: int) -> list[Item]:
        """Of a query that is not consistent; what was deleted lately may still be missed."""
        read = [self._read(table.name, _key(item), {}, now_us) for item in items]
        return [item for item in read if item is not None]

    def _put_item(self, request: Request, now_us: int) -> Reply:
        self._write_one("PutItem", request, self._after_put(request), now_us)
        return {}

    def _delete_item(self, request: Request, now_us: int) -> Reply:
        change = self._after_delete(request)
        old = change[0].items.get(change[1])
        self._write_one("DeleteItem", request, change, now_us)
        is_shown = old is not None and request.get("ReturnValues") == "ALL_OLD"
        return {"Attributes": old} if is_shown else {}

    def _update_item(self, request: Request, now_us: int) -> Reply:
        new = self._after_update(request)
        self._write_one("UpdateItem", request, new, now_us)
        return {"Attributes": new[2]} if request.get("ReturnValues") == "ALL_NEW" else {}

    def _write_one(
        self, operation: str, request: Request, change: tuple[Table, Key, Item | None], now_us: int
    ) -> None:
        table, key, new = change
        if new is _REFUSED:
            old = table.items.get(key)
            shown: dict[str, Any] = {"Item": old} if old is not None and _wants_old(request) else {}
            raise client_error("ConditionalCheckFailedException", operation, **shown)
        self._spend(operation, [(table, key, new)], now_us)
        old = table.write(now_us, key, new)
        self.observe([(table.name, key, old, new)])

    def _spend(
        self, operation: str, changes: list[tuple[Table, Key, Item | None]], now_us: int
    ) -> None:
        """A partition that takes no more throttles the whole request."""
        if self.partition_writes is None:
            return
        for table, (pk, _), _ in changes:
            bucket = self._buckets.setdefault((table.name, pk), self.partition_writes())
            if not bucket.take(now_us):
                raise client_error("ThrottlingException", operation)

    def _after_put(self, request: Request) -> tuple[Table, Key, Item | None]:
        table, item = self.tables[request["TableName"]], request["Item"]
        key = _key(item)
        return table, key, item if _condition_holds(request, table.items.get(key)) else _REFUSED

    def _after_delete(self, request: Request) -> tuple[Table, Key, Item | None]:
        table, key = self.tables[request["TableName"]], _key(request["Key"])
        return table, key, None if _condition_holds(request, table.items.get(key)) else _REFUSED

    def _after_update(self, request: Request) -> tuple[Table, Key, Item]:
        table, key = self.tables[request["TableName"]], _key(request["Key"])
        stored = table.items.get(key)
        text = request["UpdateExpression"]
        if not _condition_holds(request, stored, text):
            return table, key, _REFUSED
        names = request.get("ExpressionAttributeNames", {})
        values = request.get("ExpressionAttributeValues", {})
        before = request["Key"] if stored is None else stored
        return table, key, expressions.update(text).apply(before, names, values)

    def _batch_write_item(self, request: Request, now_us: int) -> Reply:
        """Puts one by one, each whether the item is there or not; some may be handed back."""
        ((name, puts),) = request["RequestItems"].items()
        items = [put["PutRequest"]["Item"] for put in puts]
        if not 1 <= len(items) <= 25 or len({_key(item) for item in items}) < len(items):
            raise Invalid("BatchWriteItem takes 1 to 25 items with different keys")
        done = len(items) if self._rng.random() < 0.9 else self._rng.randint(0, len(items) - 1)
        table = self.tables[name]
        for item in items[:done]:
            old = table.write(now_us, _key(item), item)
            self.observe([(name, _key(item), old, item)])
        return {"UnprocessedItems": {name: puts[done:]}} if done < len(items) else {}

    def _transact_write_items(self, request: Request, now_us: int) -> Reply:
        if self.knows(request, now_us):
            return {}
        try:
            written = self._prepare(request["TransactItems"])
        except _Cancelled as cancelled:
            raise transaction_cancelled(cancelled.reasons) from None
        self._spend("TransactWriteItems", written, now_us)
        olds = [table.write(now_us, key, new) for table, key, new in written]
        self._tokens[request["ClientRequestToken"]] = (now_us, request["TransactItems"])
        self.observe(
            [
                (table.name, key, old, new)
                for (table, key, new), old in zip(written, olds, strict=True)
            ]
        )
        return {}

    def knows(self, request: Request, now_us: int = 0) -> bool:
        """Whether a transaction has been committed under its token."""
        token = request.get("ClientRequestToken", "")
        committed = self._tokens.get(token)
        if committed is None or now_us - committed[0] > IDEMPOTENCY_US:
            return False
        if committed[1] != request["TransactItems"]:
            raise client_error("IdempotentParameterMismatchException", "TransactWriteItems")
        return True

    def _prepare(self, actions: list[Request]) -> list[tuple[Table, Key, Item | None]]:
        if not 1 <= len(actions) <= 100:
            raise Invalid("a transaction has 1 to 100 actions")
        changes = [self._change(action) for action in actions]
        if len({(table.name, key) for table, key, _ in changes}) < len(changes):
            raise Invalid("a transaction cannot contain several actions on one item")
        reasons = [
            _reason(request, table.items.get(key), new)
            for ((request,), (table, key, new)) in zip(
                (action.values() for action in actions), changes, strict=True
            )
        ]
        if any(reason["Code"] != "None" for reason in reasons):
            raise _Cancelled(reasons)
        return changes

    def _change(self, action: Request) -> tuple[Table, Key, Item | None]:
        ((kind, request),) = action.items()
        if kind == "Put":
            return self._after_put(request)
        if kind == "Update":
            return self._after_update(request)
        if kind == "Delete":
            return self._after_delete(request)
        table, key = self.tables[request["TableName"]], _key(request["Key"])
        stored = table.items.get(key)
        return table, key, stored if _condition_holds(request, stored) else _REFUSED


_REFUSED: Final[Item] = {}
"""Stands for "the condition was not met"; compared by identity."""


def _reason(request: Request, old: Item | None, new: Item | None) -> dict[str, Any]:
    if new is not _REFUSED:
        return {"Code": "None"}
    shown = {"Item": old} if old is not None and _wants_old(request) else {}
    return {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed", **shown}


def transaction_cancelled(reasons: list[dict[str, Any]]) -> ClientError:
    codes = ", ".join(reason["Code"] for reason in reasons)
    return client_error(
        "TransactionCanceledException",
        "TransactWriteItems",
        f"Transaction cancelled, please refer cancellation reasons for specific reasons [{codes}]",
        CancellationReasons=reasons,
    )


def _key(values: Mapping[str, Value]) -> Key:
    return values["pk"]["S"], values["sk"]["S"]


def _wants_old(request: Request) -> bool:
    return request.get("ReturnValuesOnConditionCheckFailure") == "ALL_OLD"


def _condition_holds(request: Request, stored: Item | None, update: str = "") -> bool:
    text = request.get("ConditionExpression", "")
    names = request.get("ExpressionAttributeNames", _NOTHING)
    values = request.get("ExpressionAttributeValues", _NOTHING)
    used = _placeholders(text, update)
    if len(used) != len(values) + len(names) or not used.issuperset((*values, *names)):
        raise Invalid(f"placeholders unused or undefined: {used ^ (values.keys() | names.keys())}")
    if not text:
        return True
    return expressions.condition(text).holds(_NOTHING if stored is None else stored, names, values)


_NOTHING: Final[dict[str, Any]] = {}


@cache
def _placeholders(condition: str, update: str) -> frozenset[str]:
    of_update = expressions.update(update).placeholders if update else frozenset()
    return of_update | expressions.condition(condition).placeholders if condition else of_update
