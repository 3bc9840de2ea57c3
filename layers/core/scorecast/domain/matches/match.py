"""A match and a tournament: what they hold, what may happen to them, what clients see of them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from scorecast.domain.connections.identity import Identity
from scorecast.domain.connections.roles import OFFICIALS, Role, role_in
from scorecast.protocol.commands import (
    MatchCommand,
    MatchComplete,
    MatchStart,
    MatchStateChange,
    ScoreUpdate,
)
from scorecast.protocol.errors import Code, Json, Rejection
from scorecast.protocol.limits import WINDOW_LEASE_MS
from scorecast.protocol.states import NEXT, SCORING, State


@dataclass(frozen=True, slots=True)
class Participant:
    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One state of the score, and the accepted update that made it."""

    participant1: int
    participant2: int
    details: dict[str, Any] | None
    revision: int
    updated_at_ms: int | None
    updated_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Accepted updates that wait to be told together.

    `id` is the match's revision before the update that opened the window. `previous_flush_at_ms` is
    when the window before it was claimed.
    """

    id: int
    opened_at_ms: int
    updated_at_ms: int
    updates: int
    previous_flush_at_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """The last score that was given a number: what a repeated tick sends again."""

    score: Score
    sequence: int
    merged: int
    claimed_by: str
    claimed_at_ms: int
    window_ms: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One match as stored. `unsent` are the sequence numbers of events not yet told."""

    id: str
    tournament_id: str
    participants: tuple[Participant, Participant]
    scheduled_at: str
    state: State
    score: Score
    sequence: int
    last_event_sequence: int
    winner_id: str | None = None
    window: Window | None = None
    claimed: Claimed | None = None
    unsent: frozenset[int] = frozenset()
    pending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """A decisive event, numbered. `score` is what has to be told right before it.

    A tournament's events are of the same kind and have no score.
    """

    type: str
    sequence: int
    previous_sequence: int
    data: Json
    score: Claimed | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a decisive command does to the match as it was read."""

    type: str
    new_state: State
    data: Json
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


def change(
    command: MatchCommand, match: Match, *, by: str | None, dispute_id: str
) -> Change | Rejection:
    """The change that a decisive command asks for, or why the match's state forbids it."""
    asked = _asked(command, match, by=by, dispute_id=dispute_id)
    if isinstance(asked, Rejection):
        return asked
    if asked.new_state not in NEXT[match.state]:
        return Rejection(
            Code.INVALID_TRANSITION,
            f"A match cannot go from {match.state} to {asked.new_state}.",
            data={"match_id": match.id, "state": match.state},
        )
    return asked


def _asked(
    command: MatchCommand, match: Match, *, by: str | None, dispute_id: str
) -> Change | Rejection:
    match command:
        case MatchStart():
            return Change(type="match_started", new_state=State.LIVE, data={"started_by": by})
        case MatchComplete():
            return _completion(command, match, by)
        case MatchStateChange():
            return _state_change(command, match, by)
        case ScoreUpdate():
            raise TypeError("a score is accepted, not a change of state")
    data: Json = {
        "dispute_id": dispute_id,
        "initiated_by": by,
        "reason": command.reason,
        "status": "open",
    }
    return Change(type="dispute_created", new_state=State.DISPUTED, data=data)


