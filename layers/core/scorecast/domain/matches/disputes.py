"""Disputes: raised by participants or officials, resolved by officials, independent of the match's
state."""

from collections.abc import Iterable
from dataclasses import replace

from scorecast.domain.matches.changes import Change, Occasion, changed
from scorecast.domain.matches.match import Dispute, Disputes, Match, Resolution
from scorecast.protocol.commands import DisputeCreate, DisputeResolve
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.limits import DISPUTES_MAX
from scorecast.protocol.match_events import DisputeCreatedFields, DisputeResolvedFields
from scorecast.protocol.snapshots import DisputeState, MatchDisputes


def opening(command: DisputeCreate, match: Match, occasion: Occasion) -> Change | Rejection:
    stored = match.disputes
    if occasion.user_id in stored.open.values():
        return Rejection(Code.FORBIDDEN, "You have an open dispute about this match.")
    if stored.count >= DISPUTES_MAX:
        return Rejection(Code.FORBIDDEN, f"A match has at most {DISPUTES_MAX} disputes.")
    dispute_id = dispute_id_of(occasion.command_id)
    disputes = Disputes(count=stored.count + 1, open={**stored.open, dispute_id: occasion.user_id})
    data: DisputeCreatedFields = {
        "dispute_id": dispute_id,
        "initiated_by": occasion.user_id,
        "status": "open",
        "open_disputes": len(disputes.open),
    }
    dispute = Dispute(
        id=dispute_id,
        initiated_by=occasion.user_id,
        reason=command.reason,
        created_at_ms=occasion.now_ms,
    )
    asked = changed(match, "dispute_created", data, match.state)
    return replace(asked, disputes=disputes, dispute=dispute)


def resolving(command: DisputeResolve, match: Match, occasion: Occasion) -> Change | Rejection:
    stored = match.disputes
    if command.dispute_id not in stored.open:
        return Rejection(Code.NOT_FOUND, "This match has no such open dispute.")
    still_open = {id: by for id, by in stored.open.items() if id != command.dispute_id}
    data: DisputeResolvedFields = {
        "dispute_id": command.dispute_id,
        "resolution": command.resolution,
        "resolved_by": occasion.user_id,
        "open_disputes": len(still_open),
    }
    resolution = Resolution(
        dispute_id=command.dispute_id,
        resolution=command.resolution,
        note=command.note,
        resolved_by=occasion.user_id,
        resolved_at_ms=occasion.now_ms,
    )
    asked = changed(match, "dispute_resolved", data, match.state)
    return replace(asked, disputes=replace(stored, open=still_open), dispute=resolution)


def dispute_id_of(command_id: str) -> str:
    """API Gateway's id of the command, in the characters of ids: it is base64 there."""
    return command_id.rstrip("=").replace("+", "-").replace("/", "_")


def match_disputes(match_id: str, disputes: Iterable[Dispute]) -> MatchDisputes:
    """All disputes of a match with their texts, oldest first."""
    in_order = sorted(disputes, key=lambda dispute: (dispute.created_at_ms, dispute.id))
    return {"match_id": match_id, "disputes": [_dispute_state(each) for each in in_order]}


def _dispute_state(dispute: Dispute) -> DisputeState:
    resolution = dispute.resolution
    return {
        "dispute_id": dispute.id,
        "initiated_by": dispute.initiated_by,
        "reason": dispute.reason,
        "created_at": dispute.created_at_ms,
        "status": "open" if resolution is None else "resolved",
        "resolution": resolution.resolution if resolution else None,
        "note": resolution.note if resolution else None,
        "resolved_by": resolution.resolved_by if resolution else None,
        "resolved_at": resolution.resolved_at_ms if resolution else None,
    }
