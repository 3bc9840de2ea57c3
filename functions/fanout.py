"""The queue of parcels: post one frame to some members of a large room."""

from typing import Any

from scorecast import wiring
from scorecast.app import process_batch
from scorecast.aws.sqs import fanout_queue, flush_queue
from scorecast.aws.sqs.records import Record
from scorecast.runtime import settings


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    read = wiring.settings(settings.FanoutSettings)
    poster = wiring.poster(read.matches_table, read.gateway_endpoint, read.sweep_queue_url)

    def work(record: Record) -> None:
        batch = fanout_queue.batch_of(record)
        poster.post(
            batch.connection_ids,
            batch.message.encode(),
            posts_per_second=batch.posts_per_second,
        )

    return process_batch.process_batch(flush_queue.records(event), work, wiring.pool())
