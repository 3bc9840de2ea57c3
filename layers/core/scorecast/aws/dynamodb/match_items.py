"""Matches, tournaments and events as rows of the matches table, and back."""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, Final

from scorecast.aws.dynamodb.table import Item
from scorecast.domain.matches.match import (
    Claimed,
    Dispute,
    Disputes,
    LoggedEvent,
    Match,
    Participant,
    Resolution,
    Result,
    Score,
    Window,
)
from scorecast.domain.matches.tournament import Tournament
from scorecast.domain.rooms import Room, match_room, tournament_room
from scorecast.protocol.states import DecidedBy, Outcome, State
from scorecast.protocol.strict_json import compact

MATCH_SK: Final = "M"
TOURNAMENT_SK: Final = "T"
EVENT_PREFIX: Final = "E#"
EVENT_HIGH = "E#~"
DISPUTE_LOW, DISPUTE_HIGH = "D#", "D#~"
POINTER_LOW, POINTER_HIGH = "M#", "M#~~"
UNSCHEDULED: Final = "~"
LISTED: Final = "listed"
"""The index of what is listed: matches in play, and tournaments by state."""
IN_PLAY: Final = "M"


def match_pk(match_id: str) -> str:
    return f"M#{match_id}"


def tournament_pk(tournament_id: str) -> str:
    return f"T#{tournament_id}"


def key_of(room: Room) -> tuple[str, str]:
    """The item behind a room: a match or a tournament."""
    if room.match_id is not None:
        return match_pk(room.match_id), MATCH_SK
    return tournament_pk(room.id), TOURNAMENT_SK


def room_at(pk: str) -> Room:
    return match_room(pk[2:]) if pk.startswith("M#") else tournament_room(pk[2:])


def event_sk(sequence: int) -> str:
    return f"{EVENT_PREFIX}{sequence:012d}"


def dispute_sk(dispute_id: str) -> str:
    return f"D#{dispute_id}"


def pointer(match: Match) -> Item:
    """What lists a match in its tournament, in the order of kick-offs."""
    return {"pk": tournament_pk(match.tournament_id), "sk": pointer_sk(match)}


def pointer_sk(match: Match) -> str:
    return f"M#{listed_at(match.scheduled_at)}#{match.id}"


def listed_at(scheduled_at: str | None) -> str:
    """A time as text in the order of times; a match that has none comes last."""
    if scheduled_at is None:
        return UNSCHEDULED
    try:
        return datetime.fromisoformat(scheduled_at).astimezone(UTC).isoformat(timespec="seconds")
    except OverflowError:  # the first or the last day that there is
        return scheduled_at


def listed_match(match: Match) -> Item:
    """Where a match in play is listed: with the others of its tournament."""
    return {"listed_as": IN_PLAY, "listed_key": f"{match.tournament_id}#{match.id}"}


def listed_as(state: str) -> str:
    """Where tournaments of a state are listed."""
    return f"tournaments/{state}"


def match_id_of(pointer: Item) -> str:
    return str(pointer["sk"]).rpartition("#")[2]


def new_match(match: Match) -> Item:
    """A match's first row: what later updates rely on is there, the rest is absent."""
    score = match.score
    return {
        "pk": match_pk(match.id),
        "sk": MATCH_SK,
        "tournament_id": match.tournament_id,
        "participants": _participants(match),
        "scheduled_at": match.scheduled_at or "",
        "match_state": match.state,
        "participant1_score": score.participant1,
        "participant2_score": score.participant2,
        "details": encode(score.details),
        "periods": encode(score.periods),
        "clock": encode(score.clock),
        "shootout": encode(score.shootout),
        "revision": score.revision,
        "sequence_number": match.sequence,
        "last_event_sequence": match.last_event_sequence,
        "registered_sequence": match.registered_sequence,
        "scoring": match.scoring,
        "metadata": encode(match.metadata),
    }


def _participants(match: Match) -> list[Item]:
    return [_participant(participant) for participant in match.participants]


def _participant(participant: Participant) -> Item:
    if participant.is_bye:
        return {"bye": True}
    if participant.placeholder is not None:
        return {"placeholder": participant.placeholder}
    known = {"id": participant.id, "name": participant.name}
    return known | ({"metadata": encode(participant.metadata)} if participant.metadata else {})


