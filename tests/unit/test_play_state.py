from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scorecast.domain.matches.changes import event_of
from scorecast.domain.matches.decisions import decide
from scorecast.domain.matches.match import BYE, Claimed, Participant
from scorecast.domain.matches.payloads import match_snapshot, score_state, score_updated
from scorecast.domain.matches.play_state import given_state, stopped
from scorecast.domain.matches.scoring import Accepted, rejection, untimely
from scorecast.protocol.commands import (
    Clock,
    MatchComplete,
    MatchStart,
    MatchStateChange,
    Period,
    ScoreUpdate,
    Shootout,
)
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.limits import CLOCK_MS_MAX, PERIODS_MAX, SCORE_MAX, SNAPSHOT_BYTES_MAX
from scorecast.protocol.shapes import FieldConflict
from scorecast.protocol.snapshots import Scoring
from scorecast.protocol.states import State
from scorecast.protocol.strict_json import compact
from tests.examples import NOW_MS, match, occasion, score, score_update, window

SET = {"name": "Set 1", "participant1_score": 6, "participant2_score": 4, "final": True}
CLOCK: Any = {"period": "2nd half", "running": True, "elapsed_ms": 60_000, "at": NOW_MS}
SHOOTOUT: Any = {"participant1_score": 2, "participant2_score": 1}
STANDS: Any = {"periods": [SET], "clock": CLOCK, "shootout": SHOOTOUT}
CHESS: Scoring = {"scale": 1, "negative": False, "unit": "points"}
BELOW_ZERO: Scoring = {"scale": 0, "negative": True, "unit": "points"}

periods = st.lists(
    st.builds(
        Period,
        name=st.text(min_size=1, max_size=24),
        participant1_score=st.integers(-SCORE_MAX, SCORE_MAX),
        participant2_score=st.integers(-SCORE_MAX, SCORE_MAX),
        final=st.booleans(),
    ),
    max_size=PERIODS_MAX,
)
clocks = st.one_of(
    st.just(Clock()),
    st.builds(
        Clock,
        period=st.none() | st.text(min_size=1, max_size=24),
        running=st.booleans(),
        elapsed_ms=st.integers(0, CLOCK_MS_MAX),
        at=st.none() | st.integers(0, NOW_MS),
    ),
)
shootouts = st.one_of(
    st.just(Shootout()),
    st.builds(
        Shootout, participant1_score=st.integers(0, 99), participant2_score=st.integers(0, 99)
    ),
)
updates = st.builds(
    score_update,
    st.integers(0, 9),
    periods=st.none() | periods,
    clock=st.none() | clocks,
    shootout=st.none() | shootouts,
)


@given(st.lists(updates, max_size=5))
def test_what_stands_is_what_was_given_last(sent: list[ScoreUpdate]) -> None:
    stands = score()
    for update in sent:
        stands = _after(stands, update)
    for name in ("periods", "clock", "shootout"):
        given_last = [each for each in sent if getattr(each, name) is not None][-1:]
        state = given_state(given_last[0], now_ms=NOW_MS) if given_last else {}
        assert getattr(stands, name) == state.get(name)
        assert (name in score_state(stands)) is (state.get(name) is not None)


def _after(stands: Any, update: ScoreUpdate) -> Any:
    return replace(stands, **given_state(update, now_ms=NOW_MS))


@pytest.mark.parametrize(
    ("empty", "name"),
    [
        ({"periods": []}, "periods"),
        ({"clock": Clock()}, "clock"),
        ({"shootout": Shootout()}, "shootout"),
    ],
    ids=["periods", "clock", "shootout"],
)
def test_an_empty_one_removes_what_stood(empty: Any, name: str) -> None:
    stands = _after(score(**STANDS), score_update(1, **empty))
    assert set(STANDS) - set(score_state(stands)) == {name}


def test_a_clock_that_does_not_say_when_is_right_now() -> None:
    update = score_update(1, clock=Clock(running=True, elapsed_ms=5))
    stamped = {"period": None, "running": True, "elapsed_ms": 5, "at": NOW_MS}
    assert given_state(update, now_ms=NOW_MS) == {"clock": stamped}


@pytest.mark.parametrize(
    "fields",
    [{"running": True}, {"elapsed_ms": 5}, {"period": "1st half"}, {"at": 5}],
    ids=lambda fields: next(iter(fields)),
)
def test_a_clock_runs_or_not_and_shows_a_time(fields: Any) -> None:
    with pytest.raises(FieldConflict):
        Clock(**fields)


def test_a_shootout_has_both_scores() -> None:
    with pytest.raises(FieldConflict):
        Shootout(participant1_score=1)


