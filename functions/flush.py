"""The queue of ticks: close due windows, number what they hold, tell the rooms."""

from typing import Any

from scorecast.aws import batch, outbox, settings, wiring
from scorecast.fifo import Record


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    read = wiring.settings(settings.Flush)
    emission = wiring.emission(read)
    retry = wiring.outbox(read.tick_queue_url).retry_soon

    def work(record: Record) -> None:
        room = outbox.room_of_tick(record)
        emission.work_off(room, tick=record.message_id, is_retry=record.receives > 1)

    return batch.work_off(outbox.records(event), work, wiring.pool(), retry)
