"""The queue of parcels: post one frame to some members of a large room."""

from typing import Any

from scorecast.aws import batch, outbox, relay, settings, wiring
from scorecast.fifo import Record


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    read = wiring.settings(settings.Fanout)
    posting = wiring.posting(read.matches_table, read.gateway_endpoint, read.sweep_queue_url)

    def work(record: Record) -> None:
        parcel = relay.parcel_of(record)
        posting.post(
            parcel.connection_ids,
            parcel.frame.encode(),
            posts_per_second=parcel.posts_per_second,
        )

    return batch.work_off(outbox.records(event), work, wiring.pool())
