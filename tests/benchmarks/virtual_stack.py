"""The real handlers in virtual time, over tables and queues in memory that keep a bill.

One thread: while a handler sleeps, what falls due meanwhile happens. Only `flush` takes time, since
its waits are looked at; whatever else is invoked happens in an instant.
"""

import heapq
import json
import os
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from contextlib import contextmanager, redirect_stdout
from dataclasses import dataclass, field
from functools import partial
from random import Random
from typing import Any, Final

import fanout
import flush
import message

from scorecast.domain.connections.admission import Admitted, Connection, Limits
from scorecast.domain.connections.identity import Identity, to_context
from scorecast.domain.delivery import Delivery
from scorecast.domain.rooms import Room, match_room
from scorecast.runtime import settings
from scorecast.wiring import host, tables
from tests import examples
from tests.harness import wired
from tests.harness.environment import LAMBDA, PARAMETERS, RESOURCES, UNLIMITED_MESSAGES
from tests.harness.fakes import FakeContext
from tests.harness.stored import put_match
from tests.simulation.dynamodb import DynamoDB
from tests.simulation.simulation import no_tables

CALL_MS: Final = 5.0
"""One call of DynamoDB or SQS, in AWS a little less or more."""

POST_MS: Final = 10.0
"""One post, from `flush` to its answer."""

POSTS_PER_SECOND: Final = 8_000
SQS_MS: Final = (5.0, 30.0)
"""From sending a message to the start of the Lambda that gets it."""

START_US: Final = 1_795_360_000_000_000
OFFICIAL: Final = "organizer-1"
MATCH: Final = "m1"
TOURNAMENT: Final = "t1"
_FOREVER: Final = str(10**9)

_QUEUES: Final = {
    "FLUSH_QUEUE_URL": "flush",
    "FANOUT_QUEUE_URL": "fanout",
    "SWEEP_QUEUE_URL": "sweep",
    "WELCOME_QUEUE_URL": "welcome",
}
ENVIRONMENT: Final[dict[str, str]] = {
    **LAMBDA,
    **PARAMETERS,
    **UNLIMITED_MESSAGES,
    **RESOURCES,
    **_QUEUES,
    "ROOM_CAPACITY": _FOREVER,
    "POSTS_PER_SECOND_BUDGET": str(POSTS_PER_SECOND),
    "EDGE_SECRET_ARN": "",
}


class VirtualClock:
    """Time that passes while someone sleeps, and takes everything along that falls due."""

    def __init__(self, rng: Random) -> None:
        self._now_us = START_US
        self._rng = rng
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._ids = 0

    def now_us(self) -> int:
        return self._now_us

    def now_ms(self) -> int:
        return self._now_us // 1_000

    def sleep_ms(self, pause_ms: float) -> None:
        self._run_until(self._now_us + int(pause_ms * 1_000))

    def random(self) -> float:
        return self._rng.random()

    def new_id(self) -> str:
        self._ids += 1
        return f"id-{self._ids}"

    def skip_ms(self, pause_ms: int) -> None:
        """Later, without what would have happened until then."""
        self._now_us += pause_ms * 1_000

    def after(self, pause_ms: float, happen: Callable[[], None]) -> None:
        self._ids += 1
        heapq.heappush(self._due, (self._now_us + int(pause_ms * 1_000), self._ids, happen))

    def run(self) -> None:
        while self._due:
            self._run_until(self._due[0][0])

    def _run_until(self, until_us: int) -> None:
        while self._due and self._due[0][0] <= until_us:
            at_us, _, happen = heapq.heappop(self._due)
            self._now_us = max(self._now_us, at_us)
            happen()
        self._now_us = max(self._now_us, until_us)


