"""One lane of a large room: its pending messages are posted in order, combined where possible."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scorecast.app.post import Poster
from scorecast.aws.sqs.fanout_queue import FanoutBatch, batch_of
from scorecast.aws.sqs.records import Record, RecordQueue
from scorecast.domain.publication import by_recipients, portions
from scorecast.domain.rooms import room_from_key
from scorecast.protocol.limits import RECORD_MS_MAX
from scorecast.runtime.telemetry import failed


@dataclass(frozen=True, slots=True)
class Lane:
    poster: Poster
    queue: RecordQueue
    time_left_ms: Callable[[], int]

    def process(self, records: list[Record]) -> list[Record]:
        """Post what the records of one lane hold. All of them come again if that fails.

        A message that is posted twice is dropped by its number.
        """
        try:
            self.post([batch_of(record) for record in records])
        except Exception as error:
            failed("lane failed", error, message_id=records[0].message_id)
            return records
        for record in records:
            # If Lambda's own deletion is lost, the lane would be locked for the queue's time-out.
            self.queue.settle(record)
        return []

    def post(self, batches: Sequence[FanoutBatch]) -> None:
        """Post the batches of one lane, oldest first, at its pace. All are of one room."""
        last = batches[-1]
        for posts, connection_ids in by_recipients(
            [(batch.posted, batch.connection_ids) for batch in batches]
        ):
            for portion in portions(posts):
                if self.time_left_ms() < RECORD_MS_MAX:
                    raise TimeoutError
                self.poster.post(
                    connection_ids,
                    portion,
                    room=room_from_key(last.room_key),
                    posts_per_second=last.posts_per_second,
                )
