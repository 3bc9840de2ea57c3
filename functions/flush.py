"""The queue of ticks: close due windows, number what they hold, tell the rooms."""

from typing import Any

from scorecast import wiring
from scorecast.app import process_batch
from scorecast.aws.sqs import flush_queue
from scorecast.aws.sqs.records import Record
from scorecast.runtime import settings


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    read = wiring.settings(settings.FlushSettings)
    flush = wiring.flush(read)
    retry = wiring.flush_queue(read.flush_queue_url).retry_soon

    def work(record: Record) -> None:
        room = flush_queue.room_of_request(record)
        flush.run(room, tick=record.message_id, is_retry=record.receives > 1)

    return process_batch.process_batch(flush_queue.records(event), work, wiring.pool(), retry)
