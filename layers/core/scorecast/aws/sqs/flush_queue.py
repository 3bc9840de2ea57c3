"""The FIFO queue of ticks: "look at this match". The group is the match, so one `flush` has it.

A tick holds no score. What has to be told stands in the match's row, so a lost, late or repeated
tick can neither lose nor invent anything.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.aws.sqs.records import Record
from scorecast.domain.matches.match import LoggedEvent, Window
from scorecast.domain.rooms import Room, match_room, room_of
from scorecast.protocol.limits import (
    FLUSH_RETRY_SECONDS,
    FLUSH_RETRY_SECONDS_LATER,
    WINDOW_LEASE_MS,
)
from scorecast.protocol.strict_json import compact
from scorecast.runtime.telemetry import log

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class FlushQueue:
    queue_url: str
    client: "SQSClient"

    def request_for_window(self, match_id: str, window: Window, *, now_ms: int) -> None:
        """Tell `flush` that a window is open. SQS drops repeated ones, but for one per lease."""
        leases = max(0, now_ms - window.opened_at_ms) // WINDOW_LEASE_MS
        self._send(match_room(match_id), f"w{window.id}-{leases}")

    def request_for_event(self, room: Room, event: LoggedEvent) -> None:
        self._send(room, f"e{event.sequence}")

    def request_again(self, room: Room, *, now_ms: int) -> None:
        """A tick for a room whose own tick was lost, whatever it was about."""
        self._send(room, f"r{now_ms // WINDOW_LEASE_MS}")

    def retry_soon(self, records: Iterable[Record]) -> None:
        """Have failed ticks delivered again soon: the queue's own time-out is minutes.

        Best effort. Without it the match waits for that time-out.
        """
        for record in records:
            try:
                self.client.change_message_visibility(
                    QueueUrl=self.queue_url,
                    ReceiptHandle=record.receipt,
                    VisibilityTimeout=retry_seconds(record.receives),
                )
            except (BotoCoreError, ClientError) as error:
                log().warning("tick not retried soon", extra={"error": type(error).__name__})

    def _send(self, room: Room, deduplication_id: str) -> None:
        group = room.key.replace(":", "-")
        self.client.send_message(
            QueueUrl=self.queue_url,
            MessageBody=compact({f"{room.kind}_id": room.id}),
            MessageGroupId=group,
            MessageDeduplicationId=f"{group}-{deduplication_id}",
        )


def room_of_request(record: Record) -> Room:
    """The match or tournament that a tick is about; ValueError for a record that is no tick."""
    body = json.loads(record.body)
    room = room_of(body.get("match_id"), body.get("tournament_id")) if body else None
    if room is None or not isinstance(room.id, str):
        raise ValueError("no tick")
    return room


def retry_seconds(receives: int) -> int:
    """A moment after the first failure, longer after the second: an outage may last."""
    return FLUSH_RETRY_SECONDS if receives <= 1 else FLUSH_RETRY_SECONDS_LATER
