"""Records of a table's stream: each write of an item once or more, in the item's order."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scorecast.aws.dynamodb.items import Item, from_item


@dataclass(frozen=True, slots=True)
class Change:
    """An item before and after a write; None before the first."""

    old: Item | None
    new: Item


@dataclass(frozen=True, slots=True)
class StreamRecord:
    """One record, unparsed."""

    sequence_number: str
    raw: Mapping[str, Any]

    def change(self) -> Change:
        images = self.raw["dynamodb"]
        old = from_item(images["OldImage"]) if "OldImage" in images else None
        return Change(old, from_item(images["NewImage"]))


def records(event: Mapping[str, Any]) -> list[StreamRecord]:
    """The records of a batch as Lambda hands it over, in its order."""
    return [
        StreamRecord(record["dynamodb"]["SequenceNumber"], record) for record in event["Records"]
    ]


def stream_response(failed: str | None) -> dict[str, list[dict[str, str]]]:
    """Lambda delivers the batch again from the record with this number on."""
    return {"batchItemFailures": [] if failed is None else [{"itemIdentifier": failed}]}
