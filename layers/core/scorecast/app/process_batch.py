"""Working off an SQS batch: groups side by side, each group in order."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import Any

from scorecast.aws.sqs.records import Record, batch_response, from_first_failure, groups
from scorecast.runtime.telemetry import failed

type Work = Callable[[Record], None]
type Retry = Callable[[Iterable[Record]], None]


def process_batch(
    records: Iterable[Record], work: Work, pool: Executor, retry: Retry | None = None
) -> dict[str, Any]:
    """Lambda's batch response. A failed record stops its own group and no other.

    `retry` is told of the records that are to come again.
    """
    by_group = list(groups(records).values())
    left = [
        each
        for of_group in pool.map(lambda group: _process_group(group, work), by_group)
        for each in of_group
    ]
    if left and retry is not None:
        retry(left)
    return batch_response([record.message_id for record in left])


def _process_group(group: list[Record], work: Work) -> list[Record]:
    """What is left of a group after its first failure, the failed record first."""
    for record in group:
        try:
            work(record)
        except Exception as error:
            failed("record failed", error, message_id=record.message_id)
            return from_first_failure(group, record)
    return []