@pytest.mark.parametrize(("ahead_ms", "is_refused"), [(60_000, False), (60_001, True)])
def test_a_clock_is_at_most_a_minute_ahead(ahead_ms: int, is_refused: bool) -> None:
    clock = Clock(running=True, elapsed_ms=0, at=NOW_MS + ahead_ms)
    refused = untimely(score_update(1, clock=clock), now_ms=NOW_MS)
    assert (refused is not None) is is_refused
    if refused is not None:
        must = {"clock.at": "must be at most 60 s ahead of the server's time"}
        assert refused.data == {"errors": must}


@pytest.mark.parametrize(
    ("given", "may_be"),
    [
        ({}, True),
        ({"clock": Clock(period="2nd half", running=True, elapsed_ms=60_000)}, True),
        ({"clock": Clock(running=True, elapsed_ms=60_000)}, False),
        ({"shootout": Shootout(participant1_score=2, participant2_score=2)}, False),
        ({"periods": []}, False),
    ],
    ids=["what it leaves out", "the same clock", "another clock", "another shoot-out", "none"],
)
def test_a_repeated_update_gives_the_state_that_stands(given: Any, may_be: bool) -> None:
    stored = match(score=score(1, 0, revision=5, **STANDS))
    assert Accepted(stored, revision=5).may_be(score_update(1, **given)) is may_be


@pytest.mark.parametrize("state", [State.COMPLETED, State.CANCELLED])
def test_M8_the_last_event_carries_what_stands_with_its_clock_stopped(state: State) -> None:
    """state is kept until given again: a completion wipes none of it"""
    live = match(score=score(1, 0, revision=5, **STANDS))
    asked = (
        MatchComplete(match_id="m1", winner_id="p1")
        if state is State.COMPLETED
        else MatchStateChange(match_id="m1", new_state=state)
    )
    event, after = _event(asked, live, now_ms=NOW_MS + 2_000)
    assert event.data["periods"] == [SET]
    assert event.data["shootout"] == SHOOTOUT
    rest = CLOCK | {"running": False, "elapsed_ms": 62_000, "at": NOW_MS + 2_000}
    assert event.data["clock"] == after.clock == rest
    assert after.revision == 5


def _event(asked: Any, stored: Any, *, now_ms: int) -> Any:
    decided = decide(asked, stored, occasion(now_ms=now_ms))
    assert not isinstance(decided, Rejection)
    return event_of(decided, stored, now_ms=now_ms), decided.score


def test_a_completion_may_give_the_final_periods_and_shootout() -> None:
    asked = MatchComplete(
        match_id="m1",
        winner_id="p1",
        periods=[Period(name="Set 2", participant1_score=6, participant2_score=0)],
        shootout=Shootout(participant1_score=4, participant2_score=3),
    )
    event, after = _event(asked, match(score=score(2, 1, revision=5, **STANDS)), now_ms=NOW_MS)
    assert [each["name"] for each in event.data["periods"]] == ["Set 2"]
    assert event.data["shootout"]["participant1_score"] == 4
    assert (event.data["participant1_score"], after.revision) == (2, 6)


def test_a_clock_shows_at_most_a_week() -> None:
    forgotten = score(clock=CLOCK | {"at": 0, "elapsed_ms": 1})
    assert stopped(forgotten, now_ms=2 * CLOCK_MS_MAX).clock["elapsed_ms"] == CLOCK_MS_MAX  # type: ignore[index]


@pytest.mark.parametrize("clock", [None, CLOCK | {"running": False}], ids=["none", "stopped"])
def test_only_a_running_clock_is_stopped(clock: Any) -> None:
    assert stopped(score(clock=clock), now_ms=NOW_MS + 5).clock == clock


def _published(now: tuple[int, int], before: tuple[int, int], corrects: int | None = None) -> Any:
    claimed = Claimed(
        score=score(*now, revision=9, updated_at_ms=NOW_MS, updated_by="or"),
        sequence=4,
        merged=1,
        claimed_by="request",
        claimed_at_ms=NOW_MS,
        before=before,
        corrects=corrects,
    )
    return score_updated("m1", "t1", claimed)


@pytest.mark.parametrize(
    ("now", "before", "is_correction"),
    [
        ((1, 0), (0, 0), False),
        ((1, 1), (1, 1), False),
        ((0, 0), (1, 0), True),
        ((2, 1), (1, 2), True),
    ],
)
def test_M2_a_lowered_score_is_published_as_a_correction(
    now: tuple[int, int], before: tuple[int, int], is_correction: bool
) -> None:
    """a goal taken back is distinguished from a goal, also without `corrects`"""
    data = _published(now, before)
    assert (data["correction"], "corrects" in data) == (is_correction, False)


def test_M2_a_correction_names_the_revision_that_it_corrects() -> None:
    """a goal taken back is distinguished from a goal (`corrects`)"""
    data = _published((2, 0), (1, 0), corrects=7)
    assert (data["correction"], data["corrects"]) == (True, 7)


