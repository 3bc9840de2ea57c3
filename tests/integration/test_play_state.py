"""What stands beside a score, on its way through the table and out to the room."""

from typing import Any

import pytest

from scorecast.domain.matches.match import Participant
from scorecast.domain.rooms import match_room
from scorecast.protocol.commands import (
    Clock,
    MatchComplete,
    MatchStateChange,
    Period,
    ScoreUpdate,
    Shootout,
)
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.states import State
from tests.examples import match
from tests.harness.moto_cloud import MotoCloud

SET = Period(name="Set 1", participant1_score=6, participant2_score=4, final=True)
CLOCK = Clock(period="Set 2", running=True, elapsed_ms=5_000)
SHOOTOUT = Shootout(participant1_score=1, participant2_score=0)


def _report(cloud: MotoCloud, first: int = 0, second: int = 0, **fields: Any) -> Any:
    return cloud.execute(
        ScoreUpdate(match_id="m1", participant1_score=first, participant2_score=second, **fields)
    )


def _published(cloud: MotoCloud) -> list[dict[str, Any]]:
    """The data of every message that c1 got."""
    return [message["data"] for message in cloud.api.messages("c1")]


@pytest.fixture
def watched(cloud: MotoCloud) -> MotoCloud:
    cloud.register("m1")
    cloud.connect("c1", match_room("m1"))
    return cloud


def test_M8_updates_that_merge_keep_the_state_that_each_gave_last(watched: MotoCloud) -> None:
    """`periods`, `clock` and `shootout` are state, kept until given again; `details` are not"""
    _report(watched, 1, periods=[SET], details={"minute": 5})
    _report(watched, 1, clock=CLOCK)
    _report(watched, 2, shootout=SHOOTOUT)
    watched.flush()
    [data] = _published(watched)
    assert (data["merged"], data["details"]) == (3, None)
    assert data["periods"][0]["name"] == "Set 1"
    assert (data["clock"]["period"], data["shootout"]["participant1_score"]) == ("Set 2", 1)


def test_M8_a_tap_loses_no_state(watched: MotoCloud) -> None:
    """a tap loses none of them"""
    _report(watched, 1, periods=[SET], clock=CLOCK, shootout=SHOOTOUT)
    watched.flush(request_id="first")
    _report(watched, 2)
    watched.flush(request_id="second")
    before, after = _published(watched)
    for name in ("periods", "clock", "shootout"):
        assert after[name] == before[name]


def test_M8_what_is_given_later_is_not_in_what_was_claimed(watched: MotoCloud) -> None:
    """a repeated flush publishes the state that it claimed"""
    _report(watched, 1, periods=[SET])
    watched.flush(request_id="first")
    _report(watched, 1, periods=[], shootout=SHOOTOUT)
    watched.flush(request_id="first")
    again = _published(watched)[1]
    assert (again["periods"][0]["name"], "shootout" in again) == ("Set 1", False)


def test_a_completion_publishes_what_stood_in_the_open_window(watched: MotoCloud) -> None:
    _report(watched, 1, periods=[SET], shootout=SHOOTOUT)
    watched.execute(MatchComplete(match_id="m1", winner_id="p1"))
    watched.flush()
    score, completion = _published(watched)
    assert score["periods"] == completion["periods"]
    assert score["shootout"] == completion["shootout"]
    assert watched.matches.get("m1").score.shootout == score["shootout"]


def test_a_removed_clock_is_gone(watched: MotoCloud) -> None:
    _report(watched, clock=CLOCK)
    _report(watched, clock=Clock())
    watched.flush()
    assert "clock" not in _published(watched)[0]


def test_M2_a_goal_taken_back_is_published_as_a_correction(watched: MotoCloud) -> None:
    """a score that is lower than what viewers have seen is distinguished from a goal"""
    for number, first in enumerate([1, 0, 1]):
        _report(watched, first)
        watched.flush(request_id=f"request-{number}")
    assert [data["correction"] for data in _published(watched)] == [False, True, False]


def test_M2_one_correction_among_merged_updates_makes_the_message_one(watched: MotoCloud) -> None:
    """`corrects` is published, also if a goal follows in the same window"""
    revision = _report(watched, 1)["revision"]
    _report(watched, 0, corrects=revision)
    _report(watched, 0, 1)
    watched.flush(request_id="first")
    _report(watched, 1, 1)
    watched.flush(request_id="second")
    first, second = _published(watched)
    assert (first["correction"], first["corrects"]) == (True, revision)
    assert (second["correction"], "corrects" in second) == (False, False)


def test_M2_a_correction_that_an_event_overtakes_is_still_one(watched: MotoCloud) -> None:
    """a correction in the window that a completion closes"""
    _report(watched, 1)
    watched.flush(request_id="first")
    _report(watched, 0)
    watched.execute(MatchComplete(match_id="m1", winner_id=None))
    watched.flush(request_id="second")
    assert [data.get("correction") for data in _published(watched)] == [False, True, None]


def test_a_cancelled_window_leaves_no_correction_behind(watched: MotoCloud) -> None:
    _report(watched, 1, corrects=0)
    watched.execute(MatchStateChange(match_id="m1", new_state=State.CANCELLED))
    item = watched.items(watched.matches_table)["M#m1", "M"]
    assert not [name for name in item if name.startswith(("window_", "before_"))]


def test_a_score_that_corrects_the_future_is_refused(watched: MotoCloud) -> None:
    refused = _report(watched, 1, corrects=1)
    assert isinstance(refused, Rejection)
    assert refused.data == {"errors": {"corrects": "must be one of the match's revisions"}}


def test_M9_a_negative_score_passes_where_the_match_allows_it(cloud: MotoCloud) -> None:
    """negative scores are representable"""
    allows: Any = {"scale": 0, "negative": True, "unit": "points"}
    for scoring in (None, allows):
        cloud.put_match(match(state=State.LIVE, scoring=scoring, id=_id_of(scoring)))
    refused, accepted = (
        cloud.execute(
            ScoreUpdate(match_id=_id_of(each), participant1_score=-3, participant2_score=0)
        )
        for each in (None, allows)
    )
    assert isinstance(refused, Rejection) and refused.code is Code.INVALID_SCHEMA
    assert accepted["revision"] == 1
    assert cloud.matches.get(_id_of(allows)).score.participant1 == -3


def _id_of(scoring: object) -> str:
    return "m1" if scoring is None else "m2"


def test_M9_a_registration_is_read_back_with_all_that_it_says(cloud: MotoCloud) -> None:
    """placeholders, byes, metadata and scoring are representable"""
    registered = match(
        state=State.SCHEDULED,
        participants=(
            Participant("p1", "Mexico", {"x": 1.5}),
            Participant(None, placeholder="Winner of QF1"),
        ),
        scheduled_at=None,
        scoring={"scale": 1, "negative": False, "unit": "points", "best_of": 4},
        metadata={"venue": {"name": "Hall 2", "lat": 9.85}},
    )
    cloud.put_match(registered)
    assert cloud.matches.get("m1") == registered
