"""A model of SQS queues and of Lambda's event source mapping that reads them.

FIFO: one group's messages are handed out in order, and none while one of them is in flight; a
batch mixes groups; repeated deduplication ids are swallowed for five minutes. Standard: any order,
sometimes twice. What an invocation reports as failed, or all of it if it crashed, comes back when
its visibility time-out is over; what was received too often goes to the dead-letter queue; what is
older than the queue's retention is gone.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.simulation.dynamodb import Reply, Request
from tests.simulation.scheduler import Crash, Invocation, Scheduler

DEDUPLICATION_US: Final = 300_000_000

MESSAGE_BYTES_MAX: Final = 262_144
"""A batch of ten must fit into one invocation's event, too."""

type Hops = Mapping[str, int]
type Start = Callable[[dict[str, Any], Callable[[Invocation], None], Hops], bool]
"""Invokes a function with a batch. False if Lambda stopped the chain that the batch belongs to."""


@dataclass(slots=True)
class Record:
    id: str
    body: str
    group: str
    receive_count: int = 0
    visible_at_us: int = 0
    is_deleted: bool = False
    sent_at_us: int = 0
    hops: Mapping[str, int] = field(default_factory=dict)
    """How often each function has been invoked in the chain that sent it."""

    @property
    def receipt(self) -> str:
        return f"{self.id}/{self.receive_count}"


@dataclass(slots=True)
class Queue:
    """One queue and its reader. `start` invokes the function with a batch."""

    name: str
    is_fifo: bool
    receive_count_max: int
    start: Start
    visibility_us: int = 90_000_000
    batch_max: int = 10
    retention_us: int = 86_400_000_000
    held_until_us: int = 0
    """Nothing is received before: its reader is throttled, or has no concurrency left."""
    messages: list[Record] = field(default_factory=list)
    dead_letters: list[Record] = field(default_factory=list)
    expired: int = 0
    sent_at_us: dict[tuple[str, str], int] = field(default_factory=dict)


