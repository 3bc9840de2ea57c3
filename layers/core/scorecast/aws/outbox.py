"""The FIFO queue of ticks: "look at this match". The group is the match, so one `flush` has it.

A tick holds no score. What has to be told stands in the match's row, so a lost, late or repeated
tick can neither lose nor invent anything.
"""

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from scorecast.fifo import Record
from scorecast.limits import WINDOW_LEASE_MS
from scorecast.matches import MatchEvent, Window
from scorecast.plain_json import compact

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class Outbox:
    queue_url: str
    client: "SQSClient"

    def tick_for_window(self, match_id: str, window: Window, *, now_ms: int) -> None:
        """Tell `flush` that a window is open. SQS drops repeated ones, but for one per lease."""
        leases = max(0, now_ms - window.opened_at_ms) // WINDOW_LEASE_MS
        self._send(match_id, f"w{window.id}-{leases}")

    def tick_for_event(self, match_id: str, event: MatchEvent) -> None:
        self._send(match_id, f"e{event.sequence}")

    def tick_again(self, match_id: str, *, now_ms: int) -> None:
        """A tick for a match whose own tick was lost, whatever it was about."""
        self._send(match_id, f"r{now_ms // WINDOW_LEASE_MS}")

    def _send(self, match_id: str, deduplication_id: str) -> None:
        self.client.send_message(
            QueueUrl=self.queue_url,
            MessageBody=compact({"match_id": match_id}),
            MessageGroupId=match_id,
            MessageDeduplicationId=f"{match_id}-{deduplication_id}",
        )


def match_of(record: Record) -> str:
    """The match that a tick is about; ValueError for a record that is no tick."""
    body = json.loads(record.body)
    if not isinstance(body, dict) or not isinstance(body.get("match_id"), str):
        raise ValueError("no tick")
    match_id: str = body["match_id"]
    return match_id


def records(event: dict[str, Any]) -> list[Record]:
    """The records of a batch as Lambda hands it over, in its order."""
    return [
        Record(
            message_id=record["messageId"],
            body=record["body"],
            group=record.get("attributes", {}).get("MessageGroupId", record["messageId"]),
        )
        for record in event["Records"]
    ]
