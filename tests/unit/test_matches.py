from dataclasses import replace
from typing import Any

import pytest

from scorecast.domain.connections.identity import Identity
from scorecast.domain.matches.changes import Change, event_of
from scorecast.domain.matches.decisions import decide, report_rejection, role_for
from scorecast.domain.matches.match import (
    Claimed,
    LoggedEvent,
    Match,
    Result,
    Score,
    is_complete,
)
from scorecast.domain.matches.payloads import (
    event_data,
    match_snapshot,
    match_summary,
    score_updated,
)
from scorecast.domain.matches.scoring import Accepted, rejection
from scorecast.protocol.commands import (
    DisputeCreate,
    MatchCommand,
    MatchComplete,
    MatchEventCommand,
    MatchStart,
    MatchStateChange,
    ScoreUpdate,
)
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.limits import WINDOW_LEASE_MS
from scorecast.protocol.roles import Role
from scorecast.protocol.states import NEXT, State
from tests import examples
from tests.examples import NOW_MS, match, occasion, score, window

COMPLETE = MatchComplete(match_id="m1", winner_id="p1")
DISPUTE = DisputeCreate(match_id="m1", reason="Offside")
START = MatchStart(match_id="m1")


def _to(state: State) -> MatchStateChange:
    return MatchStateChange(match_id="m1", new_state=state)


def _change(command: MatchEventCommand, **changes: Any) -> Change | Rejection:
    return decide(command, match(**changes), occasion())


def _changed(command: MatchEventCommand, **changes: Any) -> Change:
    asked = _change(command, **changes)
    assert isinstance(asked, Change)
    return asked


def _event(command: MatchEventCommand, before: Match) -> tuple[LoggedEvent, Score]:
    asked = decide(command, before, occasion())
    assert isinstance(asked, Change)
    return event_of(asked, before, now_ms=NOW_MS), asked.score


def _code(outcome: Change | Rejection) -> Code | None:
    return outcome.code if isinstance(outcome, Rejection) else None


@pytest.mark.parametrize("old", State)
@pytest.mark.parametrize("new", [state for state in State if state is not State.COMPLETED])
def test_a_state_change_goes_where_the_protocol_lets_it(old: State, new: State) -> None:
    outcome = _change(_to(new), state=old)
    assert _code(outcome) == (None if new in NEXT[old] else Code.INVALID_TRANSITION)


@pytest.mark.parametrize(
    ("command", "new"),
    [(START, State.LIVE), (COMPLETE, State.COMPLETED)],
)
@pytest.mark.parametrize("old", State)
def test_a_command_goes_where_the_protocol_lets_it(
    command: MatchEventCommand, new: State, old: State
) -> None:
    outcome = _change(command, state=old)
    assert _code(outcome) == (None if new in NEXT[old] else Code.INVALID_TRANSITION)


@pytest.mark.parametrize("old", State)
def test_only_a_completion_completes(old: State) -> None:
    assert _code(_change(_to(State.COMPLETED), state=old)) is Code.INVALID_TRANSITION


def test_a_refused_transition_is_answered_with_the_state() -> None:
    refused = _change(START, state=State.COMPLETED)
    assert isinstance(refused, Rejection)
    assert refused.data == {"match_id": "m1", "state": "completed"}


def test_a_state_change_names_old_and_new() -> None:
    asked = _changed(_to(State.PAUSED))
    assert asked.type == "match_state_changed"
    assert asked.data == {"old_state": "live", "new_state": "paused", "changed_by": "or"}


@pytest.mark.parametrize("winner", ["p1", "p2", None])
def test_a_winner_is_a_participant_or_null(winner: str | None) -> None:
    asked = _changed(MatchComplete(match_id="m1", winner_id=winner))
    assert (asked.result.winner_id, dict(asked.data)["winner_id"]) == (winner, winner)


def test_a_winner_must_be_a_participant() -> None:
    assert _code(_change(MatchComplete(match_id="m1", winner_id="p3"))) is Code.INVALID_SCHEMA


def test_an_event_takes_the_next_number() -> None:
    event, after = _event(START, match(state=State.SCHEDULED, sequence=7, last_event_sequence=4))
    assert (event.type, event.sequence, event.previous_sequence) == ("match_started", 8, 4)
    assert (event.score, after) == (None, score())
    assert event.data == {"started_by": "or", "server_time": NOW_MS}


