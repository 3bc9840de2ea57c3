"""The FIFO queue from `flush` to `fanout`: one message for some members of a large room.

The group is the lane of the members' shard, so they get messages in the order of publication.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecast.aws.sqs.records import Record, correlated
from scorecast.protocol.strict_json import compact

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class FanoutBatch:
    """A message, the connections it is for, and their share of the account's posts per second."""

    message: str
    connection_ids: Sequence[str]
    posts_per_second: float


@dataclass(frozen=True, slots=True)
class FanoutQueue:
    queue_url: str
    client: "SQSClient"

    def send(self, batch: FanoutBatch, *, lane: str, batch_id: str) -> None:
        """`batch_id` names message and shard: a batch that is sent again is delivered once."""
        body = {
            "message": batch.message,
            "connection_ids": list(batch.connection_ids),
            "posts_per_second": batch.posts_per_second,
        }
        self.client.send_message(
            QueueUrl=self.queue_url,
            MessageBody=compact(body),
            MessageAttributes=correlated(),
            MessageGroupId=lane,
            MessageDeduplicationId=batch_id,  # remembered per group
        )


def batch_of(record: Record) -> FanoutBatch:
    body = json.loads(record.body)
    return FanoutBatch(body["message"], body["connection_ids"], body["posts_per_second"])