def _participant_from(row: Item) -> Participant:
    return Participant(
        row.get("id"),
        row.get("name", ""),
        decode(row.get("metadata", "")),
        placeholder=row.get("placeholder"),
    )


def match_from(row: Item) -> Match:
    first, second = map(_participant_from, row["participants"])
    return Match(
        id=row["pk"].removeprefix("M#"),
        tournament_id=row["tournament_id"],
        participants=(first, second),
        scheduled_at=row["scheduled_at"] or None,
        state=State(row["match_state"]),
        score=score_from(row),
        sequence=row["sequence_number"],
        last_event_sequence=row["last_event_sequence"],
        result=_result(row),
        disputes=Disputes(count=row.get("disputes", 0), open=row.get("open_disputes", {})),
        received_at_ms=row.get("received_at_ms"),
        registered_sequence=row.get("registered_sequence", 0),
        is_deleted=row.get("is_deleted", False),
        window=_window(row),
        claimed=claimed_from(row),
        unsent=row.get("unsent", frozenset()),
        pending_since_ms=row.get("pending_since_ms"),
        scoring=row.get("scoring"),
        metadata=decode(row.get("metadata", "")),
    )


def _result(row: Item) -> Result:
    outcome, decided_by = row.get("outcome"), row.get("decided_by")
    return Result(
        winner_id=row.get("winner_id"),
        outcome=Outcome(outcome) if outcome else None,
        decided_by=DecidedBy(decided_by) if decided_by else None,
    )


def score_from(row: Item, prefix: str = "") -> Score:
    return Score(
        participant1=row[prefix + "participant1_score"],
        participant2=row[prefix + "participant2_score"],
        details=decode(row[prefix + "details"]),
        revision=row[prefix + "revision"],
        updated_at_ms=row.get(prefix + "updated_at_ms"),
        updated_by=row.get(prefix + "updated_by"),
        periods=decode(row.get(prefix + "periods", "")),
        clock=decode(row.get(prefix + "clock", "")),
        shootout=decode(row.get(prefix + "shootout", "")),
        corrects=row.get(prefix + "score_corrects"),
    )


def _before(row: Item, prefix: str) -> tuple[int, int]:
    return _before_of(row, prefix, "participant1_score"), _before_of(
        row, prefix, "participant2_score"
    )


def _before_of(row: dict[str, Any], prefix: str, name: str) -> int:
    # a window that an earlier version of the service opened has no score before it
    before: int = row.get(f"{prefix}before_{name}", row[f"{prefix}{name}"])
    return before


def _window(row: Item) -> Window | None:
    if "window_id" not in row:
        return None
    return Window(
        id=row["window_id"],
        opened_at_ms=row["window_opened_at_ms"],
        updated_at_ms=row["updated_at_ms"],
        updates=row["revision"] - row["window_id"],
        scores=_updates_from(row.get("window_updates", ()), after=row["window_id"]),
        previous_flush_at_ms=row.get("claimed_at_ms"),
        before=_before(row, ""),
        corrects=row.get("window_corrects"),
    )


def claimed_from(row: Item) -> Claimed | None:
    if "claimed_sequence" not in row:
        return None
    return Claimed(
        score=score_from(row, "claimed_"),
        sequence=row["claimed_sequence"],
        merged=row["claimed_merged"],
        claimed_by=row["claimed_by"],
        claimed_at_ms=row["claimed_at_ms"],
        window_ms=row.get("claimed_window_ms"),
        before=_before(row, "claimed_"),
        corrects=row.get("claimed_corrects"),
        updates=_updates_from(
            row.get("claimed_updates", ()), after=row["claimed_revision"] - row["claimed_merged"]
        ),
    )


def encode_update(score: Score) -> str:
    """One of a window's updates as text, as short as can be: it is written with every score."""
    return compact(
        [
            score.participant1,
            score.participant2,
            score.details,
            score.updated_at_ms,
            score.updated_by,
            *([] if score.corrects is None else [score.corrects]),
        ]
    )


def _updates_from(texts: Iterable[str], *, after: int) -> tuple[Score, ...]:
    """The updates of a window, whose revisions follow the one that it found."""
    return tuple(
        _update_from(text, revision) for revision, text in enumerate(texts, start=after + 1)
    )


