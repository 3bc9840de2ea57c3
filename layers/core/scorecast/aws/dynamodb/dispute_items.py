"""Disputes as items of the matches table, and back. Pure."""

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.match_keys import dispute_sk, match_pk
from scorecast.domain.matches.match import Dispute, Resolution


def dispute_item(match_id: str, dispute: Dispute) -> Item:
    """A dispute as it is opened."""
    return {
        "pk": match_pk(match_id),
        "sk": dispute_sk(dispute.id),
        "initiated_by": dispute.initiated_by,
        "reason": dispute.reason,
        "created_at_ms": dispute.created_at_ms,
    }


def dispute_from(item: Item) -> Dispute:
    return Dispute(
        id=item["sk"].removeprefix("D#"),
        initiated_by=item["initiated_by"],
        reason=item["reason"],
        created_at_ms=item["created_at_ms"],
        resolution=_resolution(item) if "resolution" in item else None,
    )


def _resolution(item: Item) -> Resolution:
    return Resolution(
        dispute_id=item["sk"].removeprefix("D#"),
        resolution=item["resolution"],
        note=item.get("note"),
        resolved_by=item["resolved_by"],
        resolved_at_ms=item["resolved_at_ms"],
    )