def test_an_open_windows_score_takes_the_number_before_the_event() -> None:
    waiting = score(2, 1, revision=9, updated_at_ms=NOW_MS - 50, updated_by="ad")
    before = match(score=waiting, sequence=7, window=window(updates=3))
    event, after = _event(COMPLETE, before)
    assert (event.sequence, after) == (9, waiting)
    assert event.score == Claimed(
        score=waiting, sequence=8, merged=3, claimed_by="event:9", claimed_at_ms=NOW_MS
    )


@pytest.mark.parametrize("command", [COMPLETE, DISPUTE, _to(State.PAUSED)])
def test_every_event_but_cancelling_closes_the_window_first(command: MatchEventCommand) -> None:
    event, _ = _event(command, match(score=score(1), window=window()))
    assert event.score is not None
    assert event.score.sequence == event.sequence - 1


def test_cancelling_abandons_the_window() -> None:
    event, _ = _event(_to(State.CANCELLED), match(score=score(1), sequence=7, window=window()))
    assert (event.score, event.sequence) == (None, 8)


def test_a_completion_carries_the_final_score() -> None:
    event, _ = _event(COMPLETE, match(score=score(2, 1, details={"minute": 90})))
    assert event.data == {
        "winner_id": "p1",
        "outcome": "played",
        "decided_by": None,
        "confirmed_by": "or",
        "revision": 0,
        "server_time": NOW_MS,
        "participant1_score": 2,
        "participant2_score": 1,
        "details": {"minute": 90},
    }


def _completed_with(before: Match, **final: Any) -> tuple[LoggedEvent, Score]:
    command = MatchComplete(match_id="m1", winner_id="p1", **final)
    return _event(command, before)


def test_a_differing_final_score_gets_a_revision_and_comes_with_the_completion() -> None:
    before = match(score=score(1, revision=4), sequence=7)
    event, after = _completed_with(before, participant1_score=2, participant2_score=0)
    assert after == score(2, 0, revision=5, updated_at_ms=NOW_MS, updated_by="or")
    assert (event.score, event.sequence) == (None, 8)
    assert (event.data["participant1_score"], event.data["participant2_score"]) == (2, 0)


def test_open_window_is_flushed_before_the_final_score() -> None:
    before = match(score=score(1, revision=4), sequence=7, window=window(updates=2))
    event, after = _completed_with(before, participant1_score=2, participant2_score=0)
    assert event.score is not None
    assert (event.score.score, event.score.merged) == (before.score, 2)
    assert (event.score.sequence, event.sequence) == (8, 9)
    assert (after.revision, event.data["participant1_score"]) == (5, 2)


def test_final_scores_that_are_stored_already_make_no_revision() -> None:
    before = match(score=score(2, 1, revision=4))
    event, after = _completed_with(before, participant1_score=2, participant2_score=1)
    assert (event.score, after) == (None, before.score)


def test_a_final_score_is_both_participants() -> None:
    before = match(score=score(1, 1, revision=4))
    event, after = _completed_with(before, participant1_score=3, participant2_score=2)
    assert (after.participant1, after.participant2) == (3, 2)
    assert (event.data["participant1_score"], event.data["participant2_score"]) == (3, 2)


def test_final_details_that_differ_make_a_revision() -> None:
    before = match(score=score(2, 2, revision=4, details={"minute": 90}))
    event, after = _completed_with(before, details={"penalties": [4, 3]})
    assert (after.details, after.revision) == ({"penalties": [4, 3]}, 5)
    assert (after.participant1, after.participant2) == (2, 2)
    assert event.data["details"] == {"penalties": [4, 3]}


def test_a_final_score_without_details_keeps_the_stored_ones() -> None:
    before = match(score=score(1, 0, details={"minute": 90}))
    _, after = _completed_with(before, participant1_score=2, participant2_score=0)
    assert after.details == {"minute": 90}


