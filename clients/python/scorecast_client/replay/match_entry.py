"""One match of an openfootball file. Its habits differ from year to year: every one is read. Pure.

What a match cannot do without is a TournamentFileError; without the rest it is played.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from typing import Any, Final

from scorecast_client.errors import ScorecastError
from scorecast_client.replay.tournament import Goal, GoalKind, Match, Pair, Team

CLOCK: Final = re.compile(r"(\d{1,3})(?:\+(\d{1,2}))?")
TIME: Final = re.compile(r"(\d{1,2}:\d{2})(?: UTC(?:([+-]\d{1,2})(?::(\d{2}))?)?)?")
NAME_CHARACTERS_MAX: Final = 80
"""A longer name of a team or a player is not one."""
OLDER_NAMES: Final = {"ft": "", "ht": "i", "et": "et", "p": "p"}
"""Older files have `score1` and `score2`, with these endings, in place of `score`."""


class TournamentFileError(ScorecastError):
    """The file, or one of its matches, cannot be used."""


@dataclass(frozen=True)
class Entry:
    """A match as the file has it, and where it stands."""

    fields: Mapping[str, Any]
    where: str
    round: str
    group: str = ""

    def text(self, key: str) -> str:
        return _text(self.fields.get(key), key, where=self.where)

    def team_name(self, key: str) -> str:
        """Older files have an object with a name."""
        team = self.fields.get(key)
        return _text(team.get("name") if isinstance(team, dict) else team, key, where=self.where)


def match_of(entry: Entry, team_ids: Mapping[str, str]) -> tuple[Match, list[str]]:
    """The match, without its id, and what is not played as the file has it."""
    teams = tuple(
        Team(team_ids[name], name) for name in (entry.team_name("team1"), entry.team_name("team2"))
    )
    entry = replace(entry, where=f"{entry.where}, {teams[0].name}-{teams[1].name}")
    if teams[0].id == teams[1].id:
        raise TournamentFileError(f"{entry.where}, has one team twice.")
    score = _score(entry)
    match = Match(
        id="",
        round=entry.round,
        group=entry.group,
        kick_off=_date(entry),
        teams=(teams[0], teams[1]),
        goals=(),
        half_time=score["ht"],
        full_time=score["ft"],
        extra_time=score["et"],
        penalties=score["p"],
    )
    if match.penalties and (match.winner is None or match.final[0] != match.final[1]):
        raise TournamentFileError(f"{entry.where}, has a shoot-out that does not decide a draw.")
    return _with_time_and_goals(match, entry)


def _with_time_and_goals(match: Match, entry: Entry) -> tuple[Match, list[str]]:
    notes = []
    try:
        match = replace(match, kick_off=_kick_off(entry, match.kick_off))
    except TournamentFileError as fault:
        notes.append(f"{fault} Its day counts.")
    if match.full_time is None:
        return match, [*notes, f"{entry.where}, has no result: it is registered, and not played."]
    try:
        match = replace(match, goals=_goals(entry, match.final))
    except TournamentFileError as fault:
        notes.append(f"{fault} It is played by its result.")
    return match, notes


def _score(entry: Entry) -> dict[str, Pair | None]:
    score = entry.fields.get("score")
    given = score if isinstance(score, dict) else {}
    return {
        key: _pair(given.get(key, _older_pair(entry.fields, ending)), key, where=entry.where)
        for key, ending in OLDER_NAMES.items()
    }


def _older_pair(fields: Mapping[str, Any], ending: str) -> list[object] | None:
    pair = [fields.get(f"score1{ending}"), fields.get(f"score2{ending}")]
    return None if pair == [None, None] else pair


def _pair(value: object, key: str, *, where: str) -> Pair | None:
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 2 and all(map(_is_count, value)):
        return value[0], value[1]
    raise TournamentFileError(f"{where}, has a score `{key}` that is not two whole numbers.")


def _goals(entry: Entry, final: Pair) -> tuple[Goal, ...]:
    """Sorted by time; none where the file lists none."""
    listed = [
        (side, goal)
        for side, key in enumerate(("goals1", "goals2"))
        for goal in _list(entry.fields, key, where=entry.where)
    ]
    goals = [_goal(goal, side, where=entry.where) for side, goal in listed]
    counted = tuple(sum(goal.side == side for goal in goals) for side in (0, 1))
    if goals and counted != final:
        raise TournamentFileError(
            f"{entry.where}, lists goals that add up to {counted[0]}:{counted[1]}, "
            f"but its final score is {final[0]}:{final[1]}."
        )
    return tuple(sorted(goals, key=lambda goal: (goal.minute, goal.stoppage)))


def _goal(listed: object, side: int, *, where: str) -> Goal:
    """One goal. Its minute is `"45+6"`, or a number with the stoppage time in `offset`."""
    if not isinstance(listed, dict):
        raise TournamentFileError(f"{where}, lists a goal that is not an object.")
    clock = CLOCK.fullmatch(str(listed.get("minute")))
    offset = listed.get("offset", 0)
    if clock is None or not _is_count(offset):
        raise TournamentFileError(f"{where}, lists a goal without a readable `minute`.")
    return Goal(
        side=side,
        minute=int(clock[1]),
        stoppage=int(clock[2] or offset),
        scorer=_text(listed.get("name"), "name", where=f"{where}, in its goals"),
        kind=_kind(listed),
    )


def _kind(listed: Mapping[str, Any]) -> GoalKind:
    if listed.get("owngoal"):
        return "own_goal"
    return "penalty" if listed.get("penalty") else "goal"


def _date(entry: Entry) -> datetime:
    """`"2026-06-11"`, at midnight in UTC."""
    date = entry.text("date")
    try:
        return datetime.strptime(date, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as fault:
        raise TournamentFileError(
            f"{entry.where}, has a date that cannot be read: {date}."
        ) from fault


def _kick_off(entry: Entry, day: datetime) -> datetime:
    """The day at `"13:00 UTC-6"`, in UTC. Without an offset the time is taken as UTC."""
    if entry.fields.get("time") is None:
        return day
    time = entry.text("time")
    found = TIME.fullmatch(time)
    try:
        if found is None:
            raise ValueError(time)
        hours, minutes = int(found[2] or 0), int(found[3] or 0)
        offset = timedelta(hours=hours, minutes=-minutes if hours < 0 else minutes)
        clock = datetime.strptime(found[1], "%H:%M")
        local = day.replace(hour=clock.hour, minute=clock.minute, tzinfo=timezone(offset))
        return local.astimezone(UTC)
    except (ValueError, OverflowError) as fault:
        raise TournamentFileError(
            f"{entry.where}, has a time that cannot be read: {time}."
        ) from fault


def _list(fields: Mapping[str, Any], key: str, *, where: str) -> list[object]:
    value = fields.get(key) or []
    if not isinstance(value, list):
        raise TournamentFileError(f"{where}, has `{key}` that is not a list.")
    return value


def _text(value: object, key: str, *, where: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= NAME_CHARACTERS_MAX:
        raise TournamentFileError(
            f"{where}, needs `{key}`: a text of 1 to {NAME_CHARACTERS_MAX} characters."
        )
    return value


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000
