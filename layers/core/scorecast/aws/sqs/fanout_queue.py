"""The FIFO queue from `flush` to `fanout`: a message for some members of a large room.

The group is a lane of the room, chosen by a hash of the connection id, so that each member gets
its messages in the order in which they were sent.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from scorecast.aws.sqs.records import Record, correlated
from scorecast.domain.publication import Posted
from scorecast.protocol.strict_json import compact

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True, kw_only=True)
class FanoutBatch:
    """A message, some members of a room, and the pace at which they are posted to."""

    posted: Posted
    room_key: str
    connection_ids: Sequence[str]
    posts_per_second: float


@dataclass(frozen=True, slots=True)
class FanoutQueue:
    queue_url: str
    client: "SQSClient"

    def send(self, batch: FanoutBatch, *, lane: str, batch_id: str) -> None:
        """`batch_id` identifies the message and the members: if it is sent twice, it is delivered
        once."""
        self.client.send_message(
            QueueUrl=self.queue_url,
            MessageBody=compact(asdict(batch)),
            MessageAttributes=correlated(),
            MessageGroupId=lane,
            MessageDeduplicationId=batch_id,  # remembered per group
        )


def batch_of(record: Record) -> FanoutBatch:
    """The batch in a record; KeyError, TypeError or ValueError for a record that holds none."""
    body = json.loads(record.body)
    return FanoutBatch(**body | {"posted": Posted(**body["posted"])})
