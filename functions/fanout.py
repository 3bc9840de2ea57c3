"""The queue of parcels: post one frame to one shard of a large room."""

from typing import Any

from scorecast.aws import batch, outbox, relay, settings, wiring
from scorecast.fifo import Record


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    read = wiring.settings(settings.Fanout)
    fan_out = wiring.fan_out(
        read.connections_table,
        read.matches_table,
        read.gateway_endpoint,
        read.fanout_queue_url,
        read.sweep_queue_url,
    )

    def work(record: Record) -> None:
        fan_out.deliver(relay.parcel_of(record))

    return batch.work_off(outbox.records(event), work, wiring.pool())
