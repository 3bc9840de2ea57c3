"""The queue of welcomes: greet connections that have opened, in the room their URL asked for."""

from typing import Any

from scorecast.aws import batch, outbox, settings, welcomes, wiring
from scorecast.fifo import Record


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    reception = wiring.reception(wiring.settings(settings.Welcome))

    def work(record: Record) -> None:
        reception.greet(welcomes.greeting_of(record))

    return batch.work_off(outbox.records(event), work, wiring.pool())
