"""Every minute, and in between: look after quiet connections, lost ticks and counters."""

from typing import Any

from scorecast import wiring
from scorecast.app import process_batch
from scorecast.aws.sqs import flush_queue, sweep_queue
from scorecast.aws.sqs.records import Record
from scorecast.runtime import settings


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The schedule's event plans a minute; records of the rota are worked off."""
    maintenance = wiring.maintenance(wiring.settings(settings.SweepSettings))
    if "Records" not in event:
        maintenance.schedule_minute()
        return {}

    def work(record: Record) -> None:
        maintenance.run(sweep_queue.task_of(record), is_retry=record.receives > 1)

    return process_batch.process_batch(flush_queue.records(event), work, wiring.pool())