def _update_from(text: str, revision: int) -> Score:
    first, second, details, updated_at_ms, updated_by, *rest = json.loads(text)
    return Score(
        participant1=first,
        participant2=second,
        details=details,
        revision=revision,
        updated_at_ms=updated_at_ms,
        updated_by=updated_by,
        corrects=rest[0] if rest else None,
    )


def new_tournament(tournament: Tournament) -> Item:
    return {
        "pk": tournament_pk(tournament.id),
        "sk": TOURNAMENT_SK,
        "tournament_name": tournament.name,
        "organizers": list(tournament.organizers),
        "tournament_state": tournament.state,
        "sequence_number": tournament.sequence,
        "last_event_sequence": tournament.last_event_sequence,
        "registered_by": tournament.registered_by,
        "metadata": encode(tournament.metadata),
        "listed_as": listed_as(tournament.state),
        "listed_key": tournament.id,
    }


def tournament_from(row: Item) -> Tournament:
    return Tournament(
        id=row["pk"].removeprefix("T#"),
        name=row["tournament_name"],
        organizers=tuple(row["organizers"]),
        state=row["tournament_state"],
        sequence=row["sequence_number"],
        last_event_sequence=row["last_event_sequence"],
        registered_by=row.get("registered_by"),
        is_archived=row.get("is_archived", False),
        is_deleted=row.get("is_deleted", False),
        unsent=row.get("unsent", frozenset()),
        pending="pending" in row,
        metadata=decode(row.get("metadata", "")),
    )


def event_row(pk: str, event: LoggedEvent, *, tournament_id: str, expires_at: int) -> Item:
    """An event of the log. What it holds is JSON text: it is read back, never searched.

    The history takes it from the table's stream, so the row says all that the event's place there
    and its message need.
    """
    score, accepted = event.score, event.accepted
    return {
        "pk": pk,
        "sk": event_sk(event.sequence),
        "tournament_id": tournament_id,
        "event_type": event.type,
        "previous_sequence": event.previous_sequence,
        "event_data": compact(event.data),
        "revision": event.revision,
        "accepted": None if accepted is None else _score_map(accepted, ""),
        "expires_at": expires_at,
        "score": None if score is None else _claimed_map(score),
    }


def _score_map(score: Score, prefix: str) -> dict[str, Any]:
    return {
        prefix + "participant1_score": score.participant1,
        prefix + "participant2_score": score.participant2,
        prefix + "details": encode(score.details),
        prefix + "periods": encode(score.periods),
        prefix + "clock": encode(score.clock),
        prefix + "shootout": encode(score.shootout),
        prefix + "revision": score.revision,
        prefix + "updated_at_ms": score.updated_at_ms,
        prefix + "updated_by": score.updated_by,
        prefix + "score_corrects": score.corrects,
    }


def _claimed_map(claimed: Claimed) -> dict[str, Any]:
    values = {
        **_score_map(claimed.score, "claimed_"),
        "claimed_sequence": claimed.sequence,
        "claimed_merged": claimed.merged,
        "claimed_by": claimed.claimed_by,
        "claimed_at_ms": claimed.claimed_at_ms,
        "claimed_window_ms": claimed.window_ms,
        "claimed_updates": [encode_update(update) for update in claimed.updates] or None,
        "claimed_before_participant1_score": claimed.before[0],
        "claimed_before_participant2_score": claimed.before[1],
        "claimed_corrects": claimed.corrects,
    }
    return {name: value for name, value in values.items() if value is not None}


def event_from(row: Item) -> LoggedEvent:
    return LoggedEvent(
        type=row["event_type"],
        sequence=int(row["sk"].removeprefix(EVENT_PREFIX)),
        previous_sequence=row["previous_sequence"],
        data=json.loads(row["event_data"]),
        score=claimed_from(row["score"]) if "score" in row else None,
        revision=row.get("revision", 0),
        accepted=score_from(row["accepted"]) if "accepted" in row else None,
    )


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


def encode(value: object) -> str:
    """JSON as text: DynamoDB's numbers would not come back as they were sent."""
    return "" if value is None else compact(value)


def decode(text: str) -> Any:
    return json.loads(text) if text else None
