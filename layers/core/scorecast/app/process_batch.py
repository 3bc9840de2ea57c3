"""Process an SQS batch: message groups in parallel, records within a group in order."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import Any

from scorecast.aws.sqs.records import (
    Record,
    RecordQueue,
    batch_response,
    from_first_failure,
    groups,
)
from scorecast.protocol.limits import RECORD_MS_MAX
from scorecast.runtime.telemetry import correlate, failed, log

type ProcessRecord = Callable[[Record], None]
type ProcessGroup = Callable[[list[Record]], list[Record]]
type TimeLeft = Callable[[], int]


def process_batch(
    records: Iterable[Record],
    process: ProcessRecord,
    pool: Executor,
    queue: RecordQueue,
    time_left_ms: TimeLeft,
) -> dict[str, Any]:
    """Lambda's batch response. A failed record stops its own group and no other.

    A processed record of a FIFO queue is deleted at once: SQS unlocks a group when its records are
    deleted, and the group must not wait for the slowest group of the batch, or for the queue's
    time-out if Lambda's own deletion is lost. Unprocessed records become visible again within
    seconds.
    """
    by_group = list(groups(records).values())

    def process_group(group: list[Record]) -> list[Record]:
        for record in group:
            if not _process_record(record, process, time_left_ms):
                return from_first_failure(group, record)
            if record.is_fifo or len(by_group) > 1:
                queue.settle(record)
        return []

    return process_groups(by_group, process_group, pool, queue)


def process_groups(
    by_group: Iterable[list[Record]], process: ProcessGroup, pool: Executor, queue: RecordQueue
) -> dict[str, Any]:
    """Process all groups in parallel; `process` returns the records that must be delivered
    again."""

    # Import Powertools before the pool starts: a concurrent first import fails in both threads.
    log()

    def process_and_return(group: list[Record]) -> list[Record]:
        correlate(group[0].correlation_id)
        left = process(group)
        queue.return_soon(left)
        return left

    left = [record for rest in pool.map(process_and_return, by_group) for record in rest]
    return batch_response([record.message_id for record in left])


def _process_record(record: Record, process: ProcessRecord, time_left_ms: TimeLeft) -> bool:
    """Process a record if enough time is left; False if it must be delivered again."""
    if time_left_ms() < RECORD_MS_MAX:
        return False
    correlate(record.correlation_id)
    try:
        process(record)
    except Exception as error:
        failed("record failed", error, message_id=record.message_id)
        return False
    return True
