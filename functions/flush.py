"""The flush queue: close due windows, number what they hold, publish it to the rooms."""

from typing import Any

from scorecast import wiring
from scorecast.app.process_batch import process_batch
from scorecast.aws.sqs import flush_queue
from scorecast.aws.sqs.records import Record, records
from scorecast.runtime import settings
from scorecast.runtime.telemetry import observed


@observed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    own = wiring.settings(settings.FlushSettings)
    flush = wiring.flush(own)

    def process_record(record: Record) -> None:
        room = flush_queue.room_of_request(record)
        flush.run(room, request_id=record.message_id, is_retry=record.receives > 1)

    retry = wiring.flush_queue(own).retry_soon
    return process_batch(records(event), process_record, wiring.pool(), retry)
