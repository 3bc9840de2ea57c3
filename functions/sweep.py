"""Every minute, and in between: idle connections, stalled matches, reposts and counters."""

from typing import Any

from scorecast.app.process_batch import process_batch
from scorecast.aws.sqs.records import Record, records
from scorecast.aws.sqs.sweep_queue import task_of
from scorecast.runtime import settings
from scorecast.runtime.telemetry import observed
from scorecast.wiring import host, queues, upkeep


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The schedule's event plans a minute; the records of the queue are its tasks."""
    own = host.settings(settings.SweepSettings)
    maintenance = upkeep.maintenance(own)
    if "Records" not in event:
        maintenance.schedule_minute()
        return {}

    def process_record(record: Record) -> None:
        maintenance.run(task_of(record.body), is_retry=record.receives > 1)

    queue = queues.record_queue(own.sweep_queue_url)
    time_left_ms = context.get_remaining_time_in_millis
    return process_batch(records(event), process_record, host.pool(), queue, time_left_ms)