class Queues:
    """The queues of one run, by URL. `may_repeat` lets standard queues deliver twice."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._seen = scheduler.seen
        self._numbers = 0
        self.queues: dict[str, Queue] = {}
        self.may_repeat = False
        self.strikes: Callable[[str], bool] = lambda what: False
        """Whether something goes wrong now: "deletion lost" or "visible too early"."""
        self.on_abandoned: Callable[[int], None] = lambda until_us: None
        """Called when a Lambda has died, with the time until which its records are hidden."""

    def add(self, url: str, queue: Queue) -> None:
        self.queues[url] = queue

    def apply(self, operation: str, request: Request) -> Reply:
        if operation == "SendMessage":
            return {"MessageId": self.send(request)}
        if operation == "DeleteMessage":
            self._delete(request)
            return {}
        assert operation == "ChangeMessageVisibility", operation
        self._change_visibility(request)
        return {}

    def _delete(self, request: Request) -> None:
        """An old receipt deletes nothing, and is no error."""
        queue = self.queues[request["QueueUrl"]]
        for message in queue.messages:
            if message.receipt == request["ReceiptHandle"]:
                message.is_deleted = True
        self._poll_if_any_waits(queue)

    def _change_visibility(self, request: Request) -> None:
        queue = self.queues[request["QueueUrl"]]
        delay_us = request["VisibilityTimeout"] * 1_000_000
        for message in queue.messages:
            if message.receipt == request["ReceiptHandle"]:
                message.visible_at_us = self._scheduler.now_us + delay_us
                self._poll_after(queue, delay_us)

    def send(self, request: Request) -> str:
        queue = self.queues[request["QueueUrl"]]
        if len(request["MessageBody"]) > MESSAGE_BYTES_MAX:
            size = len(request["MessageBody"])
            self._scheduler.fail(f"T10: a record of {queue.name} has {size} bytes")
        self._numbers += 1
        message_id = f"{queue.name}-{self._numbers}"
        group = request["MessageGroupId"] if queue.is_fifo else message_id
        if queue.is_fifo and self._is_repeated(queue, group, request["MessageDeduplicationId"]):
            self._seen["queue swallowed a repetition"] += 1
            return message_id
        now_us = self._scheduler.now_us
        delay_us = int(request.get("DelaySeconds", 0) * 1_000_000)
        message = Record(
            message_id,
            request["MessageBody"],
            group,
            visible_at_us=now_us + delay_us,
            sent_at_us=now_us,
            hops=self._scheduler.hops,
        )
        queue.messages.append(message)
        self._poll_after(queue, delay_us)
        if not queue.is_fifo and self.may_repeat and self._scheduler.rng.random() < 0.1:
            self._seen["queue repeated a message"] += 1
            again = replace(message, group=f"{group}-again", visible_at_us=now_us)
            queue.messages.append(again)
        return message_id

    def _is_repeated(self, queue: Queue, group: str, deduplication_id: str) -> bool:
        now_us = self._scheduler.now_us
        sent_at_us = queue.sent_at_us.get((group, deduplication_id))
        if sent_at_us is not None and now_us - sent_at_us < DEDUPLICATION_US:
            return True
        queue.sent_at_us[group, deduplication_id] = now_us
        return False

    def _poll_after(self, queue: Queue, delay_us: int) -> None:
        latency_us = int(self._scheduler.rng.random() * 30_000)
        self._scheduler.after(delay_us + latency_us, lambda: self._poll(queue))

    def _poll_if_any_waits(self, queue: Queue) -> None:
        """What is hidden is polled for when it becomes visible."""
        now_us = self._scheduler.now_us
        if any(not one.is_deleted and one.visible_at_us <= now_us for one in queue.messages):
            self._poll_after(queue, 0)

    def _poll(self, queue: Queue) -> None:
        """Receive what is there, in one batch or several, and invoke the function with each."""
        if queue.held_until_us > self._scheduler.now_us:
            self._poll_after(queue, queue.held_until_us - self._scheduler.now_us)
            return
        available = self._available(queue)
        rng = self._scheduler.rng
        if not available:
            return
        if not queue.is_fifo:
            rng.shuffle(available)
        groups = list(dict.fromkeys(message.group for message in available))
        wanted = set(groups if rng.random() < 0.5 else groups[: rng.randint(1, len(groups))])
        size = queue.batch_max if rng.random() < 0.7 else rng.randint(1, queue.batch_max)
        batch = [message for message in available if message.group in wanted][:size]
        if len(batch) < len(available):
            self._poll_after(queue, 0)
        self._deliver(queue, batch)

    def _available(self, queue: Queue) -> list[Record]:
        now_us = self._scheduler.now_us
        kept_from_us = now_us - queue.retention_us
        queue.messages = [message for message in queue.messages if not message.is_deleted]
        if queue.messages and queue.messages[0].sent_at_us < kept_from_us:
            self._expire(queue, kept_from_us)
        hidden = [message for message in queue.messages if message.visible_at_us > now_us]
        locked = {message.group for message in hidden} if queue.is_fifo else set()
        available = []
        for message in list(queue.messages):
            if message.visible_at_us > now_us or message.group in locked:
                continue
            if message.receive_count >= queue.receive_count_max:
                self._seen["queue dead letter"] += 1
                queue.messages.remove(message)
                queue.dead_letters.append(message)
            else:
                available.append(message)
        return available

    def _expire(self, queue: Queue, kept_from_us: int) -> None:
        """What has been kept for too long is gone, and in no dead-letter queue."""
        kept = [message for message in queue.messages if message.sent_at_us >= kept_from_us]
        self._seen["queue retention over"] += len(queue.messages) - len(kept)
        queue.expired += len(queue.messages) - len(kept)
        queue.messages = kept

    def _deliver(self, queue: Queue, batch: list[Record]) -> None:
        visibility_us = queue.visibility_us
        if self.strikes("visible too early"):
            visibility_us = int(self._scheduler.rng.random() * 2_000_000)
            self._poll_after(queue, visibility_us)
        for message in batch:
            if message.receive_count:
                self._seen["queue received again"] += 1
            message.receive_count += 1
            message.visible_at_us = self._scheduler.now_us + visibility_us
        if len({one.group for one in batch}) > 1:
            self._seen["queue batch of several groups"] += 1
        records = [_event_record(queue, message) for message in batch]
        receipts = [message.receipt for message in batch]
        is_invoked = queue.start(
            {"Records": records},
            lambda ended: self._settle(queue, batch, receipts, ended),
            _longest(batch),
        )
        if not is_invoked:
            self._bury(queue, batch)

    def _bury(self, queue: Queue, batch: list[Record]) -> None:
        """Lambda sends what it stops to the dead-letter queue."""
        for message in batch:
            message.is_deleted = True
            queue.dead_letters.append(message)

    def _settle(
        self, queue: Queue, batch: list[Record], receipts: list[str], ended: Invocation
    ) -> None:
        kept = self._failed(queue, batch, ended)
        for message, receipt in zip(batch, receipts, strict=True):
            if message.receipt != receipt:
                self._seen["queue received again while it was worked on"] += 1
                continue  # this receipt deletes nothing
            if isinstance(ended.error, Crash) and not message.is_deleted:
                self.on_abandoned(message.visible_at_us)
            if message.id in kept or self.strikes("deletion lost"):
                self._poll_after(queue, max(0, message.visible_at_us - self._scheduler.now_us))
            else:
                message.is_deleted = True
        self._poll_if_any_waits(queue)

    def _failed(self, queue: Queue, batch: list[Record], ended: Invocation) -> set[str]:
        """Ids that stay in the queue, by the rules of ReportBatchItemFailures."""
        everything = {message.id for message in batch}
        if ended.error is not None:
            return everything
        try:
            failed = {item["itemIdentifier"] for item in ended.result["batchItemFailures"]}
        except (KeyError, TypeError):
            return everything
        if not failed <= everything:
            self._scheduler.fail(f"{queue.name} has failures that were not in the batch")
            return everything
        if 0 < len(failed) < len(everything):
            self._seen["queue batch failed in part"] += 1
        return failed


def _longest(batch: list[Record]) -> Hops:
    """The longest chain that a batch goes on with."""
    chains = (message.hops for message in batch)
    return max(chains, key=lambda hops: max(hops.values(), default=0), default={})


def _event_record(queue: Queue, message: Record) -> dict[str, Any]:
    attributes = {
        "ApproximateReceiveCount": str(message.receive_count),
        "SentTimestamp": str(message.sent_at_us // 1_000),
    }
    if queue.is_fifo:
        attributes["MessageGroupId"] = message.group
    return {
        "messageId": message.id,
        "receiptHandle": message.receipt,
        "body": message.body,
        "attributes": attributes,
    }
