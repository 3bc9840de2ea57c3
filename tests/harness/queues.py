"""SQS as AWS describes it, and Lambda reading from it.

A FIFO queue hands out a group's messages in order, and none while one of them is in flight. A
repeated deduplication id is swallowed for five minutes. What an invocation did not finish comes
again when its visibility is over, and goes to the dead letters when it came too often.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.harness.timeline import Timeline

type Lambda = Callable[[dict[str, Any]], dict[str, Any] | None]

DEDUPLICATION_US: Final = 300_000_000


@dataclass(eq=False, slots=True)
class Message:
    id: str
    body: str
    group: str
    visible_at_us: int
    receives: int = 0
    attributes: dict[str, Any] = field(default_factory=dict)

    def record(self) -> dict[str, Any]:
        attributes = {"ApproximateReceiveCount": str(self.receives), "MessageGroupId": self.group}
        return {
            "messageId": self.id,
            "receiptHandle": self.id,
            "body": self.body,
            "attributes": attributes,
            "messageAttributes": {
                name: {"stringValue": value["StringValue"], "dataType": value["DataType"]}
                for name, value in self.attributes.items()
            },
        }


@dataclass(eq=False)
class Queue:
    """One queue and its function. While it is held back, nothing is delivered."""

    name: str
    timeline: Timeline
    function: Lambda
    is_fifo: bool
    visibility_s: int = 90
    receives_max: int = 3
    batch_max: int = 10
    is_held: bool = False
    latency_ms: float = 0
    messages: list[Message] = field(default_factory=list)
    dead: list[Message] = field(default_factory=list)
    sent: list[dict[str, Any]] = field(default_factory=list)
    delivered: list[list[str]] = field(default_factory=list)
    """Ids of the messages of each invocation."""
    _sent_at_us: dict[tuple[str, str], int] = field(default_factory=dict)

    def send(self, request: dict[str, Any]) -> None:
        now_us = self.timeline.now_us()
        self.sent.append(request)
        number = len(self.sent)
        group = request.get("MessageGroupId", f"{self.name}-{number}")
        if self.is_fifo:
            known = (group, request["MessageDeduplicationId"])
            if now_us - self._sent_at_us.get(known, -DEDUPLICATION_US) < DEDUPLICATION_US:
                return
            self._sent_at_us[known] = now_us
        delay_ms = request.get("DelaySeconds", 0) * 1_000
        body, visible_at_us = request["MessageBody"], now_us + delay_ms * 1_000
        attributes = request.get("MessageAttributes", {})
        self.messages.append(
            Message(f"{self.name}-{number}", body, group, visible_at_us, attributes=attributes)
        )
        self.look(delay_ms)

    def note(self) -> Callable[[], None]:
        """Note what it holds; what this returns makes it hold that again, from the same time."""
        messages, sent_at_us = [replace(message) for message in self.messages], self._sent_at_us
        is_held, known = self.is_held, dict(sent_at_us)

        def restore() -> None:
            for kept in (self.dead, self.sent, self.delivered):
                kept.clear()
            self.messages = [replace(message) for message in messages]
            self._sent_at_us, self.is_held = dict(known), is_held

        return restore

    def look(self, delay_ms: float = 0) -> None:
        self.timeline.start(self.deliver, delay_ms=delay_ms + self.latency_ms)

    def hand_out(self) -> None:
        """Deliver again, after it was held back."""
        self.is_held = False
        self.look()

    def deliver(self) -> None:
        """One batch, if there is something to hand out."""
        batch = [] if self.is_held else self._available()[: self.batch_max]
        if not batch:
            return
        if len(self._available()) > len(batch):
            self.look()
        for message in batch:
            message.receives += 1
            message.visible_at_us = self.timeline.now_us() + self.visibility_s * 1_000_000
        self.delivered.append([message.id for message in batch])
        response = self.function({"Records": [message.record() for message in batch]})
        self._settle(batch, response)

    def _settle(self, batch: list[Message], response: dict[str, Any] | None) -> None:
        """`response` None: the function died, and everything comes again."""
        everything = [{"itemIdentifier": message.id} for message in batch]
        failures = everything if response is None else response["batchItemFailures"]
        failed = {failure["itemIdentifier"] for failure in failures}
        for message in batch:
            if message.id not in failed and message in self.messages:
                self.messages.remove(message)
        now_us = self.timeline.now_us()
        for message in self.messages:
            self.look(max(0, message.visible_at_us - now_us) / 1_000)

    def _available(self) -> list[Message]:
        now_us = self.timeline.now_us()
        locked: set[str] = set()
        available = []
        for message in list(self.messages):
            if message.visible_at_us > now_us:
                locked.add(message.group if self.is_fifo else message.id)
            elif message.group not in locked:
                if message.receives == self.receives_max:
                    self.messages.remove(message)
                    self.dead.append(message)
                    continue
                available.append(message)
        return available

    def make_visible_after(self, message_id: str, seconds: int) -> None:
        for message in self.messages:
            if message.id == message_id:
                message.visible_at_us = self.timeline.now_us() + seconds * 1_000_000

    def delete(self, message_id: str) -> None:
        self.messages = [message for message in self.messages if message.id != message_id]
