"""The change of a match by a decisive command, and the numbered event that records it."""

from dataclasses import dataclass, replace
from typing import Final

from scorecast.domain.matches.match import (
    Claimed,
    Dispute,
    Disputes,
    LoggedEvent,
    Match,
    Resolution,
    Result,
    Score,
)
from scorecast.domain.matches.payloads import stored_score_state, stored_state
from scorecast.domain.matches.play_state import given_state
from scorecast.protocol.commands import ScoreUpdate
from scorecast.protocol.errors import Code, Json, Rejection
from scorecast.protocol.match_events import DecisionFields
from scorecast.protocol.states import State

NOT_STARTED: Final = Score(
    participant1=0,
    participant2=0,
    details=None,
    revision=0,
    updated_at_ms=None,
    updated_by=None,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Occasion:
    """The sender of a change and its times: now, and when the gateway received it.

    `command_id` is the same when the very same message is processed again.
    """

    user_id: str
    now_ms: int
    received_at_ms: int
    command_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A match after a decisive command, and the data of its event.

    With `tells_score` the event carries the score, so that connected clients end with the same
    score as those that join later. With `outdates_scores`, scores that were received before are no
    longer accepted: they belong to the discarded result.
    """

    type: str
    data: DecisionFields
    new_state: State
    result: Result
    score: Score
    disputes: Disputes
    tells_score: bool = False
    outdates_scores: bool = False
    dispute: Dispute | Resolution | None = None


def changed(match: Match, kind: str, data: DecisionFields, new_state: State) -> Change:
    """A change of the state alone; the caller replaces other fields that change."""
    return Change(
        type=kind,
        data=data,
        new_state=new_state,
        result=match.result,
        score=match.score,
        disputes=match.disputes,
    )


def invalid_transition(match: Match, message: str) -> Rejection:
    return Rejection(Code.INVALID_TRANSITION, message, data=stored_state(match))


def no_way(match: Match, new_state: State) -> Rejection:
    if match.state is new_state:  # a command sent twice, or by two officials
        return invalid_transition(match, f"The match is already {new_state}.")
    return invalid_transition(match, f"A match cannot go from {match.state} to {new_state}.")


def event_of(asked: Change, match: Match, *, now_ms: int) -> LoggedEvent:
    """The numbered event of a change."""
    # An open window closes first: its score takes the number before the event's. Cancelling
    # discards the window instead.
    closes_window = match.window is not None and asked.new_state is not State.CANCELLED
    sequence = match.sequence + (2 if closes_window else 1)
    data: Json = {**asked.data, "server_time": now_ms}
    if asked.tells_score:
        data |= stored_score_state(asked.score)
    return LoggedEvent(
        type=asked.type,
        sequence=sequence,
        previous_sequence=match.last_event_sequence,
        data=data,
        score=claimed_by_event(match, sequence, now_ms) if closes_window else None,
        revision=asked.score.revision,
        accepted=None if asked.score.revision == match.score.revision else asked.score,
    )


def claimed_by_event(match: Match, sequence: int, now_ms: int) -> Claimed:
    """The score of the window that an event with this number closes."""
    assert match.window is not None
    return Claimed(
        score=match.score,
        sequence=sequence - 1,
        merged=match.window.updates,
        claimed_by=f"event:{sequence}",
        claimed_at_ms=now_ms,
        updates=match.window.scores,
        before=match.window.before,
        corrects=match.window.corrects,
    )


def score_after(given: ScoreUpdate | None, match: Match, occasion: Occasion) -> Score:
    """The stored score, or the given one with a new revision if it differs."""
    if given is None:
        return match.score
    return _revised(
        match.score,
        replace(
            match.score,
            participant1=given.participant1_score,
            participant2=given.participant2_score,
            details=match.score.details if given.details is None else given.details,
            **given_state(given, now_ms=occasion.now_ms),
        ),
        occasion,
    )


def score_before_play(match: Match, occasion: Occasion) -> Score:
    """The score of a match that has not begun, with its own revision if another score is stored."""
    stored = match.score
    blank = replace(
        NOT_STARTED,
        revision=stored.revision,
        updated_at_ms=stored.updated_at_ms,
        updated_by=stored.updated_by,
    )
    return _revised(stored, blank, occasion)


def _revised(stored: Score, score: Score, occasion: Occasion) -> Score:
    if score == stored:
        return stored
    return replace(
        score,
        revision=stored.revision + 1,
        updated_at_ms=occasion.now_ms,
        updated_by=occasion.user_id,
        corrects=None,
    )
