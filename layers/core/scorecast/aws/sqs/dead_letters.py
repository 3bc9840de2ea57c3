"""A dead-letter queue that a function itself puts records into."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scorecast.protocol.strict_json import compact

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class DeadLetters:
    queue_url: str
    client: "SQSClient"

    def send(self, record: Mapping[str, Any]) -> None:
        """Set a record aside, whole, so that it can be processed again once the fault is fixed."""
        self.client.send_message(QueueUrl=self.queue_url, MessageBody=compact(record))