@dataclass(slots=True)
class Bill:
    """What was asked of AWS. `invocations_ms` is by function: how long each of its runs took."""

    read_units: float = 0
    write_units: float = 0
    calls: Counter[str] = field(default_factory=Counter)
    writes: Counter[str] = field(default_factory=Counter)
    posts: list["Posted"] = field(default_factory=list)
    invocations_ms: dict[str, list[float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Posted:
    """One `post_all`: when it began and ended, and how many posts it was."""

    begun_us: int
    ended_us: int
    posts: int


@dataclass(slots=True)
class Published:
    """A frame and when its last post ended."""

    message: dict[str, Any]
    at_us: int
    posts: int


class _Inline(Executor):
    """A pool of no threads: the groups of a batch one after the other."""

    def submit[**P, T](
        self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs
    ) -> "Future[T]":
        done: Future[T] = Future()
        done.set_result(fn(*args, **kwargs))
        return done


class _DynamoDBClient:
    """What `Table` calls, by botocore's names of the operations."""

    def __init__(self, virtual_stack: "VirtualStack") -> None:
        self._virtual_stack = virtual_stack

    def __getattr__(self, name: str) -> Callable[..., dict[str, Any]]:
        operation = "".join(word.title() for word in name.split("_"))
        return lambda **request: self._virtual_stack.call_dynamodb(operation, request)


class _SQSClient:
    def __init__(self, virtual_stack: "VirtualStack") -> None:
        self._virtual_stack = virtual_stack

    def send_message(self, **request: Any) -> dict[str, Any]:
        self._virtual_stack.call("SendMessage")
        self._virtual_stack.enqueue(request["QueueUrl"], request)
        return {}

    def send_message_batch(self, **request: Any) -> dict[str, Any]:
        self._virtual_stack.call("SendMessageBatch")
        for entry in request["Entries"]:
            self._virtual_stack.enqueue(request["QueueUrl"], entry)
        return {"Successful": [{"Id": entry["Id"]} for entry in request["Entries"]]}

    def delete_message(self, **request: Any) -> dict[str, Any]:
        self._virtual_stack.call("DeleteMessage")
        return {}


class _Gateway:
    def __init__(self, virtual_stack: "VirtualStack") -> None:
        self._virtual_stack = virtual_stack

    def post(self, connection_id: str, message: bytes) -> Delivery:
        return self.post_all([connection_id], message, time_ms_max=0)[connection_id]

    def post_all(
        self,
        connection_ids: Iterable[str],
        message: bytes,
        *,
        time_ms_max: int,
        posts_per_second: float = POSTS_PER_SECOND,
    ) -> dict[str, Delivery]:
        outcomes = dict.fromkeys(connection_ids, Delivery.DELIVERED)
        self._virtual_stack.posted(message, len(outcomes), min(posts_per_second, POSTS_PER_SECOND))
        return outcomes

    def is_open(self, connection_id: str) -> bool:
        return True

    def close(self, connection_id: str) -> None:
        """Nobody is closed here."""


class VirtualStack:
    """One match with its viewers and its official, as deployed but for AWS itself."""

    def __init__(self, seed: int = 0) -> None:
        self.rng = Random(seed)
        self.system = VirtualClock(self.rng)
        self.bill = Bill()
        self.published: list[Published] = []
        self.accepted: list[tuple[int, int]] = []
        """Of each accepted update: when, and its revision."""
        self._dynamodb = DynamoDB(self.rng, no_tables())
        self._dynamodb.observe = self._written
        self._is_transaction = False
        self._invocation_ms: float | None = None
        self._takes_time = False
        self._waiting: dict[str, deque[dict[str, Any]]] = {"flush": deque(), "fanout": deque()}
        self._busy: set[str] = set()
        self._viewers = 0

    # Setting up

    def open(self) -> None:
        matches = tables.matches(host.settings(settings.MessageSettings))
        matches.put_tournament(examples.tournament(id=TOURNAMENT, organizers=(OFFICIAL,)))
        put_match(matches.table, examples.match(id=MATCH, tournament_id=TOURNAMENT))
        self._register(self._connection("official", OFFICIAL))

    def seat(self, viewers: int) -> None:
        """Let viewers into the match's room until there are so many."""
        memberships = tables.memberships(host.settings(settings.MessageSettings))
        for number in range(self._viewers, viewers):
            connection = self._connection(f"viewer-{number:06d}=", f"user-{number}")
            self._register(connection)
            memberships.join(connection, self.room, capacity=10**9, rooms_max=10)
        self._viewers = viewers

    @property
    def room(self) -> Room:
        return match_room(MATCH)

    def _connection(self, connection_id: str, user_id: str) -> Connection:
        identity = Identity(user_id=user_id)
        now_ms = self.system.now_ms()
        return Connection(
            id=connection_id, identity=identity, ip_hash=connection_id, connected_at_ms=now_ms
        )

    def _register(self, connection: Connection) -> None:
        registry = tables.registry(host.settings(settings.MessageSettings))
        assert registry.admit(connection, Limits(per_user=10, per_ip=10)) == Admitted()

    # What happens

    def update(self, number: int) -> None:
        """The official's frame with a score that says its number."""
        with self._in_no_time():
            answer = message.handler(self.event(self.score(number), f"r-{number}"), FakeContext())
        published = json.loads(answer["body"])
        assert published["type"] == "accepted", published
        self.accepted.append((self.system.now_us(), published["data"]["revision"]))

    def claimed_at_us(self) -> int:
        row = self._dynamodb.tables["matches"].items[f"M#{MATCH}", "M"]
        return int(row["claimed_at_ms"]["N"]) * 1_000

    @staticmethod
    def score(number: int) -> dict[str, object]:
        return {
            "type": "score_update",
            "match_id": MATCH,
            "participant1_score": number,
            "participant2_score": 0,
            "client_revision": number,
        }

    def event(self, message: Mapping[str, object], request_id: str) -> dict[str, Any]:
        """A frame of the official, as API Gateway hands it over."""
        context = {
            "connectionId": "official",
            "requestId": request_id,
            "requestTimeEpoch": self.system.now_ms(),
            "authorizer": to_context(Identity(user_id=OFFICIAL)) | {"ip_hash": "ip"},
        }
        return {"requestContext": context, "body": json.dumps(message)}

    @contextmanager
    def _in_no_time(self) -> Iterator[None]:
        outer, self._takes_time = self._takes_time, False
        yield
        self._takes_time = outer

    # What the handlers ask

    def call(self, operation: str) -> None:
        self.bill.calls[operation] += 1
        self.pass_time(CALL_MS)

    def pass_time(self, pause_ms: float) -> None:
        if self._invocation_ms is not None:
            self._invocation_ms += pause_ms
        if self._takes_time:
            self.system.sleep_ms(pause_ms)

    def call_dynamodb(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        self.call(operation)
        self._is_transaction = operation == "TransactWriteItems"
        reply = self._dynamodb.apply(operation, request, self.system.now_us())
        self.bill.read_units += _read_units(operation, request, reply)
        return reply

    def _written(self, written: list[Any]) -> None:
        for table, (pk, sk), old, new in written:
            self.bill.writes[f"{pk}/{sk}"] += 1
            units = max(-(-size_of(item or {}) // 1_024) for item in (old, new)) or 1
            units += self._index_writes(table, old, new)
            self.bill.write_units += units * (2 if self._is_transaction else 1)

    def _index_writes(self, table: str, old: Any, new: Any) -> int:
        """An index whose entry moves is written twice: the old one is taken out."""
        writes = 0
        for index in self._dynamodb.tables[table].indexes.values():
            entries = [_entry(item, index.hash_key, index.range_key) for item in (old, new)]
            if entries[0] != entries[1]:
                writes += sum(entry is not None for entry in entries)
        return writes

    def posted(self, message: bytes, posts: int, per_second: float) -> None:
        if posts == 0:
            return
        begun_us = self._local_us()
        self.pass_time(POST_MS + posts / per_second * 1_000)
        self.bill.posts.append(Posted(begun_us, self._local_us(), posts))
        parsed = json.loads(message)
        if not self.published or self.published[-1].message != parsed:
            self.published.append(Published(parsed, 0, 0))
        self.published[-1].posts += posts
        self.published[-1].at_us = max(self.published[-1].at_us, self._local_us())

    def _local_us(self) -> int:
        """Now, as the current invocation sees it if it is one that happens in an instant."""
        ahead_ms = 0 if self._takes_time else self._invocation_ms or 0
        return self.system.now_us() + int(ahead_ms * 1_000)

    # The queues

    def enqueue(self, queue: str, sent: dict[str, Any]) -> None:
        if queue in self._waiting:
            self._waiting[queue].append(sent | {"messageId": self.system.new_id()})
            self.system.after(self.rng.uniform(*SQS_MS), lambda: self._deliver(queue))

    def _deliver(self, queue: str) -> None:
        """The next message whose group is free; each is a batch of its own."""
        for sent in list(self._waiting[queue]):
            group = f"{queue}-{sent['MessageGroupId']}"
            if group not in self._busy:
                self._waiting[queue].remove(sent)
                self._busy.add(group)
                busy_ms = self._invoke(queue, sent)
                self.system.after(busy_ms, partial(self._free, queue, group))
                if self._waiting[queue]:
                    self.system.after(0, lambda: self._deliver(queue))
                return

    def _free(self, queue: str, group: str) -> None:
        self._busy.discard(group)
        if self._waiting[queue]:
            self._deliver(queue)

    def next_record(self, queue: str) -> dict[str, Any]:
        return _record(self._waiting[queue].popleft())

    def _invoke(self, queue: str, sent: Mapping[str, Any]) -> float:
        """For how long the message's group is busy from now on."""
        outer = self._invocation_ms, self._takes_time
        self._invocation_ms, self._takes_time = 0.0, queue == "flush"
        started_us = self.system.now_us()
        handler = flush.handler if queue == "flush" else fanout.handler
        answer = handler({"Records": [_record(sent)]}, FakeContext())
        assert answer == {"batchItemFailures": []}, answer
        waited_ms = (self.system.now_us() - started_us) / 1_000
        function = handler.__module__
        took_ms = waited_ms if self._takes_time else self._invocation_ms
        self.bill.invocations_ms.setdefault(function, []).append(took_ms)
        busy_ms = 0.0 if self._takes_time else self._invocation_ms
        self._invocation_ms, self._takes_time = outer
        return busy_ms


def _record(sent: Mapping[str, Any]) -> dict[str, Any]:
    group = {"MessageGroupId": sent["MessageGroupId"], "ApproximateReceiveCount": "1"}
    return {
        "messageId": sent["messageId"],
        "body": sent["MessageBody"],
        "receiptHandle": "receipt",
        "attributes": group,
    }


_NOWHERE: Final = open(os.devnull, "w")
"""Where the handlers' logs go: the logger keeps what it first wrote to."""


@contextmanager
def opened(seed: int = 0, **parameters: str) -> Iterator[VirtualStack]:
    """A stack that the handlers act on while this lasts. `parameters` are environment variables."""
    virtual_stack = VirtualStack(seed)
    replaced: dict[str, Any] = {
        "system": lambda: virtual_stack.system,
        "gateway": lambda endpoint: _Gateway(virtual_stack),
        "pool": _Inline,
        "dynamodb": lambda attempts_max: _DynamoDBClient(virtual_stack),
        "sqs": lambda attempts_max=3: _SQSClient(virtual_stack),
    }
    originals = {name: getattr(wired.place(name), name) for name in replaced}
    environ = dict(os.environ)
    os.environ.update(ENVIRONMENT | {"POWERTOOLS_METRICS_DISABLED": "true"} | parameters)
    put(replaced)
    try:
        with redirect_stdout(_NOWHERE):
            virtual_stack.open()
            yield virtual_stack
    finally:
        os.environ.clear()
        os.environ.update(environ)
        put(originals)


def put(parts: Mapping[str, Any]) -> None:
    """Have the wiring make these parts so, and everything anew."""
    for name, part in parts.items():
        setattr(wired.place(name), name, part)
    wired.forget()


def _read_units(operation: str, request: Mapping[str, Any], reply: Mapping[str, Any]) -> float:
    """Units of 4 KB, by item or by page; half as much where old data will do."""
    if operation == "GetItem":
        return -(-size_of(reply.get("Item", {})) // 4_096) or 1
    if operation == "BatchGetItem":
        (items,) = reply["Responses"].values()
        return sum(-(-size_of(item) // 4_096) for item in items)
    if operation == "Query":
        units = -(-sum(map(size_of, reply["Items"])) // 4_096) or 1
        return units if request.get("ConsistentRead") else units / 2
    return 0


_CONTENT: Final = re.compile(r'"(?:S|N|BOOL|NULL|M|L|NS)": ')


def size_of(item: Mapping[str, Any]) -> int:
    """About as many bytes as DynamoDB counts: names and values."""
    return len(_CONTENT.sub("", json.dumps(item)).translate(_NO_MARKS)) if item else 0


_NO_MARKS: Final = str.maketrans("", "", '"{}[]:, ')


def _entry(item: Mapping[str, Any] | None, hash_key: str, range_key: str) -> Any:
    if item is None or hash_key not in item or range_key not in item:
        return None
    return item[hash_key], item[range_key]
