"""Every minute, and in between: maintenance of idle connections, stalled matches and counters."""

from typing import Any

from scorecast import wiring
from scorecast.app.process_batch import process_batch
from scorecast.aws.sqs import sweep_queue
from scorecast.aws.sqs.records import Record, records
from scorecast.runtime import settings
from scorecast.runtime.telemetry import observed


@observed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The schedule's event queues a minute's tasks; the queue's records are those tasks."""
    maintenance = wiring.maintenance(wiring.settings(settings.SweepSettings))
    if "Records" not in event:
        maintenance.schedule_minute()
        return {}

    def process_record(record: Record) -> None:
        maintenance.run(sweep_queue.task_of(record), is_retry=record.receives > 1)

    return process_batch(records(event), process_record, wiring.pool())
