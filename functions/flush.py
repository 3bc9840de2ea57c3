"""The flush queue: close due windows, number their scores, publish them to the rooms."""

from typing import Any

from scorecast.app.process_batch import process_batch
from scorecast.aws.sqs.flush_queue import room_of_request
from scorecast.aws.sqs.records import Record, records
from scorecast.runtime import settings
from scorecast.runtime.telemetry import observed
from scorecast.wiring import delivery, host, queues


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    own = host.settings(settings.FlushSettings)
    flush = delivery.flush(own)

    def process_record(record: Record) -> None:
        room = room_of_request(record)
        flush.run(room, request_id=record.message_id)

    queue = queues.record_queue(own.flush_queue_url)
    time_left_ms = context.get_remaining_time_in_millis
    return process_batch(records(event), process_record, host.pool(), queue, time_left_ms)
