"""The authorization of commands on a match, and the decision on each command."""

from collections.abc import Collection
from dataclasses import replace

from scorecast.domain.connections.identity import Identity
from scorecast.domain.connections.roles import OFFICIALS, role_in
from scorecast.domain.matches.changes import (
    Change,
    Occasion,
    changed,
    invalid_transition,
    no_way,
    score_before_play,
)
from scorecast.domain.matches.disputes import opening, resolving
from scorecast.domain.matches.endings import amendment, completion, reopening
from scorecast.domain.matches.match import Match
from scorecast.domain.matches.play_state import stopped
from scorecast.protocol.commands import (
    DisputeCreate,
    DisputeResolve,
    MatchAmend,
    MatchCommand,
    MatchComplete,
    MatchEventCommand,
    MatchReopen,
    MatchStart,
    MatchStateChange,
)
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.match_events import MatchStartedFields, MatchStateChangedFields
from scorecast.protocol.roles import Role
from scorecast.protocol.states import NEXT, State


def role_for(identity: Identity, match: Match, organizers: Collection[str]) -> Role:
    return role_in(
        identity,
        tournament_id=match.tournament_id,
        match_id=match.id,
        organizers=organizers,
        participants=match.participant_ids,
    )


def report_rejection(command: MatchCommand, role: Role) -> Rejection | None:
    """Officials may do everything in their matches; participants may open disputes."""
    if role in OFFICIALS or (command.type == "dispute_create" and role is Role.PARTICIPANT):
        return None
    return Rejection(Code.FORBIDDEN, "Your role in this match does not allow this.")


def decide(command: MatchEventCommand, match: Match, occasion: Occasion) -> Change | Rejection:
    """The change by a decisive command, or the rejection if the match's state does not allow it."""
    match command:
        case MatchStart():
            return _start(match, occasion)
        case MatchStateChange():
            return _state_change(command, match, occasion)
        case MatchComplete():
            return completion(command, match, occasion)
        case MatchAmend():
            return amendment(command, match, occasion)
        case MatchReopen():
            return reopening(command, match, occasion)
        case DisputeCreate():
            return opening(command, match, occasion)
        case DisputeResolve():
            return resolving(command, match, occasion)


def _start(match: Match, occasion: Occasion) -> Change | Rejection:
    if State.LIVE not in NEXT[match.state]:
        return no_way(match, State.LIVE)
    if len(match.participant_ids) < len(match.participants):
        return invalid_transition(match, "A match starts when both of its participants are known.")
    data: MatchStartedFields = {"started_by": occasion.user_id}
    return changed(match, "match_started", data, State.LIVE)


def _state_change(
    command: MatchStateChange, match: Match, occasion: Occasion
) -> Change | Rejection:
    new_state = State(command.new_state)
    if new_state is State.COMPLETED:
        return Rejection(Code.INVALID_TRANSITION, "To complete a match, send match_complete.")
    if new_state not in NEXT[match.state]:
        return no_way(match, new_state)
    data: MatchStateChangedFields = {
        "old_state": match.state,
        "new_state": new_state,
        "changed_by": occasion.user_id,
    }
    asked = changed(match, "match_state_changed", data, new_state)
    if (match.state, new_state) == (State.LIVE, State.SCHEDULED):
        score = score_before_play(match, occasion)
        return replace(asked, score=score, tells_score=True, outdates_scores=True)
    if new_state is State.CANCELLED:
        score = stopped(match.score, now_ms=occasion.now_ms)
        return replace(asked, score=score, tells_score=True)
    return asked
