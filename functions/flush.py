"""The queue of ticks: close due windows, number what they hold, tell the rooms."""

from typing import Any

from scorecast.aws import batch, outbox, settings, wiring
from scorecast.fifo import Record


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    emission = wiring.emission(wiring.settings(settings.Flush))

    def work(record: Record) -> None:
        emission.work_off(outbox.match_of(record), tick=record.message_id)

    return batch.work_off(outbox.records(event), work, wiring.pool())
