"""A model of a table's stream and of Lambda's event source mapping that reads it.

Each write of an item is a record, in the order of its shard; the mapping's filters drop records as
in AWS. A shard has one invocation at a time. What it reports as failed comes again from there on,
after a crash the first half of the batch; and what was processed may come again.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from zlib import crc32

from tests.simulation.dynamodb import Written
from tests.simulation.expressions import Item
from tests.simulation.scheduler import Invocation, Scheduler

SHARDS: Final = 2
_RETRY_US: Final = 1_000_000
_POLL_US_MAX: Final = 1_250_000
"""Four polls a second, after a batching window of a second."""

type Record = dict[str, Any]
type Condition = tuple[tuple[str, ...], list[Any]]
"""Where a value is in a record, and what it may be."""

type Pattern = tuple[Condition, ...]
type Start = Callable[[dict[str, Any], Callable[[Invocation], None]], None]


@dataclass(slots=True)
class Shard:
    records: list[Record] = field(default_factory=list)
    processed: int = 0
    batch_max: int = 100
    is_busy: bool = False


class Stream:
    """The stream of one table. `strikes` says whether processed records come again now."""

    def __init__(
        self,
        table: str,
        scheduler: Scheduler,
        start: Start,
        *,
        batch_max: int,
        filters: Iterable[Pattern],
        strikes: Callable[[str], bool],
    ) -> None:
        self._table = table
        self._scheduler = scheduler
        self._start = start
        self._batch_max = batch_max
        self._filters = tuple(filters)
        self._strikes = strikes
        self._shards = [Shard(batch_max=batch_max) for _ in range(SHARDS)]
        self._numbers = 0

    def observe(self, written: list[Written]) -> None:
        for table, (pk, sk), old, new in written:
            if table == self._table and new is not None:
                self._append(pk, _record(self._next(), pk, sk, old, new))

    def _next(self) -> str:
        self._numbers += 1
        return str(self._numbers)

    def _append(self, pk: str, record: Record) -> None:
        if not any(matches(record, each) for each in self._filters):
            return
        shard = self._shards[crc32(pk.encode()) % SHARDS]
        shard.records.append(record)
        self._poll_after(shard, 0)

    def _poll_after(self, shard: Shard, delay_us: int) -> None:
        latency_us = int(self._scheduler.rng.random() * _POLL_US_MAX)
        self._scheduler.after(delay_us + latency_us, lambda: self._poll(shard))

    def _poll(self, shard: Shard) -> None:
        waiting = shard.records[shard.processed :]
        if shard.is_busy or not waiting:
            return
        size = min(shard.batch_max, self._scheduler.rng.choice((1, 2, self._batch_max)))
        batch = waiting[:size]
        shard.is_busy = True
        self._start({"Records": batch}, lambda ended: self._settle(shard, batch, ended))

    def _settle(self, shard: Shard, batch: list[Record], ended: Invocation) -> None:
        shard.is_busy = False
        done = self._done(batch, ended)
        shard.processed += done
        is_whole = done == len(batch)
        # BisectBatchOnFunctionError
        shard.batch_max = self._batch_max if is_whole else max(1, len(batch) // 2)
        if is_whole and self._strikes("stream repeated"):
            shard.processed -= self._scheduler.rng.randint(1, len(batch))
        if shard.processed < len(shard.records):
            self._poll_after(shard, 0 if is_whole else _RETRY_US)

    def _done(self, batch: list[Record], ended: Invocation) -> int:
        """How many records of a batch are processed, by the rules of ReportBatchItemFailures."""
        if ended.error is not None:
            return 0
        failed = {each["itemIdentifier"] for each in ended.result["batchItemFailures"]}
        numbers = [record["dynamodb"]["SequenceNumber"] for record in batch]
        return min((numbers.index(number) for number in failed), default=len(batch))


def _record(number: str, pk: str, sk: str, old: Item | None, new: Item) -> Record:
    images = {"NewImage": new} | ({} if old is None else {"OldImage": old})
    keys = {"pk": {"S": pk}, "sk": {"S": sk}}
    return {
        "eventName": "INSERT" if old is None else "MODIFY",
        "dynamodb": {"Keys": keys, "SequenceNumber": number, **images},
    }


@cache
def pattern(text: str) -> Pattern:
    """A filter of the template, which is JSON text."""
    return tuple(_conditions((), json.loads(text)))


def _conditions(path: tuple[str, ...], wanted: dict[str, Any]) -> Iterator[Condition]:
    for name, inner in wanted.items():
        if isinstance(inner, dict):
            yield from _conditions((*path, name), inner)
        else:
            yield (*path, name), inner


def matches(record: Record, pattern: Pattern) -> bool:
    """Whether a record passes a filter: equal values, `prefix` and `exists`."""
    return all(_holds(record, path, wanted) for path, wanted in pattern)


def _holds(record: Record, path: tuple[str, ...], wanted: list[Any]) -> bool:
    value: Any = record
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return any(_matches_value(value, each) for each in wanted)


def _matches_value(value: Any, wanted: Any) -> bool:
    match wanted:
        case {"exists": bool(exists)}:
            return (value is not None) == exists
        case {"prefix": str(prefix)}:
            return isinstance(value, str) and value.startswith(prefix)
    return bool(value == wanted)
