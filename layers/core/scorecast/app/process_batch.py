"""Process an SQS batch: message groups in parallel, records within a group in order."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import Any

from scorecast.aws.sqs.records import Record, batch_response, from_first_failure, groups
from scorecast.runtime.telemetry import correlate, failed, log

type ProcessRecord = Callable[[Record], None]
type Retry = Callable[[Iterable[Record]], None]


def process_batch(
    records: Iterable[Record],
    process_record: ProcessRecord,
    pool: Executor,
    retry: Retry | None = None,
) -> dict[str, Any]:
    """Lambda's batch response. A failed record stops its own group and no other.

    `retry` gets the records that SQS will deliver again.
    """
    log()  # Import Powertools before the pool starts: two threads that meet there would both fail.
    by_group = list(groups(records).values())
    unprocessed = [
        record
        for rest in pool.map(lambda group: _process_group(group, process_record), by_group)
        for record in rest
    ]
    if unprocessed and retry is not None:
        retry(unprocessed)
    return batch_response([record.message_id for record in unprocessed])


def _process_group(group: list[Record], process_record: ProcessRecord) -> list[Record]:
    """Process until the first failure; the failed record and those after it."""
    for record in group:
        correlate(record.correlation_id)
        try:
            process_record(record)
        except Exception as error:
            failed("record failed", error, message_id=record.message_id)
            return from_first_failure(group, record)
    return []
