from typing import Any

import pytest

from scorecast.domain.matches.changes import Change, event_of
from scorecast.domain.matches.decisions import decide
from scorecast.domain.matches.match import Match, Result
from scorecast.protocol.commands import (
    MatchAmend,
    MatchComplete,
    MatchEventCommand,
    MatchReopen,
    MatchStateChange,
)
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.states import DecidedBy, Outcome, State
from tests.examples import NOW_MS, match, occasion, score, window

NEEDS_PLAY = {"played", "retired"}
WON = Result(winner_id="p1", outcome=Outcome.PLAYED, decided_by=DecidedBy.REGULATION)
NIL = {"participant1_score": 0, "participant2_score": 0, "details": None}


def _complete(winner: str | None = "p1", **fields: Any) -> MatchComplete:
    return MatchComplete(match_id="m1", winner_id=winner, **fields)


def _amend(**fields: Any) -> MatchAmend:
    return MatchAmend(match_id="m1", reason="Seen on video.", **fields)


def _reopen(state: Any) -> MatchReopen:
    return MatchReopen(match_id="m1", new_state=state, reason="By mistake.")


def _refused(command: MatchEventCommand, before: Match) -> Rejection:
    refused = decide(command, before, occasion())
    assert isinstance(refused, Rejection)
    return refused


def _changed(command: MatchEventCommand, before: Match) -> Change:
    asked = decide(command, before, occasion())
    assert isinstance(asked, Change), asked
    return asked


@pytest.mark.parametrize("state", [State.SCHEDULED, State.POSTPONED])
@pytest.mark.parametrize("outcome", Outcome)
def test_outcomes_that_need_no_play_end_a_match_that_has_not_begun(
    state: State, outcome: Outcome
) -> None:
    winner = None if outcome is Outcome.DOUBLE_FORFEIT else "p1"
    ended = decide(_complete(winner, outcome=outcome), match(state=state), occasion())
    if outcome in NEEDS_PLAY:
        assert isinstance(ended, Rejection)
        assert (ended.code, ended.data) == (
            Code.INVALID_TRANSITION,
            {"match_id": "m1", "state": state},
        )
    else:
        assert isinstance(ended, Change)
        assert ended.result == Result(winner_id=winner, outcome=outcome)


@pytest.mark.parametrize(
    ("state", "message"),
    [
        (State.COMPLETED, "The match is already completed."),
        (State.CANCELLED, "A match cannot go from cancelled to completed."),
    ],
)
def test_no_outcome_ends_a_match_twice(state: State, message: str) -> None:
    refused = _refused(_complete(outcome=Outcome.AWARDED), match(state=state))
    assert refused.message == message


def test_a_completion_says_how_the_match_ended() -> None:
    asked = _changed(_complete(decided_by=DecidedBy.SHOOTOUT), match())
    assert (asked.data["outcome"], asked.data["decided_by"]) == ("played", "shootout")  # type: ignore[typeddict-item]
    assert asked.result.decided_by is DecidedBy.SHOOTOUT


@pytest.mark.parametrize(
    ("winner", "outcome"),
    [
        ("p1", "double_forfeit"),
        (None, "walkover"),
        (None, "forfeit"),
        (None, "retired"),
        (None, "disqualified"),
        (None, "bye"),
    ],
)
def test_a_winner_fits_the_outcome(winner: str | None, outcome: str) -> None:
    refused = _refused(_complete(winner, outcome=Outcome(outcome)), match())
    assert refused.code is Code.INVALID_SCHEMA
    assert refused.data is not None
    assert [*refused.data["errors"]] == ["winner_id"]  # type: ignore[misc]


@pytest.mark.parametrize("outcome", ["played", "awarded", "abandoned"])
def test_other_outcomes_may_leave_no_winner(outcome: str) -> None:
    assert _changed(_complete(None, outcome=Outcome(outcome)), match()).result.winner_id is None


COMPLETED = match(state=State.COMPLETED, score=score(2, 1, revision=4), result=WON, sequence=8)


