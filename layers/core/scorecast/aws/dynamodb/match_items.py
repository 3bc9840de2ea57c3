"""Matches as items of the matches table, and back. Pure."""

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.json_text import decode, encode
from scorecast.aws.dynamodb.match_keys import MATCH_SK, match_pk
from scorecast.aws.dynamodb.score_items import claimed_from, score_from, window_from
from scorecast.domain.matches.match import Disputes, Match, Participant, Result
from scorecast.protocol.states import DecidedBy, Outcome, State


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
        frozen_by=row.get("frozen_by"),
        window=window_from(row),
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
