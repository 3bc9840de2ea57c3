"""Disputes as items of the matches table, and back. Pure."""

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.match_keys import dispute_sk, match_pk
from scorecast.domain.matches.match import Dispute, Resolution


def dispute_row(match_id: str, dispute: Dispute) -> Item:
    """A dispute as it is opened."""
    return {
        "pk": match_pk(match_id),
        "sk": dispute_sk(dispute.id),
        "initiated_by": dispute.initiated_by,
        "reason": dispute.reason,
        "created_at_ms": dispute.created_at_ms,
    }


def dispute_from(row: Item) -> Dispute:
    return Dispute(
        id=row["sk"].removeprefix("D#"),
        initiated_by=row["initiated_by"],
        reason=row["reason"],
        created_at_ms=row["created_at_ms"],
        resolution=_resolution(row) if "resolution" in row else None,
    )


def _resolution(row: Item) -> Resolution:
    return Resolution(
        dispute_id=row["sk"].removeprefix("D#"),
        resolution=row["resolution"],
        note=row.get("note"),
        resolved_by=row["resolved_by"],
        resolved_at_ms=row["resolved_at_ms"],
    )
