"""State that is kept beside a score until it is sent again: periods, clock, shoot-out."""

from dataclasses import replace
from typing import TypedDict

from scorecast.domain.matches.match import Score
from scorecast.protocol.commands import Clock, Period, ScoreUpdate, Shootout
from scorecast.protocol.limits import CLOCK_MS_MAX
from scorecast.protocol.snapshots import ClockState, PeriodState, ShootoutState


class GivenState(TypedDict, total=False):
    """The fields that an update contains. None removes the stored value."""

    periods: list[PeriodState] | None
    clock: ClockState | None
    shootout: ShootoutState | None


def given_state(update: ScoreUpdate, *, now_ms: int) -> GivenState:
    """`now_ms` is the time of a clock that has no `at`."""
    given: GivenState = {}
    if update.periods is not None:
        given["periods"] = [_period(period) for period in update.periods] or None
    if update.clock is not None:
        given["clock"] = _clock(update.clock, now_ms)
    if update.shootout is not None:
        given["shootout"] = _shootout(update.shootout)
    return given


def _period(period: Period) -> PeriodState:
    return {
        "name": period.name,
        "participant1_score": period.participant1_score,
        "participant2_score": period.participant2_score,
        "final": period.final,
    }


def _clock(clock: Clock, now_ms: int) -> ClockState | None:
    if clock.running is None or clock.elapsed_ms is None:
        return None
    return {
        "period": clock.period,
        "running": clock.running,
        "elapsed_ms": clock.elapsed_ms,
        "at": now_ms if clock.at is None else clock.at,
    }


def _shootout(shootout: Shootout) -> ShootoutState | None:
    first, second = shootout.participant1_score, shootout.participant2_score
    if first is None or second is None:
        return None
    return {"participant1_score": first, "participant2_score": second}


def is_given(update: ScoreUpdate, score: Score) -> bool:
    """Whether a score's state equals the fields that the update contains; omitted ones may
    differ."""
    at_ms = score.clock["at"] if score.clock else 0
    given = given_state(update, now_ms=at_ms)
    return all(getattr(score, name) == value for name, value in given.items())


def stopped(score: Score, *, now_ms: int) -> Score:
    """A score with its clock stopped, since its match is over."""
    clock = score.clock
    if clock is None or not clock["running"]:
        return score
    elapsed_ms = clock["elapsed_ms"] + max(0, now_ms - clock["at"])
    rest: ClockState = {
        "period": clock["period"],
        "running": False,
        "elapsed_ms": min(elapsed_ms, CLOCK_MS_MAX),
        "at": now_ms,
    }
    return replace(score, clock=rest)
