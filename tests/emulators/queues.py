"""SQS twice: the simulator's model and MiniStack, both with the same few verbs."""

from dataclasses import dataclass
from itertools import count
from typing import Any, Final, Protocol

from tests.emulators.ministack import Cloud
from tests.simulation.exhaustive.interleaver import Steady
from tests.simulation.scheduler import Invocation, Scheduler
from tests.simulation.sqs import Queue, Queues

LONG_S: Final = 600
RECEIVES_MAX: Final = 3
_numbers = count(1)


@dataclass(frozen=True, slots=True)
class Received:
    body: str
    group: str
    receives: int
    receipt: str


class Box(Protocol):
    """One FIFO queue with a dead-letter queue."""

    def send(self, body: str, group: str, deduplication_id: str) -> None: ...
    def receive(self) -> list[Received]: ...
    def delete(self, receipt: str) -> bool: ...
    def show_again(self, receipt: str) -> bool: ...
    def dead(self) -> list[str]: ...


class ModelBox:
    def __init__(self) -> None:
        self.scheduler = Scheduler(Steady(0))
        self._queues = Queues(self.scheduler)
        self._batch: dict[str, Any] = {"Records": []}
        self._queue = Queue("box", True, RECEIVES_MAX, self._take, visibility_us=LONG_S * 1_000_000)
        self._queues.add("box", self._queue)

    def _take(self, event: dict[str, Any], _on_end: Any, _hops: Any) -> bool:
        self._batch = event
        return True

    def send(self, body: str, group: str, deduplication_id: str) -> None:
        self._queues.send(
            {
                "QueueUrl": "box",
                "MessageBody": body,
                "MessageGroupId": group,
                "MessageDeduplicationId": deduplication_id,
            }
        )

    def receive(self) -> list[Received]:
        self._batch = {"Records": []}
        available = self._queues._available(self._queue)
        self._queues._deliver(self._queue, available[:10])
        return [
            Received(
                record["body"],
                record["attributes"]["MessageGroupId"],
                int(record["attributes"]["ApproximateReceiveCount"]),
                record["receiptHandle"],
            )
            for record in self._batch["Records"]
        ]

    def delete(self, receipt: str) -> bool:
        """As an invocation that ends well has its records deleted."""
        for message in self._queue.messages:
            if message.receipt == receipt and not message.is_deleted:
                ended = _ended_well()
                self._queues._settle(self._queue, [message], [receipt], ended)
                return True
        return False

    def show_again(self, receipt: str) -> bool:
        request = {"QueueUrl": "box", "ReceiptHandle": receipt, "VisibilityTimeout": 0}
        self._queues.apply("ChangeMessageVisibility", request)
        return any(message.receipt == receipt for message in self._queue.messages)

    def size(self) -> int:
        return sum(not message.is_deleted for message in self._queue.messages)

    def dead(self) -> list[str]:
        return [message.body for message in self._queue.dead_letters]


def _ended_well() -> Invocation:
    ended = Invocation("test", deadline_us=0, skew_us=0, priority=0, on_end=lambda _: None)
    ended.result = {"batchItemFailures": []}
    return ended


class MiniStackBox:
    def __init__(self, cloud: Cloud, *, visibility_s: int = LONG_S) -> None:
        self._cloud = cloud
        number = next(_numbers)
        self.dead_url = self._create(f"dead-{number}.fifo", {})
        arn = f"arn:aws:sqs:us-east-1:000000000000:dead-{number}.fifo"
        redrive = f'{{"deadLetterTargetArn":"{arn}","maxReceiveCount":"{RECEIVES_MAX}"}}'
        attributes = {"RedrivePolicy": redrive, "VisibilityTimeout": str(visibility_s)}
        attributes |= {"DeduplicationScope": "messageGroup"}
        attributes |= {"FifoThroughputLimit": "perMessageGroupId"}
        self.url = self._create(f"box-{number}.fifo", attributes)

    def _create(self, name: str, attributes: dict[str, str]) -> str:
        request = {"QueueName": name, "Attributes": {"FifoQueue": "true"} | attributes}
        status, body = self.ask("CreateQueue", request)
        assert status == 200, body
        return str(body["QueueUrl"])

    def ask(self, operation: str, request: dict[str, Any]) -> tuple[int, Any]:
        return self._cloud.ask("sqs", operation, request)

    def send(self, body: str, group: str, deduplication_id: str) -> None:
        status, published = self.ask(
            "SendMessage",
            {
                "QueueUrl": self.url,
                "MessageBody": body,
                "MessageGroupId": group,
                "MessageDeduplicationId": deduplication_id,
            },
        )
        assert status == 200, published

    def receive(self, url: str = "") -> list[Received]:
        request = {
            "QueueUrl": url or self.url,
            "MaxNumberOfMessages": 10,
            "AttributeNames": ["All"],
            "WaitTimeSeconds": 0,
        }
        _, published = self.ask("ReceiveMessage", request)
        return [
            Received(
                message["Body"],
                message["Attributes"]["MessageGroupId"],
                int(message["Attributes"]["ApproximateReceiveCount"]),
                message["ReceiptHandle"],
            )
            for message in published.get("Messages", [])
        ]

    def delete(self, receipt: str) -> bool:
        status, _ = self.ask("DeleteMessage", {"QueueUrl": self.url, "ReceiptHandle": receipt})
        return status == 200

    def show_again(self, receipt: str) -> bool:
        request = {"QueueUrl": self.url, "ReceiptHandle": receipt, "VisibilityTimeout": 0}
        status, _ = self.ask("ChangeMessageVisibility", request)
        return status == 200

    def dead(self) -> list[str]:
        bodies: list[str] = []
        while batch := self.receive(self.dead_url):
            for message in batch:
                bodies.append(message.body)
                gone = {"QueueUrl": self.dead_url, "ReceiptHandle": message.receipt}
                self.ask("DeleteMessage", gone)
        return bodies
