"""SQS records: sent with their correlation id, received, and which of a batch come again."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from scorecast.runtime.telemetry import correlation_id

_CORRELATION: Final = "correlation_id"


@dataclass(frozen=True, slots=True)
class Record:
    """One SQS record, unparsed. `correlation_id` names the request that led to it."""

    message_id: str
    body: str
    group: str = ""
    receipt: str = ""
    receives: int = 1
    correlation_id: str = ""


def records(event: dict[str, Any]) -> list[Record]:
    """The records of a batch as Lambda hands it over, in its order."""
    return [
        Record(
            message_id=record["messageId"],
            body=record["body"],
            receipt=record.get("receiptHandle", ""),
            receives=int(record.get("attributes", {}).get("ApproximateReceiveCount", 1)),
            group=record.get("attributes", {}).get("MessageGroupId", record["messageId"]),
            correlation_id=_correlation_id(record),
        )
        for record in event["Records"]
    ]


def _correlation_id(record: dict[str, Any]) -> str:
    """Of a message that was sent without one, its own id."""
    attribute = record.get("messageAttributes", {}).get(_CORRELATION, {})
    correlation_id: str = attribute.get("stringValue", record["messageId"])
    return correlation_id


def correlated() -> dict[str, Any]:
    """The attributes of a message: the consumer logs under the id of the request that sent it."""
    if not correlation_id():
        return {}
    return {_CORRELATION: {"DataType": "String", "StringValue": correlation_id()}}


def groups(records: Iterable[Record]) -> Mapping[str, list[Record]]:
    """Records by group, each group in the order of the batch."""
    grouped: dict[str, list[Record]] = {}
    for record in records:
        grouped.setdefault(record.group, []).append(record)
    return grouped


def batch_response(failed: Collection[str]) -> dict[str, list[dict[str, str]]]:
    """What Lambda's event source mapping expects (ReportBatchItemFailures)."""
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def from_first_failure(group: list[Record], failed: Record) -> list[Record]:
    """The failed record of a group and all after it: they must not overtake it."""
    return group[group.index(failed) :]
