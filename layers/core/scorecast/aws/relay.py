"""The FIFO queue from `flush` to `fanout`: one frame for one shard of a large room.

The group is the shard, so its members get frames in the order in which they were handed over.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecast.fifo import Record
from scorecast.plain_json import compact
from scorecast.rooms import Room, room_from_key

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class Parcel:
    """A frame for a shard of a room, but not for who is in the rooms before it as well."""

    room: Room
    shard: int
    others: tuple[Room, ...]
    frame: str


@dataclass(frozen=True, slots=True)
class Relay:
    queue_url: str
    client: "SQSClient"

    def hand_over(self, parcel: Parcel, *, frame_id: str) -> None:
        """`frame_id` names the frame: handed over again within minutes, it is delivered once."""
        body = {
            "room": parcel.room.key,
            "shard": parcel.shard,
            "others": [room.key for room in parcel.others],
            "frame": parcel.frame,
        }
        group = f"{parcel.room.key}-{parcel.shard}"
        self.client.send_message(
            QueueUrl=self.queue_url,
            MessageBody=compact(body),
            MessageGroupId=group,
            MessageDeduplicationId=frame_id,  # remembered per group
        )


def parcel_of(record: Record) -> Parcel:
    body = json.loads(record.body)
    others = tuple(map(room_from_key, body["others"]))
    return Parcel(room_from_key(body["room"]), body["shard"], others, body["frame"])
