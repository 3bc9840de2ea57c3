"""The queue of parcels: post one frame to some members of a large room."""

from typing import Any

from scorecast import wiring
from scorecast.app import process_batch
from scorecast.aws.sqs import fanout_queue, flush_queue
from scorecast.aws.sqs.records import Record
from scorecast.runtime import settings


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    read = wiring.settings(settings.Fanout)
    posting = wiring.posting(read.matches_table, read.gateway_endpoint, read.sweep_queue_url)

    def work(record: Record) -> None:
        parcel = fanout_queue.parcel_of(record)
        posting.post(
            parcel.connection_ids,
            parcel.frame.encode(),
            posts_per_second=parcel.posts_per_second,
        )

    return process_batch.work_off(flush_queue.records(event), work, wiring.pool())
