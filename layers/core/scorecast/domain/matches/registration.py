"""The registration of a match: which parts may change, and the event that records a change."""

from dataclasses import dataclass, replace

from scorecast.domain.matches.changes import claimed_by_event
from scorecast.domain.matches.match import LoggedEvent, Match
from scorecast.domain.matches.payloads import registered_fields, stored_state
from scorecast.protocol.errors import Code, Json, Rejection
from scorecast.protocol.states import ENDED_UNPLAYED


@dataclass(frozen=True, slots=True)
class Unchanged:
    """The match is already registered as requested: nothing is stored or published."""


@dataclass(frozen=True, slots=True)
class Registered:
    """The match as it is to be stored, and the event that records it."""

    match: Match
    event: LoggedEvent


def has_begun(match: Match) -> bool:
    """A start that was undone before any score does not count as a beginning."""
    return match.state not in ENDED_UNPLAYED or match.score.revision > 0


def tournaments_named(match_id: str) -> list[str]:
    """The tournaments that an id may belong to by its prefix, the longest id first."""
    parts = match_id.split("-")
    return ["-".join(parts[:end]) for end in range(len(parts) - 1, 0, -1) if any(parts[:end])]


def registered(wanted: Match, stored: Match | None, *, user_id: str, now_ms: int) -> Registered:
    """A new match. It continues the numbers of a deleted one with the same id, since clients drop
    repeated numbers."""
    event = LoggedEvent(
        type="match_registered",
        sequence=stored.sequence + 1 if stored else 1,
        previous_sequence=stored.last_event_sequence if stored else 0,
        data={
            **registered_fields(wanted),
            "state": wanted.state,
            "registered_by": user_id,
            "server_time": now_ms,
        },
    )
    return Registered(_numbered(wanted, event, stored), event)


def updated(
    wanted: Match, stored: Match, *, user_id: str, now_ms: int
) -> Registered | Unchanged | Rejection:
    """The stored match with the requested changes, if its state allows them."""
    wanted = _completed(wanted, stored)
    refused = _rejection(wanted, stored)
    if refused is not None:
        return refused
    before, after = registered_fields(stored), registered_fields(wanted)
    names = {**after, **before}
    changed = [name for name in names if before.get(name) != after.get(name)]
    if not changed:
        return Unchanged()
    event = _event(
        "match_updated", stored, {**after, "changed": changed, "changed_by": user_id}, now_ms=now_ms
    )
    match = replace(
        stored,
        participants=wanted.participants,
        scheduled_at=wanted.scheduled_at,
        scoring=wanted.scoring,
        metadata=wanted.metadata,
        window=None,
    )
    return Registered(_numbered(match, event, stored), event)


def deleted(match: Match, *, user_id: str, now_ms: int) -> Registered | Rejection:
    """Delete a match that has neither begun nor been disputed. Its numbers are not used again."""
    if has_begun(match):
        return Rejection(
            Code.INVALID_TRANSITION,
            f"Only a match that has not begun can be deleted; this one is {match.state}.",
            data=stored_state(match),
        )
    if match.disputes.count:
        # disputes are stored under its id, and a new match with the same id would inherit them
        return Rejection(
            Code.INVALID_TRANSITION,
            "A match that was disputed cannot be deleted; cancel it instead.",
            data=stored_state(match),
        )
    event = _event("match_deleted", match, {"deleted_by": user_id}, now_ms=now_ms)
    return Registered(replace(_numbered(match, event, match), is_deleted=True), event)


def _completed(wanted: Match, stored: Match) -> Match:
    """The match with the stored scoring and metadata if none are given."""
    return replace(
        wanted,
        scoring=wanted.scoring or stored.scoring,
        metadata=stored.metadata if wanted.metadata is None else wanted.metadata,
    )


def _rejection(wanted: Match, stored: Match) -> Rejection | None:
    if stored.tournament_id != wanted.tournament_id:
        return Rejection(Code.FORBIDDEN, "This match belongs to another tournament.")
    if has_begun(stored) and _who(stored) != _who(wanted):
        return Rejection(
            Code.INVALID_TRANSITION,
            f"Participants can be changed until a match has begun, later only their names;"
            f" this one is {stored.state}.",
            data=stored_state(stored),
        )
    if has_begun(stored) and stored.scoring != wanted.scoring:
        return Rejection(
            Code.INVALID_TRANSITION,
            f"Scoring can be changed until a match has begun; this one is {stored.state}.",
            data=stored_state(stored),
        )
    return None


def _who(match: Match) -> list[tuple[str | None, str | None]]:
    return [(participant.id, participant.placeholder) for participant in match.participants]


def _event(kind: str, match: Match, data: Json, *, now_ms: int) -> LoggedEvent:
    """The next event of a match. It closes an open window, whose score is published first."""
    is_open = match.window is not None
    sequence = match.sequence + (2 if is_open else 1)
    return LoggedEvent(
        type=kind,
        sequence=sequence,
        previous_sequence=match.last_event_sequence,
        data=data | {"server_time": now_ms},
        score=claimed_by_event(match, sequence, now_ms) if is_open else None,
        revision=match.score.revision,
    )


def _numbered(match: Match, event: LoggedEvent, stored: Match | None) -> Match:
    unsent = stored.unsent if stored else frozenset()
    return replace(
        match,
        sequence=event.sequence,
        last_event_sequence=event.sequence,
        registered_sequence=event.sequence,
        unsent=unsent | {event.sequence},
    )