@pytest.mark.parametrize(
    ("identity", "role"),
    [
        (examples.ADMIN, Role.ADMIN),
        (examples.ORGANIZER, Role.ORGANIZER),
        (Identity(user_id="x", tournaments=("t1",)), Role.ORGANIZER),
        (examples.PARTICIPANT, Role.PARTICIPANT),
        (examples.SPECTATOR, Role.SPECTATOR),
    ],
)
def test_a_role_in_a_match_follows_from_it_and_its_tournament(
    identity: Identity, role: Role
) -> None:
    assert role_for(identity, match(), ["or"]) is role


SCORE = ScoreUpdate(match_id="m1", participant1_score=1, participant2_score=0)


@pytest.mark.parametrize("command", [SCORE, START, COMPLETE, DISPUTE, _to(State.PAUSED)])
def test_officials_may_do_everything_and_spectators_nothing(command: MatchCommand) -> None:
    for role in (Role.ADMIN, Role.SERVICE, Role.ORGANIZER):
        assert report_rejection(command, role) is None
    refused = report_rejection(command, Role.SPECTATOR)
    assert refused is not None
    assert refused.code is Code.FORBIDDEN


def test_participants_may_open_disputes_and_nothing_else() -> None:
    assert report_rejection(DISPUTE, Role.PARTICIPANT) is None
    assert report_rejection(SCORE, Role.PARTICIPANT) is not None


def test_opening_a_window_sends_a_flush_request() -> None:
    """The window's id is the revision before the update that opened it."""
    before = match(window=window(id=4, updates=2))
    assert Accepted(before, revision=5).flush_is_due(now_ms=NOW_MS)
    assert not Accepted(before, revision=6).flush_is_due(now_ms=NOW_MS)


def test_a_lost_flush_request_is_replaced_after_its_lease() -> None:
    joined = Accepted(match(window=window(updates=5)), revision=5)
    assert not joined.flush_is_due(now_ms=NOW_MS + WINDOW_LEASE_MS)
    assert joined.flush_is_due(now_ms=NOW_MS + WINDOW_LEASE_MS + 1)


@pytest.mark.parametrize(
    ("sent", "may_be"),
    [
        (examples.score_update(2, details={"minute": 9}), True),
        (examples.score_update(3, details={"minute": 9}), False),
        (examples.score_update(2, details={"minute": 8}), False),
        (examples.score_update(2), False),
        (replace(examples.score_update(2, details={"minute": 9}), participant2_score=1), False),
    ],
    ids=["the same", "another score", "other details", "no details", "the other side's score"],
)
def test_an_update_sent_again_is_the_one_that_is_stored(sent: ScoreUpdate, may_be: bool) -> None:
    stored = match(score=score(2, 0, revision=5, details={"minute": 9}))
    assert Accepted(stored, revision=5).may_be(sent) is may_be


def test_an_update_that_a_final_score_followed_may_have_been_any() -> None:
    stored = match(score=score(2, 0, revision=6))
    assert Accepted(stored, revision=5).may_be(examples.score_update(9))


def test_a_repeated_update_whose_window_is_closed_needs_no_flush_request() -> None:
    assert not Accepted(match(window=None), revision=1).flush_is_due(now_ms=NOW_MS + 1_000_000)


def test_a_refused_score_is_answered_with_what_is_stored() -> None:
    refused = rejection(match(score=score(2, 1, revision=9)), examples.score_update(1))
    assert refused.code is Code.STALE
    assert refused.data == {
        "match_id": "m1",
        "revision": 9,
        "participant1_score": 2,
        "participant2_score": 1,
    }


def test_M7_a_conflict_has_all_that_stands_beside_the_stored_score() -> None:
    beside = {"participant1_score": 6, "participant2_score": 4}
    stored = score(1, 0, periods=[{"name": "1", **beside, "final": True}], shootout=beside)
    refused = rejection(match(score=stored), examples.score_update(1), base_revision=8)
    assert refused.code is Code.CONFLICT and refused.data is not None
    assert (refused.data["periods"], refused.data["shootout"]) == (stored.periods, stored.shootout)
    assert "clock" not in refused.data


