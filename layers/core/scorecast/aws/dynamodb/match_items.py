"""Matches as items of the matches table, and back. Pure."""

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.json_text import decode, encode
from scorecast.aws.dynamodb.match_keys import MATCH_SK, match_pk
from scorecast.aws.dynamodb.score_items import claimed_from, score_from, window_from
from scorecast.domain.matches.match import Disputes, Match, Participant, Result
from scorecast.protocol.states import DecidedBy, Outcome, State


def new_match(match: Match) -> Item:
    """A match's first item: it has the attributes that later updates rely on; the others are
    absent."""
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


def _participant_from(item: Item) -> Participant:
    return Participant(
        item.get("id"),
        item.get("name", ""),
        decode(item.get("metadata", "")),
        placeholder=item.get("placeholder"),
    )


def match_from(item: Item) -> Match:
    first, second = map(_participant_from, item["participants"])
    return Match(
        id=item["pk"].removeprefix("M#"),
        tournament_id=item["tournament_id"],
        participants=(first, second),
        scheduled_at=item["scheduled_at"] or None,
        state=State(item["match_state"]),
        score=score_from(item),
        sequence=item["sequence_number"],
        last_event_sequence=item["last_event_sequence"],
        result=_result(item),
        disputes=Disputes(count=item.get("disputes", 0), open=item.get("open_disputes", {})),
        received_at_ms=item.get("received_at_ms"),
        registered_sequence=item.get("registered_sequence", 0),
        is_deleted=item.get("is_deleted", False),
        frozen_by=item.get("frozen_by"),
        window=window_from(item),
        claimed=claimed_from(item),
        unsent=item.get("unsent", frozenset()),
        pending_since_ms=item.get("pending_since_ms"),
        scoring=item.get("scoring"),
        metadata=decode(item.get("metadata", "")),
    )


def _result(item: Item) -> Result:
    outcome, decided_by = item.get("outcome"), item.get("decided_by")
    return Result(
        winner_id=item.get("winner_id"),
        outcome=Outcome(outcome) if outcome else None,
        decided_by=DecidedBy(decided_by) if decided_by else None,
    )
