"""The write that changes a match together with an event, and those of its disputes. Pure."""

from typing import Final

from scorecast.aws.dynamodb.dispute_items import dispute_item
from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.json_text import encode
from scorecast.aws.dynamodb.match_keys import (
    MATCH_SK,
    NOT_FROZEN,
    PENDING,
    dispute_sk,
    listed_match,
    match_pk,
)
from scorecast.aws.dynamodb.score_items import WINDOW_ATTRIBUTES
from scorecast.aws.dynamodb.writes import Action, Put, Update
from scorecast.domain.matches.changes import Change
from scorecast.domain.matches.match import Dispute, LoggedEvent, Match, Resolution, Score
from scorecast.protocol.states import SCORING

_SET: Final = (
    "SET match_state = :state, winner_id = :winner,"
    " outcome = :outcome, decided_by = :decided_by,"
    " disputes = :disputes, open_disputes = :open_disputes,"
    " participant1_score = :score1, participant2_score = :score2, details = :details,"
    " periods = :periods, clock = :clock, shootout = :shootout, score_corrects = :corrects,"
    " revision = :revision, updated_at_ms = :updated_at, updated_by = :updated_by,"
    " sequence_number = :sequence, last_event_sequence = :sequence,"
    " pending = :pending, pending_since_ms = if_not_exists(pending_since_ms, :now)"
)
# The three change with everything that a decision depends on. A mark (`NOT_FROZEN`) closes the
# match to a decision that read its tournament before a move.
_UNCHANGED: Final = (
    "match_state = :read_state AND revision = :read_revision AND sequence_number = :read_sequence"
    f" AND {NOT_FROZEN}"
)


def match_event(
    match: Match, event: LoggedEvent, asked: Change, received_at_ms: int, now_ms: int
) -> Update:
    """The write of an event, on condition that `match` is as it was read."""
    outdates, received = _outdating(match, received_at_ms) if asked.outdates_scores else ("", {})
    lists, unlists, listed = _listing(match, is_in_play=asked.new_state in SCORING)
    sets, removes = f"{_SET}{outdates}{lists}", f"REMOVE {WINDOW_ATTRIBUTES}{unlists}"
    return Update(
        match_pk(match.id),
        MATCH_SK,
        expression=f"{sets} {removes} ADD unsent :unsent",
        condition=_UNCHANGED,
        values=received
        | listed
        | _state_values(asked)
        | _score_values(asked.score)
        | _event_values(event, now_ms)
        | _read_values(match),
    )


def _state_values(asked: Change) -> Item:
    result, disputes = asked.result, asked.disputes
    return {
        ":state": asked.new_state,
        ":winner": result.winner_id,
        ":outcome": result.outcome,
        ":decided_by": result.decided_by,
        ":disputes": disputes.count,
        ":open_disputes": dict(disputes.open),
    }


def _score_values(score: Score) -> Item:
    return {
        ":score1": score.participant1,
        ":score2": score.participant2,
        ":details": encode(score.details),
        ":periods": encode(score.periods),
        ":clock": encode(score.clock),
        ":shootout": encode(score.shootout),
        ":corrects": score.corrects,
        ":revision": score.revision,
        ":updated_at": score.updated_at_ms,
        ":updated_by": score.updated_by,
    }


def _event_values(event: LoggedEvent, now_ms: int) -> Item:
    return {
        ":sequence": event.sequence,
        ":unsent": frozenset({event.sequence}),
        ":pending": PENDING,
        ":now": now_ms,
    }


def _read_values(match: Match) -> Item:
    return {
        ":read_state": match.state,
        ":read_revision": match.score.revision,
        ":read_sequence": match.sequence,
    }


def _listing(match: Match, *, is_in_play: bool) -> tuple[str, str, Item]:
    """The parts of an update that list a live match or remove it from the list: SET, REMOVE,
    values."""
    if not is_in_play:
        return "", ", listed_as, listed_key", {}
    listed = listed_match(match)
    sets = "".join(f", {name} = :{name}" for name in listed)
    return sets, "", {f":{name}": value for name, value in listed.items()}


def _outdating(match: Match, received_at_ms: int) -> tuple[str, Item]:
    """The parts of an update that make every score stale that was received before, with either kind
    of order."""
    newest_ms = max(received_at_ms, match.received_at_ms or 0)
    return (
        ", received_at_ms = :received_at, ordered_by = :ordered_by",
        {":received_at": newest_ms, ":ordered_by": "event"},
    )


def dispute_writes(match_id: str, dispute: Dispute | Resolution | None) -> list[Action]:
    """The dispute's own item, which holds its texts."""
    match dispute:
        case Dispute():
            return [Put(dispute_item(match_id, dispute))]
        case Resolution():
            return [_resolve(match_id, dispute)]
    return []


def _resolve(match_id: str, resolution: Resolution) -> Update:
    values = {
        "resolution": resolution.resolution,
        "note": resolution.note,
        "resolved_by": resolution.resolved_by,
        "resolved_at_ms": resolution.resolved_at_ms,
    }
    given = {name: value for name, value in values.items() if value is not None}
    return Update(
        match_pk(match_id),
        dispute_sk(resolution.dispute_id),
        expression="SET " + ", ".join(f"{name} = :{name}" for name in given),
        condition="attribute_exists(pk)",
        values={f":{name}": value for name, value in given.items()},
    )
