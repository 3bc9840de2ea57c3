"""Working off an SQS batch: groups side by side, each group in order."""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from typing import Any

from scorecast.aws.telemetry import log
from scorecast.fifo import Record, batch_response, from_first_failure, groups

type Work = Callable[[Record], None]


def work_off(records: Iterable[Record], work: Work, pool: Executor) -> dict[str, Any]:
    """Lambda's batch response. A failed record stops its own group and no other."""
    by_group = list(groups(records).values())
    failed = pool.map(lambda group: _work_off_group(group, work), by_group)
    return batch_response([message_id for ids in failed for message_id in ids])


def _work_off_group(group: list[Record], work: Work) -> list[str]:
    for record in group:
        try:
            work(record)
        except Exception:
            log().exception("record failed", extra={"message_id": record.message_id})
            return from_first_failure(group, record.message_id)
    return []
