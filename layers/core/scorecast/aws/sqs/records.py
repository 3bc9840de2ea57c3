"""SQS records: sent with their correlation id, received, settled, and returned."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.protocol.limits import RECORD_RETRY_SECONDS, RECORD_RETRY_SECONDS_LATER
from scorecast.runtime.telemetry import correlation_id, log

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient

_CORRELATION: Final = "correlation_id"


@dataclass(frozen=True, slots=True)
class Record:
    """One SQS record, unparsed.

    `receives` counts its deliveries, this one among them; `correlation_id` names the request that
    led to it.
    """

    message_id: str
    body: str
    group: str = ""
    receipt: str = ""
    receives: int = 1
    correlation_id: str = ""

    @property
    def is_fifo(self) -> bool:
        """Whether others of its group wait until it is deleted."""
        return self.group != self.message_id


@dataclass(frozen=True, slots=True)
class RecordQueue:
    """The queue that a function's records come from.

    Both methods are best effort: without them a record waits for the batch, or for the queue's
    visibility time-out.
    """

    url: str
    client: "SQSClient"

    def settle(self, record: Record) -> None:
        """Delete a record that is done, so that its group is unlocked."""
        try:
            self.client.delete_message(QueueUrl=self.url, ReceiptHandle=record.receipt)
        except (BotoCoreError, ClientError) as error:
            _log("record not settled", error)

    def return_soon(self, records: Iterable[Record]) -> None:
        """Make records visible again within seconds."""
        for record in records:
            try:
                self.client.change_message_visibility(
                    QueueUrl=self.url,
                    ReceiptHandle=record.receipt,
                    VisibilityTimeout=retry_seconds(record.receives),
                )
            except (BotoCoreError, ClientError) as error:
                _log("record not returned soon", error)


def _log(message: str, error: Exception) -> None:
    log().warning(message, extra={"error": type(error).__name__})


def retry_seconds(receives: int) -> int:
    """A short time after the first failure, a longer one after the second, since an outage may
    last."""
    return RECORD_RETRY_SECONDS if receives <= 1 else RECORD_RETRY_SECONDS_LATER


def records(event: Mapping[str, Any]) -> list[Record]:
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


def _correlation_id(record: Mapping[str, Any]) -> str:
    """For a message that was sent without a correlation id, its own id."""
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
    """The response that Lambda's event source mapping expects (ReportBatchItemFailures)."""
    return {"batchItemFailures": [{"itemIdentifier": message_id} for message_id in failed]}


def from_first_failure(group: list[Record], failed: Record) -> list[Record]:
    """The failed record of a group and all after it: they must not overtake it."""
    return group[group.index(failed) :]
