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
class Parcel:
    """A frame, the connections it is for, and their share of the account's posts per second."""

    frame: str
    connection_ids: Sequence[str]
    posts_per_second: float


@dataclass(frozen=True, slots=True)
class Relay:
    queue_url: str
    client: "SQSClient"

    def hand_over(self, parcel: Parcel, *, lane: str, parcel_id: str) -> None:
        """`parcel_id` names the frame and the shard: handed over again, it is delivered once."""
        body = {
            "frame": parcel.frame,
            "connection_ids": list(parcel.connection_ids),
            "posts_per_second": parcel.posts_per_second,
        }
        self.client.send_message(
            QueueUrl=self.queue_url,
            MessageBody=compact(body),
            MessageGroupId=lane,
            MessageDeduplicationId=parcel_id,  # remembered per group
        )


def parcel_of(record: Record) -> Parcel:
    body = json.loads(record.body)
    return Parcel(body["frame"], body["connection_ids"], body["posts_per_second"])
