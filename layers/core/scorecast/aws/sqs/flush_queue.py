"""The FIFO queue of flush requests. The group is the match, so one `flush` at a time has it.

A request holds no score: pending events are stored in the match item. So a lost, late or repeated
request can neither lose nor invent a score.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecast.aws.sqs.records import Record, correlated
from scorecast.domain.matches.match import LoggedEvent, Window
from scorecast.domain.rooms import Room, match_room, room_of
from scorecast.protocol.limits import WINDOW_LEASE_MS
from scorecast.protocol.strict_json import compact

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class FlushQueue:
    queue_url: str
    client: "SQSClient"

    def request_for_window(self, match_id: str, window: Window, *, now_ms: int) -> None:
        """Request a flush of an open window. SQS drops repeated requests, except for one per
        lease."""
        leases = max(0, now_ms - window.opened_at_ms) // WINDOW_LEASE_MS
        self._send(match_room(match_id), f"w{window.id}-{leases}")

    def request_for_event(self, room: Room, event: LoggedEvent) -> None:
        self._send(room, f"e{event.sequence}")

    def request_again(self, room: Room, *, now_ms: int) -> None:
        """A request that replaces a lost one. SQS drops repeated requests, except for one per
        lease."""
        self._send(room, f"r{now_ms // WINDOW_LEASE_MS}")

    def _send(self, room: Room, deduplication_id: str) -> None:
        group = room.key.replace(":", "-")
        self.client.send_message(
            QueueUrl=self.queue_url,
            MessageBody=compact({f"{room.kind}_id": room.id}),
            MessageAttributes=correlated(),
            MessageGroupId=group,
            MessageDeduplicationId=f"{group}-{deduplication_id}",
        )


def room_of_request(record: Record) -> Room:
    """The room of a match or tournament to flush; ValueError for any other record."""
    body = json.loads(record.body)
    room = room_of(body.get("match_id"), body.get("tournament_id")) if body else None
    if room is None or not isinstance(room.id, str):
        raise ValueError("not a flush request")
    return room
