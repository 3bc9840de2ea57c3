"""The flush queue: close due windows, number what they hold, publish it to the rooms."""

from typing import Any

from scorecast import wiring
from scorecast.app.process_batch import process_batch
from scorecast.aws.sqs.flush_queue import room_of_request
from scorecast.aws.sqs.records import Record, records
from scorecast.runtime import settings
from scorecast.runtime.telemetry import observed


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    own = wiring.host.settings(settings.FlushSettings)
    flush = wiring.delivery.flush(own)

    def process_record(record: Record) -> None:
        room = room_of_request(record)
        flush.run(room, request_id=record.message_id)

    queue = wiring.queues.record_queue(own.flush_queue_url)
    time_left_ms = context.get_remaining_time_in_millis
    return process_batch(records(event), process_record, wiring.host.pool(), queue, time_left_ms)
