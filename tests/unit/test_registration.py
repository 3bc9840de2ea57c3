"""What may change of a registered match, and what is published about it."""

from dataclasses import replace
from typing import Any

import pytest

from scorecast.domain.matches.match import Disputes, Match, Participant
from scorecast.domain.matches.registration import (
    Registered,
    Unchanged,
    deleted,
    has_begun,
    registered,
    tournaments_named,
    updated,
)
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.states import ENDED_UNPLAYED, State
from tests.examples import NOW_MS, match, score, window

LATER = "2026-06-12T13:00:00+00:00"


def scheduled(**changes: Any) -> Match:
    return match(**({"state": State.SCHEDULED, "sequence": 3, "last_event_sequence": 3} | changes))


def put(wanted: Match, stored: Match) -> Registered | Unchanged | Rejection:
    return updated(wanted, stored, user_id="ad", now_ms=NOW_MS)


def changed(wanted: Match, stored: Match) -> Registered:
    outcome = put(wanted, stored)
    assert isinstance(outcome, Registered)
    return outcome


def renamed(stored: Match) -> Match:
    first, second = stored.participants
    return replace(stored, participants=(replace(first, name="México"), second))


def test_M5_a_registration_is_the_first_event_and_has_all_that_a_page_shows() -> None:
    event = registered(scheduled(), None, user_id="ad", now_ms=NOW_MS).event
    assert (event.type, event.sequence, event.previous_sequence) == ("match_registered", 1, 0)
    assert event.data == {
        "participants": [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}],
        "scheduled_at": "2026-06-11T13:00:00-06:00",
        "state": "scheduled",
        "registered_by": "ad",
        "server_time": NOW_MS,
    }


def test_M5_another_time_is_an_event_that_says_what_changed() -> None:
    outcome = changed(scheduled(scheduled_at=LATER), scheduled())
    assert (outcome.event.sequence, outcome.event.previous_sequence) == (4, 3)
    assert outcome.event.data["changed"] == ["scheduled_at"]
    assert outcome.event.data["scheduled_at"] == LATER
    assert (outcome.match.scheduled_at, outcome.match.registered_sequence) == (LATER, 4)


def test_an_unchanged_registration_is_not_an_event() -> None:
    assert put(scheduled(sequence=0), scheduled()) == Unchanged()


@pytest.mark.parametrize("state", State)
def test_M10_a_name_can_be_corrected_in_any_state(state: State) -> None:
    stored = scheduled(state=state)
    outcome = changed(renamed(scheduled()), stored)
    assert outcome.match.state is state
    assert outcome.match.participants[0].name == "México"
    assert outcome.event.data["changed"] == ["participants"]


@pytest.mark.parametrize("state", State)
def test_participants_are_others_until_the_match_has_begun(state: State) -> None:
    stored = scheduled(state=state)
    others = scheduled(participants=(stored.participants[1], Participant("p3", "Chile")))
    outcome = put(others, stored)
    if state in ENDED_UNPLAYED:
        assert isinstance(outcome, Registered)
    else:
        assert isinstance(outcome, Rejection)
        assert (outcome.code, outcome.data) == (
            Code.INVALID_TRANSITION,
            {"match_id": "m1", "state": state},
        )


def test_a_match_stays_in_its_tournament() -> None:
    outcome = put(scheduled(tournament_id="t2"), scheduled())
    assert isinstance(outcome, Rejection) and outcome.code is Code.FORBIDDEN


def test_an_open_window_is_flushed_before_the_change() -> None:
    stored = match(sequence=3, score=score(1, 0, revision=1), window=window())
    outcome = changed(renamed(stored), stored)
    assert outcome.event.sequence == 5
    assert outcome.event.score is not None
    assert (outcome.event.score.sequence, outcome.event.score.score) == (4, stored.score)
    assert outcome.match.window is None


def test_a_start_that_was_undone_after_a_score_was_a_beginning() -> None:
    assert not has_begun(scheduled())
    assert has_begun(scheduled(score=score(1, 0, revision=1)))
    assert has_begun(match(state=State.LIVE))


def test_M10_a_match_that_never_began_is_deleted_and_keeps_its_number() -> None:
    outcome = deleted(scheduled(), user_id="ad", now_ms=NOW_MS)
    assert isinstance(outcome, Registered)
    assert (outcome.event.type, outcome.event.sequence) == ("match_deleted", 4)
    assert outcome.match.is_deleted
    again = registered(scheduled(sequence=0), outcome.match, user_id="ad", now_ms=NOW_MS)
    assert (again.event.sequence, again.event.previous_sequence) == (5, 4)
    assert again.match.unsent == {4, 5}
    assert not again.match.is_deleted


@pytest.mark.parametrize("state", sorted(frozenset(State) - ENDED_UNPLAYED))
def test_a_match_that_has_begun_is_not_deleted(state: State) -> None:
    outcome = deleted(match(state=state), user_id="ad", now_ms=NOW_MS)
    assert isinstance(outcome, Rejection) and outcome.code is Code.INVALID_TRANSITION


def test_a_disputed_match_is_not_deleted() -> None:
    disputed = scheduled(disputes=Disputes(count=1, open={}))
    outcome = deleted(disputed, user_id="ad", now_ms=NOW_MS)
    assert isinstance(outcome, Rejection) and outcome.code is Code.INVALID_TRANSITION


def test_the_longest_beginning_of_an_id_is_tried_first() -> None:
    assert tournaments_named("cup-women-final-1") == ["cup-women-final", "cup-women", "cup"]
    assert tournaments_named("final") == []
    assert tournaments_named("-final") == []