def _completion(command: MatchComplete, match: Match, by: str | None) -> Change | Rejection:
    if command.winner_id not in {None, *(participant.id for participant in match.participants)}:
        errors: Json = {"errors": {"winner_id": "is no participant of this match"}}
        return Rejection(
            Code.INVALID_SCHEMA, "winner_id is no participant of this match.", data=errors
        )
    return Change(
        type="match_completed",
        new_state=State.COMPLETED,
        data={"winner_id": command.winner_id, "confirmed_by": by},
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


def _state_change(command: MatchStateChange, match: Match, by: str | None) -> Change | Rejection:
    new_state = State(command.new_state)
    if new_state is State.COMPLETED:
        return Rejection(Code.INVALID_TRANSITION, "A match is completed by match_complete.")
    data: Json = {
        "old_state": match.state,
        "new_state": new_state,
        "changed_by": by,
    }
    return Change(type="match_state_changed", new_state=new_state, data=data)


def event_of(
    asked: Change, match: Match, *, now_ms: int, by: str | None
) -> tuple[LoggedEvent, Score]:
    """The numbered event of a change, and the score that the match has after it.

    An open window is closed first: its score takes the number before the event's. Cancelling
    abandons the window instead. The event that ends a match carries its score, so
    that whoever was there ends with the same as whoever comes later.
    """
    score = _score_after(asked.final_score, match.score, now_ms=now_ms, by=by)
    told = match.window is not None and asked.new_state is not State.CANCELLED
    sequence = match.sequence + (2 if told else 1)
    data = asked.data | {"server_time": now_ms}
    if not NEXT[asked.new_state]:
        data |= _score_data(score)
    event = LoggedEvent(
        type=asked.type,
        sequence=sequence,
        previous_sequence=match.last_event_sequence,
        data=data,
        score=_claimed_by_event(match, sequence, now_ms) if told else None,
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


def _score_after(final: ScoreUpdate | None, stored: Score, *, now_ms: int, by: str | None) -> Score:
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


@dataclass(frozen=True, slots=True)
class Accepted:
    """A score is stored, by this update or by an earlier sending of it."""

    match: Match
    revision: int

    def may_be(self, update: ScoreUpdate) -> bool:
        """Whether this is what was stored; once a final score has followed, nobody knows."""
        score = self.match.score
        told = (update.participant1_score, update.participant2_score, update.details)
        stored = (score.participant1, score.participant2, score.details)
        return score.revision != self.revision or told == stored

    def flush_is_due(self, *, now_ms: int) -> bool:
        """Whether the sender must send the window's tick.

        That is so if this update opened the window, or if the window has stayed open for so long
        that whoever opened it must have died before the tick was sent.
        """
        window = self.match.window
        if window is None:
            return False
        return window.id == self.revision - 1 or now_ms - window.opened_at_ms > WINDOW_LEASE_MS


def rejection(match: Match) -> Rejection:
    """What a failed condition on a score means, from the match as it was when it failed."""
    if match.state not in SCORING:
        return Rejection(
            Code.MATCH_NOT_LIVE,
            f"Scores are accepted while a match is live; this one is {match.state}.",
            data={"match_id": match.id, "state": match.state},
        )
    return Rejection(
        Code.STALE,
        "A newer score of this match has been accepted.",
        data={
            "match_id": match.id,
            "revision": match.score.revision,
            "participant1_score": match.score.participant1,
            "participant2_score": match.score.participant2,
        },
    )


def registration_rejection(match: Match, tournament_id: str) -> Rejection:
    """What a failed condition on a new registration means, from the match as it was then."""
    if match.tournament_id != tournament_id:
        return Rejection(Code.FORBIDDEN, "This match belongs to another tournament.")
    return Rejection(
        Code.INVALID_TRANSITION,
        f"Participants may change while a match is scheduled; this one is {match.state}.",
        data={"match_id": match.id, "state": match.state},
    )


def _score_data(score: Score) -> Json:
    return {
        "participant1_score": score.participant1,
        "participant2_score": score.participant2,
        "details": score.details,
    }


def score_updated(match: Match, claimed: Claimed) -> Json:
    """The data of a `score_updated` frame."""
    score = claimed.score
    return {
        "match_id": match.id,
        "tournament_id": match.tournament_id,
        "sequence": claimed.sequence,
        **_score_data(score),
        "updated_at": score.updated_at_ms,
        "updated_by": score.updated_by,
        "revision": score.revision,
        "merged": claimed.merged,
        "server_time": claimed.claimed_at_ms,
        **({} if claimed.window_ms is None else {"window_ms": claimed.window_ms}),
    }


def event_data(match_id: str, tournament_id: str, event: LoggedEvent) -> Json:
    """The data of a match event's frame; its ids and number win over what it holds."""
    return event.data | {
        "match_id": match_id,
        "tournament_id": tournament_id,
        "sequence": event.sequence,
    }


def match_summary(match: Match) -> Json:
    """What changes during a match: one entry of a tournament's snapshot on the socket."""
    return {
        "match_id": match.id,
        "state": match.state,
        **_score_data(match.score),
        "winner_id": match.winner_id,
        "revision": match.score.revision,
        "sequence": match.sequence,
        "updated_at": match.score.updated_at_ms,
    }


def snapshot(match: Match) -> Json:
    """All of a match, for its own room and for HTTP."""
    return {
        **match_summary(match),
        "tournament_id": match.tournament_id,
        "participants": [{"id": p.id, "name": p.name} for p in match.participants],
        "scheduled_at": match.scheduled_at,
        "updated_by": match.score.updated_by,
    }


def is_complete(
    events: Sequence[LoggedEvent], *, since: int, sequence: int, last_event_sequence: int
) -> bool:
    """Whether these are all the decisive events after `since`, up to a room's newest.

    Each event names the one before it, so a missing one shows. A client that is ahead of us has
    seen another room.
    """
    before = [event.previous_sequence for event in events]
    numbers = [event.sequence for event in events]
    first_missed = before[0] if events else last_event_sequence
    summary = numbers == [*before[1:], last_event_sequence] if events else True
    return since <= sequence and first_missed <= since and summary
