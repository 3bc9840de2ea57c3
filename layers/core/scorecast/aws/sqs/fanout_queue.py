"""The FIFO queue from `flush` to `fanout`: one frame for some members of a large room.

The group is the lane of the members' shard, so they get frames in the order in which they were
handed over.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecast.aws.sqs.records import Record
from scorecast.protocol.strict_json import compact

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class FanoutBatch:
    """A frame, the connections it is for, and their share of the account's posts per second."""

    message: str
    connection_ids: Sequence[str]
    posts_per_second: float


@dataclass(frozen=True, slots=True)
class FanoutQueue:
    queue_url: str
    client: "SQSClient"

    def send(self, batch: FanoutBatch, *, lane: str, batch_id: str) -> None:
        """`parcel_id` names the frame and the shard: handed over again, it is delivered once."""
        body = {
            "frame": batch.message,
            "connection_ids": list(batch.connection_ids),
            "posts_per_second": batch.posts_per_second,
        }
        self.client.send_message(
            QueueUrl=self.queue_url,
            MessageBody=compact(body),
            MessageGroupId=lane,
            MessageDeduplicationId=batch_id,  # remembered per group
        )


def batch_of(record: Record) -> FanoutBatch:
    body = json.loads(record.body)
    return FanoutBatch(body["frame"], body["connection_ids"], body["posts_per_second"])
