"""The end of a match, its correction, and its reopening."""

from dataclasses import replace

from scorecast.domain.matches.changes import (
    Change,
    Occasion,
    changed,
    invalid_transition,
    no_way,
    score_after,
    score_before_play,
)
from scorecast.domain.matches.match import Match, Result
from scorecast.domain.matches.payloads import match_result, result_state
from scorecast.domain.matches.play_state import stopped
from scorecast.domain.matches.scoring import unfit
from scorecast.protocol.commands import KEPT, MatchAmend, MatchComplete, MatchReopen, ScoreUpdate
from scorecast.protocol.errors import Rejection, invalid
from scorecast.protocol.match_events import (
    MatchCompletedFields,
    MatchReopenedFields,
    ResultAmendedFields,
)
from scorecast.protocol.states import (
    ENDED_UNPLAYED,
    FINAL,
    NEXT,
    ONE_WINS,
    UNPLAYED,
    Outcome,
    State,
)


def completion(command: MatchComplete, match: Match, occasion: Occasion) -> Change | Rejection:
    refused = _completion_rejection(command, match)
    if refused is not None:
        return refused
    final_score = _final_score(command, match)
    refused = unfit(final_score, match) if final_score else None
    if refused is not None:
        return refused
    score = score_after(final_score, match, occasion)
    result = Result(
        winner_id=command.winner_id,
        outcome=Outcome(command.outcome),
        decided_by=command.decided_by,
    )
    data: MatchCompletedFields = {**match_result(result), "confirmed_by": occasion.user_id}
    return replace(
        changed(match, "match_completed", data, State.COMPLETED),
        result=result,
        score=stopped(score, now_ms=occasion.now_ms),
        tells_score=True,
    )


def _completion_rejection(command: MatchComplete, match: Match) -> Rejection | None:
    refused = _winner_rejection(command.winner_id, command.outcome, match)
    if refused is not None or State.COMPLETED in NEXT[match.state]:
        return refused
    if match.state not in ENDED_UNPLAYED:
        return no_way(match, State.COMPLETED)
    if command.outcome in UNPLAYED:
        return None
    return invalid_transition(
        match, f"A match that is {match.state} cannot be completed as {command.outcome}."
    )


def _winner_rejection(winner_id: str | None, outcome: Outcome, match: Match) -> Rejection | None:
    if winner_id not in {None, *match.participant_ids}:
        return invalid({"winner_id": "must be one of the match's participants"})
    if winner_id is not None and outcome is Outcome.DOUBLE_FORFEIT:
        return invalid({"winner_id": "must be null: a double forfeit has no winner"})
    if winner_id is None and outcome in ONE_WINS:
        return invalid(
            {"winner_id": f"must be one of the participants, as the outcome is {outcome}"}
        )
    return None


def _final_score(command: MatchComplete | MatchAmend, match: Match) -> ScoreUpdate | None:
    """The final score in a command; omitted fields are unchanged."""
    fields = (command.participant1_score, command.details, command.periods, command.shootout)
    if all(field is None for field in fields):
        return None
    first, second = command.participant1_score, command.participant2_score
    return ScoreUpdate(
        match_id=match.id,
        participant1_score=match.score.participant1 if first is None else first,
        participant2_score=match.score.participant2 if second is None else second,
        details=command.details,
        periods=command.periods,
        shootout=command.shootout,
    )


def amendment(command: MatchAmend, match: Match, occasion: Occasion) -> Change | Rejection:
    if match.state is not State.COMPLETED:
        return invalid_transition(
            match, f"The result of a completed match can be amended; this one is {match.state}."
        )
    result = _amended(command, match.result)
    refused = _winner_rejection(result.winner_id, result.outcome or Outcome.PLAYED, match)
    if refused is not None:
        return refused
    final_score = _final_score(command, match)
    refused = unfit(final_score, match) if final_score else None
    if refused is not None:
        return refused
    score = score_after(final_score, match, occasion)
    data: ResultAmendedFields = {
        "before": result_state(match.result, match.score),
        "after": result_state(result, score),
        "reason": command.reason,
        "amended_by": occasion.user_id,
    }
    asked = changed(match, "result_amended", data, State.COMPLETED)
    return replace(asked, result=result, score=score)


def _amended(command: MatchAmend, stored: Result) -> Result:
    outcome = command.outcome or stored.outcome
    # `decided_by` belongs to the outcome: an awarded match was not won in overtime.
    decided_by = stored.decided_by if outcome is stored.outcome else None
    return Result(
        winner_id=stored.winner_id if command.winner_id == KEPT else command.winner_id,
        outcome=outcome,
        decided_by=command.decided_by or decided_by,
    )


def reopening(command: MatchReopen, match: Match, occasion: Occasion) -> Change | Rejection:
    new_state = State(command.new_state)
    if match.state not in FINAL:
        return invalid_transition(
            match, f"A completed or cancelled match can be reopened; this one is {match.state}."
        )
    result = Result()
    data: MatchReopenedFields = {
        **match_result(result),
        "old_state": match.state,
        "new_state": new_state,
        "reason": command.reason,
        "reopened_by": occasion.user_id,
    }
    is_unplayed = new_state is State.SCHEDULED
    return replace(
        changed(match, "match_reopened", data, new_state),
        result=result,
        score=score_before_play(match, occasion) if is_unplayed else match.score,
        tells_score=True,
        outdates_scores=True,
    )