@pytest.mark.parametrize(
    ("update", "field"),
    [
        (
            ScoreUpdate(match_id="m1", participant1_score=-1, participant2_score=0),
            "participant1_score",
        ),
        (
            score_update(
                0, periods=[Period(name="Set", participant1_score=0, participant2_score=-1)]
            ),
            "periods.0.participant2_score",
        ),
    ],
    ids=["the score", "a period"],
)
def test_M9_scores_are_negative_only_where_the_match_allows_it(
    update: ScoreUpdate, field: str
) -> None:
    """negative scores are representable"""
    for scoring in (None, CHESS):
        refused = rejection(match(scoring=scoring), update)
        assert (refused.code, list(_errors(refused))) == (Code.INVALID_SCHEMA, [field])
    assert rejection(match(scoring=BELOW_ZERO), update).code is Code.STALE


def _errors(refused: Rejection) -> Any:
    assert refused.data is not None
    return refused.data["errors"]


def test_a_negative_final_score_is_refused_as_well() -> None:
    asked = MatchComplete(
        match_id="m1", winner_id=None, participant1_score=-1, participant2_score=0
    )
    refused = decide(asked, match(), occasion())
    assert isinstance(refused, Rejection) and refused.code is Code.INVALID_SCHEMA
    allowed = decide(asked, match(scoring=BELOW_ZERO), occasion())
    assert not isinstance(allowed, Rejection)


def test_a_score_corrects_a_revision_that_there_is() -> None:
    update = score_update(1, corrects=6)
    assert list(_errors(rejection(match(score=score(revision=5)), update))) == ["corrects"]
    assert rejection(match(score=score(revision=6)), update).code is Code.STALE


@pytest.mark.parametrize("unknown", [Participant(None, placeholder="Winner of QF1"), BYE])
def test_M9_a_match_starts_when_both_participants_are_known(unknown: Participant) -> None:
    """placeholders and byes are representable"""
    waiting = match(state=State.SCHEDULED, participants=(Participant("p1", "Mexico"), unknown))
    refused = decide(MatchStart(match_id="m1"), waiting, occasion())
    assert isinstance(refused, Rejection)
    assert (refused.code, refused.data) == (
        Code.INVALID_TRANSITION,
        {"match_id": "m1", "state": State.SCHEDULED},
    )


def test_M9_a_snapshot_shows_placeholders_byes_metadata_and_how_to_read_scores() -> None:
    """half points, placeholders and byes are representable"""
    snapshot = match_snapshot(
        match(
            participants=(
                Participant("p1", "Mexico", {"colour": "#006847"}),
                Participant(None, placeholder="Winner of QF1"),
            ),
            scheduled_at=None,
            scoring=CHESS,
            metadata={"venue": "Hall 2"},
        )
    )
    assert snapshot["participants"] == [
        {"id": "p1", "name": "Mexico", "metadata": {"colour": "#006847"}},
        {"placeholder": "Winner of QF1"},
    ]
    assert (snapshot["scheduled_at"], snapshot["scoring"]) == (None, CHESS)
    assert snapshot["metadata"] == {"venue": "Hall 2"}
    assert match_snapshot(match(participants=(BYE, BYE)))["participants"] == [{"bye": True}] * 2


def test_the_window_names_what_was_corrected_when_an_event_closes_it() -> None:
    open_window = window(before=(1, 0), corrects=3)
    stored = match(
        score=score(0, 0, revision=4, updated_at_ms=1, updated_by="o"), window=open_window
    )
    event, _ = _event(MatchComplete(match_id="m1", winner_id=None), stored, now_ms=NOW_MS)
    assert (event.score.before, event.score.corrects) == ((1, 0), 3)


def test_T10_the_largest_match_snapshot_fits_into_a_message() -> None:
    """no answer or message exceeds 30 KB, whatever is stored"""
    name, metadata = "😀" * 120, {"x": "ü" * 1_020}
    largest = match(
        id="m" * 64,
        tournament_id="t" * 64,
        participants=tuple(Participant(each * 64, name, metadata) for each in "ab"),
        metadata=metadata,
        scoring={"scale": 3, "negative": True, "unit": "😀" * 24, "best_of": 99},
        score=score(
            -SCORE_MAX,
            -SCORE_MAX,
            details={"x": "ü" * 1_020},
            revision=2**53,
            updated_at_ms=NOW_MS,
            updated_by="u" * 64,
            periods=[
                {
                    "name": "😀" * 24,
                    "participant1_score": -SCORE_MAX,
                    "participant2_score": -SCORE_MAX,
                    "final": False,
                }
            ]
            * PERIODS_MAX,
            clock=CLOCK | {"period": "😀" * 24},
            shootout=SHOOTOUT,
        ),
    )
    assert len(compact(match_snapshot(largest)).encode()) <= SNAPSHOT_BYTES_MAX
