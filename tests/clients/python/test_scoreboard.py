from typing import Any

from scorecast_client.messages import Event
from scorecast_client.scoreboard import MatchRow, Scoreboard

MATCH = {
    "match_id": "m1",
    "state": "live",
    "participant1_score": 1,
    "participant2_score": 0,
    "details": {"minute": "9"},
    "winner_id": None,
    "participants": [{"id": "a", "name": "Ann"}, {"id": "b", "name": "Bob"}],
}


def event(kind: str, **data: Any) -> Event:
    return Event(kind, {"match_id": "m1", **data}, received_at_ms=0)


def loaded() -> Scoreboard:
    board = Scoreboard()
    board.load(MATCH)
    return board


def test_a_match_and_a_tournament_can_be_loaded() -> None:
    board = loaded()
    board.load({"tournament_id": "t", "matches": [{"match_id": "m2", "state": "scheduled"}]})

    assert board.rows["m1"].names == ("Ann", "Bob")
    assert (board.rows["m1"].state, board.rows["m1"].score) == ("live", (1, 0))
    assert (board.rows["m2"].state, board.rows["m2"].score) == ("scheduled", (0, 0))


def test_events_change_only_what_they_carry() -> None:
    board = loaded()
    board.apply(event("score_updated", participant1_score=1, participant2_score=1))
    assert (board.rows["m1"].score, board.rows["m1"].details) == ((1, 1), {"minute": "9"})

    board.apply(event("match_completed", winner_id="a", details={"penalties": [4, 3]}))
    row = board.rows["m1"]
    assert (row.state, row.score, row.winner_id) == ("completed", (1, 1), "a")
    assert row.details == {"penalties": [4, 3]}
    assert board.completed() == 1


def test_states_follow_their_events() -> None:
    board = Scoreboard()
    states = []
    for taken in (
        event("match_started"),
        event("match_state_changed", old_state="live", new_state="paused"),
        event("dispute_created", dispute_id="d1"),
        event("match_completed", winner_id="a", outcome="walkover"),
        event("match_reopened", new_state="live", winner_id=None, outcome=None),
    ):
        board.apply(taken)
        states.append(board.rows["m1"].state)
    assert states == ["live", "paused", "paused", "completed", "live"]
    assert (board.rows["m1"].winner_id, board.rows["m1"].outcome) == (None, None)


def test_an_amended_result_replaces_the_one_before() -> None:
    board = Scoreboard()
    before = {"winner_id": "a", "participant1_score": 2, "participant2_score": 1}
    board.apply(event("match_completed", **before))
    after = {"winner_id": "b", "outcome": "awarded", "participant1_score": 0}
    board.apply(event("result_amended", before=before, after=after | {"participant2_score": 3}))
    row = board.rows["m1"]
    assert (row.state, row.winner_id, row.outcome, row.score) == (
        "completed",
        "b",
        "awarded",
        (0, 3),
    )


def test_viewers_are_counted_and_other_rooms_news_ignored() -> None:
    board = Scoreboard()
    board.apply(Event("viewers", {"tournament_id": "t", "count": 187}, received_at_ms=0))
    board.apply(Event("bracket_updated", {"tournament_id": "t"}, received_at_ms=0))

    assert (board.viewers, board.rows) == (187, {})


def test_a_bracket_event_that_names_a_match_leaves_its_result() -> None:
    board = loaded()
    board.apply(event("bracket_updated", tournament_id="t", sequence=2, winner_id="b"))
    assert board.rows["m1"].winner_id is None


def test_M9_a_score_is_shown_by_its_scale_with_its_periods_and_shootout() -> None:
    row = MatchRow()
    board = Scoreboard(rows={"m1": row})
    scores = {"participant1_score": 15, "participant2_score": -5}
    board.load({"match_id": "m1", "state": "live", **scores, "scoring": {"scale": 1}})
    assert row.shown_score == ("1.5", "-0.5")
    given = {"periods": [scores, "no period"], "shootout": scores, "match_id": "m1"}
    board.load({**scores, **given})
    assert (row.periods, row.shootout) == (((15, -5),), (15, -5))
    board.load({"match_id": "m1", **scores})
    assert (row.periods, row.shootout) == ((), None)
