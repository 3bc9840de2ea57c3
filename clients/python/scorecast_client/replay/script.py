"""What an official does during a match, and when. Pure decisions: no clock, no socket."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from scorecast_client.replay.tournament import Goal, Match, Pair

HALF_MINUTES: Final = 45
INTERVAL_MINUTES: Final = 15
NORMAL_MINUTES: Final = 115
"""From kick-off to the whistle after 90 minutes, with the interval and stoppage time."""
EXTRA_MINUTES: Final = 40
SHOOT_OUT_MINUTES: Final = 15


@dataclass(frozen=True)
class Start:
    minute: int
    """Minutes on the wall clock since kick-off, breaks included; so for every action."""


@dataclass(frozen=True)
class Score:
    minute: int
    score: Pair
    details: dict[str, Any]


@dataclass(frozen=True)
class Complete:
    minute: int
    winner_id: str | None
    details: dict[str, Any]


Action = Start | Score | Complete


def script(match: Match) -> tuple[Action, ...]:
    """Start, every score, complete; never earlier than the action before."""
    scores = _by_goals(match) if match.goals else _by_result(match)
    winner = match.winner
    end = max([duration_minutes(match), *(score.minute for score in scores)])
    completion = Complete(end, winner.id if winner else None, final_details(match))
    return (Start(0), *scores, completion)


def goal_details(goal: Goal, match: Match) -> dict[str, Any]:
    """The goal as messages carry it; `team` is the one that it counts for."""
    return {
        "minute": goal.clock,
        "scorer": goal.scorer,
        "team": match.teams[goal.side].id,
        "kind": goal.kind,
    }


def final_details(match: Match) -> dict[str, Any]:
    scores = {
        "half_time": match.half_time,
        "full_time": match.full_time,
        "extra_time": match.extra_time,
        "penalties": match.penalties,
    }
    return {name: list(score) for name, score in scores.items() if score is not None}


def duration_minutes(match: Match) -> int:
    extra = EXTRA_MINUTES if match.extra_time else 0
    return NORMAL_MINUTES + extra + (SHOOT_OUT_MINUTES if match.penalties else 0)


def sessions(matches: Iterable[Match]) -> list[Sequence[Match]]:
    """Matches in kick-off order, those that were played at the same time together."""
    together: list[list[Match]] = []
    end = None
    for match in matches:
        over = match.kick_off + timedelta(minutes=duration_minutes(match))
        if end is None or match.kick_off >= end:
            together.append([])
            end = over
        together[-1].append(match)
        end = max(end, over)
    return [*together]


def _by_goals(match: Match) -> list[Score]:
    scores = []
    home, away, minute = 0, 0, 0
    for goal in match.goals:
        home, away = home + (goal.side == 0), away + (goal.side == 1)
        minute = max(minute, _minute_of(goal))
        scores.append(Score(minute, (home, away), goal_details(goal, match)))
    return scores


def _by_result(match: Match) -> list[Score]:
    """Where the goals are unknown: what the score was at the end of each period."""
    periods = (
        (match.half_time, HALF_MINUTES, "45"),
        (match.full_time, NORMAL_MINUTES, "90"),
        (match.extra_time, NORMAL_MINUTES + EXTRA_MINUTES, "120"),
    )
    scores: list[Score] = []
    newest: Pair = (0, 0)
    for score, minute, clock in periods:
        if score is not None and score != newest:
            scores.append(Score(minute, score, {"minute": clock}))
            newest = score
    return scores


def _minute_of(goal: Goal) -> int:
    interval = INTERVAL_MINUTES if goal.minute > HALF_MINUTES else 0
    return goal.minute + goal.stoppage + interval
