"""Every minute, and in between: look after quiet connections, lost ticks and counters."""

from typing import Any

from scorecast.aws import batch, outbox, rota, settings, wiring
from scorecast.fifo import Record


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """The schedule's event plans a minute; records of the rota are worked off."""
    chores = wiring.chores(wiring.settings(settings.Sweep))
    if "Records" not in event:
        chores.plan_minute()
        return {}

    def work(record: Record) -> None:
        chores.do(rota.chore_of(record), is_retry=record.receives > 1)

    return batch.work_off(outbox.records(event), work, wiring.pool())