def test_an_amendment_corrects_what_it_names() -> None:
    asked = _changed(_amend(winner_id="p2", participant1_score=2, participant2_score=3), COMPLETED)
    assert asked.result == Result(
        winner_id="p2", outcome=Outcome.PLAYED, decided_by=DecidedBy.REGULATION
    )
    assert (asked.score.participant2, asked.score.revision) == (3, 5)
    assert asked.new_state is State.COMPLETED
    assert event_of(asked, COMPLETED, now_ms=NOW_MS).data == {
        "before": {
            "winner_id": "p1",
            "outcome": "played",
            "decided_by": "regulation",
            "participant1_score": 2,
            "participant2_score": 1,
            "details": None,
            "revision": 4,
        },
        "after": {
            "winner_id": "p2",
            "outcome": "played",
            "decided_by": "regulation",
            "participant1_score": 2,
            "participant2_score": 3,
            "details": None,
            "revision": 5,
        },
        "reason": "Seen on video.",
        "amended_by": "or",
        "server_time": NOW_MS,
    }


def test_an_amendment_of_the_outcome_keeps_winner_and_score() -> None:
    asked = _changed(_amend(outcome=Outcome.RETIRED), COMPLETED)
    assert asked.result.winner_id == "p1"
    assert (asked.result.outcome, asked.score) == (Outcome.RETIRED, COMPLETED.score)
    assert asked.result.decided_by is None


def test_an_amendment_may_take_the_winner_away() -> None:
    assert _changed(_amend(winner_id=None), COMPLETED).result.winner_id is None


def test_an_amended_winner_fits_the_outcome_that_stays() -> None:
    walkover = match(state=State.COMPLETED, result=Result(winner_id="p1", outcome=Outcome.WALKOVER))
    assert _refused(_amend(winner_id=None), walkover).code is Code.INVALID_SCHEMA
    assert _refused(_amend(winner_id="p3"), walkover).code is Code.INVALID_SCHEMA


@pytest.mark.parametrize("state", [state for state in State if state is not State.COMPLETED])
def test_only_a_completed_match_is_amended(state: State) -> None:
    refused = _refused(_amend(winner_id="p2"), match(state=state))
    assert (refused.code, refused.message) == (
        Code.INVALID_TRANSITION,
        f"The result of a completed match can be amended; this one is {state}.",
    )


@pytest.mark.parametrize("old", State)
@pytest.mark.parametrize("new", ["scheduled", "live", "paused"])
def test_the_end_of_a_match_is_taken_back(old: State, new: str) -> None:
    before = match(state=old, result=WON)
    if old not in ("completed", "cancelled"):
        assert _refused(_reopen(new), before).code is Code.INVALID_TRANSITION
        return
    asked = _changed(_reopen(new), before)
    assert (asked.new_state, asked.result, asked.outdates_scores) == (new, Result(), True)


def test_a_reopening_names_state_score_and_reason() -> None:
    asked = _changed(_reopen("live"), COMPLETED)
    event = event_of(asked, COMPLETED, now_ms=NOW_MS)
    assert (event.type, event.sequence) == ("match_reopened", 9)
    assert event.data == {
        "old_state": "completed",
        "new_state": "live",
        "reason": "By mistake.",
        "reopened_by": "or",
        "winner_id": None,
        "outcome": None,
        "decided_by": None,
        "participant1_score": 2,
        "participant2_score": 1,
        "details": None,
        "revision": 4,
        "server_time": NOW_MS,
    }


def test_a_match_that_goes_back_to_its_schedule_has_no_score() -> None:
    asked = _changed(_reopen("scheduled"), COMPLETED)
    assert (asked.score.participant1, asked.score.participant2) == (0, 0)
    assert asked.score.revision == 5


def test_an_undone_start_takes_its_score_along() -> None:
    before = match(score=score(1, 0, revision=1, details={"minute": 3}), window=window())
    asked = _changed(MatchStateChange(match_id="m1", new_state=State.SCHEDULED), before)
    event = event_of(asked, before, now_ms=NOW_MS)
    assert event.score is not None
    assert (event.score.score, asked.outdates_scores) == (before.score, True)
    assert event.data.items() >= {**NIL, "revision": 2}.items()


def test_a_start_undone_before_any_score_makes_no_revision() -> None:
    asked = _changed(MatchStateChange(match_id="m1", new_state=State.SCHEDULED), match())
    assert asked.score == match().score


@pytest.mark.parametrize("new", ["scheduled", "live"])
def test_a_postponed_match_keeps_the_score_that_it_had(new: str) -> None:
    before = match(state=State.POSTPONED, score=score(1, 0, revision=1))
    asked = _changed(MatchStateChange(match_id="m1", new_state=State(new)), before)
    assert (asked.score, asked.outdates_scores) == (before.score, False)
