"""What may happen to a match: who may decide, what changes, and the event that records it."""

from collections.abc import Collection
from dataclasses import dataclass, replace

from scorecast.domain.connections.identity import Identity
from scorecast.domain.connections.roles import OFFICIALS, role_in
from scorecast.domain.matches.match import Claimed, LoggedEvent, Match, Score
from scorecast.domain.matches.payloads import score_state, stored_state
from scorecast.protocol.commands import (
    MatchCommand,
    MatchComplete,
    MatchStart,
    MatchStateChange,
    ScoreUpdate,
)
from scorecast.protocol.errors import Code, Json, Rejection, invalid
from scorecast.protocol.events import (
    DecisionFields,
    DisputeCreatedFields,
    MatchCompletedFields,
    MatchStartedFields,
    MatchStateChangedFields,
)
from scorecast.protocol.roles import Role
from scorecast.protocol.states import NEXT, State


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a decisive command does to the match as it was read."""

    type: str
    new_state: State
    data: DecisionFields
    winner_id: str | None = None
    final_score: ScoreUpdate | None = None


def role_for(identity: Identity, match: Match, organizers: Collection[str]) -> Role:
    return role_in(
        identity,
        tournament_id=match.tournament_id,
        organizers=organizers,
        participants=[participant.id for participant in match.participants],
    )


def may_report(command: MatchCommand, role: Role) -> Rejection | None:
    """Officials may do everything to their matches; participants may open disputes."""
    if role in OFFICIALS or (command.type == "dispute_create" and role is Role.PARTICIPANT):
        return None
    return Rejection(Code.FORBIDDEN, "Your role in this match does not allow this.")


def change(command: MatchCommand, match: Match, *, by: str, dispute_id: str) -> Change | Rejection:
    """The change that a decisive command asks for, or why the match's state forbids it."""
    asked = _asked(command, match, by=by, dispute_id=dispute_id)
    if isinstance(asked, Rejection):
        return asked
    if asked.new_state not in NEXT[match.state]:
        return Rejection(
            Code.INVALID_TRANSITION,
            f"A match cannot go from {match.state} to {asked.new_state}.",
            data=stored_state(match),
        )
    return asked


def _asked(command: MatchCommand, match: Match, *, by: str, dispute_id: str) -> Change | Rejection:
    match command:
        case MatchStart():
            started: MatchStartedFields = {"started_by": by}
            return Change(type="match_started", new_state=State.LIVE, data=started)
        case MatchComplete():
            return _completion(command, match, by)
        case MatchStateChange():
            return _state_change(command, match, by)
        case ScoreUpdate():
            raise TypeError("a score is accepted, not a change of state")
    data: DisputeCreatedFields = {
        "dispute_id": dispute_id,
        "initiated_by": by,
        "reason": command.reason,
        "status": "open",
    }
    return Change(type="dispute_created", new_state=State.DISPUTED, data=data)


def _completion(command: MatchComplete, match: Match, by: str) -> Change | Rejection:
    if command.winner_id not in {None, *(participant.id for participant in match.participants)}:
        return invalid({"winner_id": "must be one of the match's participants"})
    data: MatchCompletedFields = {"winner_id": command.winner_id, "confirmed_by": by}
    return Change(
        type="match_completed",
        new_state=State.COMPLETED,
        data=data,
        winner_id=command.winner_id,
        final_score=_final_score(command, match),
    )


def _final_score(command: MatchComplete, match: Match) -> ScoreUpdate | None:
    """The final score that a completion gives; scores or details left out stay as they are."""
    if command.participant1_score is None and command.details is None:
        return None
    first, second = command.participant1_score, command.participant2_score
    return ScoreUpdate(
        match_id=match.id,
        participant1_score=match.score.participant1 if first is None else first,
        participant2_score=match.score.participant2 if second is None else second,
        details=command.details,
    )


def _state_change(command: MatchStateChange, match: Match, by: str) -> Change | Rejection:
    new_state = State(command.new_state)
    if new_state is State.COMPLETED:
        return Rejection(Code.INVALID_TRANSITION, "A match is completed by match_complete.")
    data: MatchStateChangedFields = {
        "old_state": match.state,
        "new_state": new_state,
        "changed_by": by,
    }
    return Change(type="match_state_changed", new_state=new_state, data=data)


def event_of(asked: Change, match: Match, *, now_ms: int, by: str) -> tuple[LoggedEvent, Score]:
    """The numbered event of a change, and the match's score after it."""
    score = _score_after(asked.final_score, match.score, now_ms=now_ms, by=by)
    # An open window closes first: its score takes the number before the event's. Cancelling
    # discards the window instead.
    closes_window = match.window is not None and asked.new_state is not State.CANCELLED
    sequence = match.sequence + (2 if closes_window else 1)
    data: Json = {**asked.data, "server_time": now_ms}
    if not NEXT[asked.new_state]:
        # so that clients that were there end with the same score as those that come later
        data |= score_state(score)
    event = LoggedEvent(
        type=asked.type,
        sequence=sequence,
        previous_sequence=match.last_event_sequence,
        data=data,
        score=_claimed_by_event(match, sequence, now_ms) if closes_window else None,
        revision=score.revision,
        accepted=None if score.revision == match.score.revision else score,
    )
    return event, score


def _claimed_by_event(match: Match, sequence: int, now_ms: int) -> Claimed:
    assert match.window is not None
    return Claimed(
        score=match.score,
        sequence=sequence - 1,
        merged=match.window.updates,
        claimed_by=f"event:{sequence}",
        claimed_at_ms=now_ms,
    )


def _score_after(final: ScoreUpdate | None, stored: Score, *, now_ms: int, by: str) -> Score:
    """The stored score, or the final one under a revision of its own if it differs."""
    if final is None:
        return stored
    score = replace(
        stored,
        participant1=final.participant1_score,
        participant2=final.participant2_score,
        details=stored.details if final.details is None else final.details,
    )
    if score == stored:
        return stored
    return replace(score, revision=stored.revision + 1, updated_at_ms=now_ms, updated_by=by)


def registration_rejection(match: Match, tournament_id: str) -> Rejection:
    """What a failed condition on a new registration means, from the match as it was then."""
    if match.tournament_id != tournament_id:
        return Rejection(Code.FORBIDDEN, "This match belongs to another tournament.")
    return Rejection(
        Code.INVALID_TRANSITION,
        f"Participants may change while a match is scheduled; this one is {match.state}.",
        data=stored_state(match),
    )
