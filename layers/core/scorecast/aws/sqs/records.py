"""Which records of a FIFO batch SQS must deliver again."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Record:
    """One SQS record: a tick or a welcome, unparsed."""

    message_id: str
    body: str
    group: str = ""
    receipt: str = ""
    receives: int = 1


def records(event: dict[str, Any]) -> list[Record]:
    """The records of a batch as Lambda hands it over, in its order."""
    return [
        Record(
            message_id=record["messageId"],
            body=record["body"],
            receipt=record.get("receiptHandle", ""),
            receives=int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)),
            group=record.get("attributes", {}).get("MessageGroupId", record["messageId"]),
        )
        for record in event["Records"]
    ]


def groups(records: Iterable[Record]) -> Mapping[str, list[Record]]:
    """Records by group, each group in the order of the batch."""
    grouped: dict[str, list[Record]] = {}
    for record in records:
        grouped.setdefault(record.group, []).append(record)
    return grouped


def batch_response(failed: Collection[str]) -> dict[str, list[dict[str, str]]]:
    """What Lambda's event source mapping wants to hear (ReportBatchItemFailures)."""
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def from_first_failure(group: list[Record], failed: Record) -> list[Record]:
    """The failed record of a group and all after it: they must not overtake it."""
    return group[group.index(failed) :]