def test_a_score_upon_another_one_than_is_stored_is_in_conflict() -> None:
    refused = rejection(
        match(score=score(2, 1, revision=9)), examples.score_update(1), base_revision=8
    )
    assert refused.code is Code.CONFLICT
    assert refused.data == {
        "match_id": "m1",
        "revision": 9,
        "participant1_score": 2,
        "participant2_score": 1,
    }
    assert rejection(match(score=score(revision=9)), examples.score_update(1), 9).code is Code.STALE
    ended = match(state=State.COMPLETED, score=score(revision=9))
    assert rejection(ended, examples.score_update(1), 8).code is Code.MATCH_NOT_LIVE


@pytest.mark.parametrize("state", State)
def test_a_score_outside_play_is_refused_by_the_state(state: State) -> None:
    code = rejection(match(state=state), examples.score_update(1)).code
    assert (code is Code.MATCH_NOT_LIVE) == (state not in ("live", "paused", "disputed"))


def test_a_score_message_has_what_was_claimed_and_not_what_is_stored_now() -> None:
    claimed = Claimed(
        score=score(1, 0, revision=3, updated_at_ms=5, updated_by="ad"),
        sequence=4,
        merged=2,
        claimed_by="tick",
        claimed_at_ms=9,
        updates=(
            score(1, 1, revision=2, updated_at_ms=4, updated_by="ad"),
            score(1, 0, revision=3, updated_at_ms=5, updated_by="ad"),
        ),
    )
    update = {"details": None, "updated_by": "ad", "participant1_score": 1}
    assert score_updated("m1", "t1", claimed) == {
        "match_id": "m1",
        "tournament_id": "t1",
        "sequence": 4,
        "participant1_score": 1,
        "participant2_score": 0,
        "details": None,
        "updated_at": 5,
        "updated_by": "ad",
        "revision": 3,
        "merged": 2,
        "updates": [
            update | {"participant2_score": 1, "revision": 2, "updated_at": 4},
            update | {"participant2_score": 0, "revision": 3, "updated_at": 5},
        ],
        "correction": False,
        "server_time": 9,
    }


def test_a_snapshot_has_all_of_a_match() -> None:
    won = match(score=score(1, 2, revision=3), sequence=5, result=Result(winner_id="p2"))
    published = match_snapshot(won)
    assert published == match_summary(won) | {
        "tournament_id": "t1",
        "participants": [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}],
        "scheduled_at": "2026-06-11T13:00:00-06:00",
        "updated_by": None,
    }
    assert (published["sequence"], published["revision"], published["winner_id"]) == (5, 3, "p2")


def _log(*sequences: int, before: int = 0) -> list[LoggedEvent]:
    previous = [before, *sequences]
    return [
        LoggedEvent(type="e", sequence=sequence, previous_sequence=earlier, data={})
        for earlier, sequence in zip(previous, sequences, strict=False)
    ]


def _is_complete(events: list[LoggedEvent], since: int) -> bool:
    """For a match whose newest number is 8, and whose newest event is 6."""
    return is_complete(events, since=since, sequence=8, last_event_sequence=6)


@pytest.mark.parametrize("since", [1, 2, 3])
def test_all_events_since_then_are_a_complete_recovery(since: int) -> None:
    assert _is_complete(_log(4, 6, before=1), since)


@pytest.mark.parametrize("since", [6, 7, 8])
def test_a_client_that_missed_no_event_needs_none(since: int) -> None:
    assert _is_complete([], since)


def test_a_match_without_events_has_none_to_miss() -> None:
    assert is_complete([], since=0, sequence=0, last_event_sequence=0)


@pytest.mark.parametrize(
    "found",
    [
        _log(6, before=4),
        [_log(3, 4, 6)[0], _log(3, 4, 6)[2]],
        _log(3, 4, before=1),
        _log(3, 4, 6, 9, before=1),
        [],
    ],
    ids=["first missing", "middle missing", "last missing", "one too many", "all missing"],
)
def test_a_gap_in_the_log_prevents_recovery(found: list[LoggedEvent]) -> None:
    assert not _is_complete(found, 2)


def test_a_client_that_is_ahead_has_seen_another_room() -> None:
    assert not _is_complete([], 9)


def test_an_events_message_names_its_match_and_number() -> None:
    event = LoggedEvent(type="e", sequence=4, previous_sequence=0, data={"n": 4})
    assert event_data("m1", "t1", event) == {
        "match_id": "m1",
        "tournament_id": "t1",
        "sequence": 4,
        "n": 4,
    }
