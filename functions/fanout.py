"""The fan-out queue: post one message to some members of a large room."""

from typing import Any

from scorecast import wiring
from scorecast.app.process_batch import process_batch
from scorecast.aws.sqs import fanout_queue
from scorecast.aws.sqs.records import Record, records
from scorecast.runtime import settings
from scorecast.runtime.telemetry import observed


@observed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    poster = wiring.poster(wiring.settings(settings.FanoutSettings))

    def process_record(record: Record) -> None:
        batch = fanout_queue.batch_of(record)
        poster.post(
            batch.connection_ids,
            batch.message.encode(),
            posts_per_second=batch.posts_per_second,
        )

    return process_batch(records(event), process_record, wiring.pool())
