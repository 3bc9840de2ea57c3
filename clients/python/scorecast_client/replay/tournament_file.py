"""A tournament as an openfootball file tells it. Pure, but for `load`."""

import json
import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final, Literal

from scorecast_client.errors import ScorecastError

GoalKind = Literal["goal", "penalty", "own_goal"]
Pair = tuple[int, int]

ID = re.compile(r"[A-Za-z0-9_-]{1,60}")
CLOCK = re.compile(r"(\d{1,3})(?:\+(\d{1,2}))?")
TIME = re.compile(r"(\d{1,2}:\d{2})(?: UTC(?:([+-]\d{1,2})(?::(\d{2}))?)?)?")
NAME_CHARACTERS_MAX: Final = 80
"""A longer name of a team or a player makes the file invalid."""


class TournamentFileError(ScorecastError):
    """The file cannot be read, or does not hold together."""


@dataclass(frozen=True)
class Team:
    id: str
    name: str


@dataclass(frozen=True)
class Goal:
    side: int
    """Which team it counts for: 0 or 1. For an own goal that is not the scorer's team."""
    minute: int
    stoppage: int
    scorer: str
    kind: GoalKind

    @property
    def clock(self) -> str:
        return f"{self.minute}+{self.stoppage}" if self.stoppage else f"{self.minute}"


@dataclass(frozen=True)
class Match:
    id: str
    round: str
    kick_off: datetime
    teams: tuple[Team, Team]
    goals: tuple[Goal, ...]
    half_time: Pair | None
    full_time: Pair
    extra_time: Pair | None
    penalties: Pair | None

    @property
    def final(self) -> Pair:
        return self.extra_time or self.full_time

    @property
    def winner(self) -> Team | None:
        """The team that won, if need be in the shoot-out; None is a draw."""
        for first, second in filter(None, (self.final, self.penalties)):
            if first != second:
                return self.teams[0] if first > second else self.teams[1]
        return None


@dataclass(frozen=True)
class Tournament:
    id: str
    name: str
    matches: tuple[Match, ...]
    """In the order of their kick-offs; those that start together, in the file's order."""


def load(path: Path, *, tournament_id: str | None = None) -> Tournament:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as fault:
        raise TournamentFileError(f"{path} cannot be read: {fault.strerror}.") from fault
    except UnicodeDecodeError as fault:
        raise TournamentFileError(f"{path} is not UTF-8 text.") from fault
    return parse(text, tournament_id=tournament_id)


def parse(text: str, *, tournament_id: str | None = None) -> Tournament:
    """Read and check the whole file.

    `tournament_id` replaces the ids made from the file's name of the tournament, so that one
    file can be played more than once. Raises TournamentFileError.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as fault:
        raise TournamentFileError(f"The tournament file is not JSON: {fault}.") from fault
    if not isinstance(document, dict):
        raise TournamentFileError("The tournament file must hold a JSON object.")
    name = _text(document, "name", where="The tournament file")
    found = document.get("matches")
    if not isinstance(found, list) or not found:
        raise TournamentFileError("The tournament file has no list `matches`.")
    identity, prefix = _ids(name, tournament_id)
    drafts = [_match(entry, number) for number, entry in enumerate(found, start=1)]
    return Tournament(identity, name, _numbered(drafts, prefix))


def slug(name: str) -> str:
    """ASCII, lower case, words joined by hyphens: `Curaçao` → `curacao`. May be empty."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def _ids(name: str, tournament_id: str | None) -> tuple[str, str]:
    """The tournament's id and the prefix of its matches: World Cup 2026 → worldcup-2026, wc."""
    if tournament_id is not None:
        identity = prefix = tournament_id
    else:
        words = slug(name)
        identity = re.sub(r"(?<=[a-z])-(?=[a-z])", "", words)
        prefix = "".join(word[0] for word in words.split("-") if word[:1].isalpha()) or identity
    if not ID.fullmatch(identity):
        raise TournamentFileError(
            f"The tournament id {identity!r} must be 1 to 60 of A-Z a-z 0-9 _ and -."
        )
    return identity, prefix


def _numbered(drafts: Iterable[Match], prefix: str) -> tuple[Match, ...]:
    ordered = sorted(drafts, key=lambda match: match.kick_off)
    return tuple(
        replace(match, id=f"{prefix}-{number:03}") for number, match in enumerate(ordered, start=1)
    )


def _match(entry: object, number: int) -> Match:
    """One match, still without its id: that depends on the others' kick-offs."""
    where = f"Match {number} of the file"
    if not isinstance(entry, dict):
        raise TournamentFileError(f"{where} is not an object.")
    teams = (_team(entry, "team1", where=where), _team(entry, "team2", where=where))
    where = f"{where}, {teams[0].name}-{teams[1].name}"
    if teams[0].id == teams[1].id:
        raise TournamentFileError(f"{where}, lets a team play itself.")
    score = entry.get("score")
    if not isinstance(score, dict):
        raise TournamentFileError(f"{where}, has no `score`.")
    full_time = _pair(score, "ft", where=where)
    if full_time is None:
        raise TournamentFileError(f"{where}, has no `ft` in its score.")
    match = Match(
        id="",
        round=_text(entry, "round", where=where),
        kick_off=_kick_off(entry, where=where),
        teams=teams,
        goals=_goals(entry, where=where),
        half_time=_pair(score, "ht", where=where),
        full_time=full_time,
        extra_time=_pair(score, "et", where=where),
        penalties=_pair(score, "p", where=where),
    )
    _check_sums(match, where=where)
    return match


def _check_sums(match: Match, *, where: str) -> None:
    counted = tuple(sum(goal.side == side for goal in match.goals) for side in (0, 1))
    if counted != match.final:
        raise TournamentFileError(
            f"{where}, lists goals that add up to {counted[0]}:{counted[1]}, "
            f"but its final score is {match.final[0]}:{match.final[1]}."
        )
    if match.penalties and (match.winner is None or match.final[0] != match.final[1]):
        raise TournamentFileError(f"{where}, has a shoot-out that does not decide a draw.")


def _team(entry: Mapping[str, Any], key: str, *, where: str) -> Team:
    name = _text(entry, key, where=where)
    identity = slug(name)
    if not identity:
        raise TournamentFileError(f"{where}, has a team {name!r} without a Latin letter or digit.")
    return Team(identity[:60], name)


def _goals(entry: Mapping[str, Any], *, where: str) -> tuple[Goal, ...]:
    goals = [
        _goal(listed, side, where=where)
        for side, key in enumerate(("goals1", "goals2"))
        for listed in _list(entry, key, where=where)
    ]
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
        scorer=_text(listed, "name", where=f"{where}, in its goals"),
        kind=_kind(listed),
    )


def _kind(listed: Mapping[str, Any]) -> GoalKind:
    if listed.get("owngoal"):
        return "own_goal"
    return "penalty" if listed.get("penalty") else "goal"


def _kick_off(entry: Mapping[str, Any], *, where: str) -> datetime:
    """`"2026-06-11"` with `"13:00 UTC-6"`, in UTC. Without an offset the time is taken as UTC."""
    date, time = _text(entry, "date", where=where), _text(entry, "time", where=where)
    found = TIME.fullmatch(time)
    try:
        if found is None:
            raise ValueError(time)
        hours, minutes = int(found[2] or 0), int(found[3] or 0)
        offset = timedelta(hours=hours, minutes=-minutes if hours < 0 else minutes)
        local = datetime.strptime(f"{date} {found[1]}", "%Y-%m-%d %H:%M")
        return local.replace(tzinfo=timezone(offset)).astimezone(UTC)
    except ValueError as fault:
        raise TournamentFileError(
            f"{where}, has a kick-off that cannot be read: {date} {time}."
        ) from fault


def _pair(score: Mapping[str, Any], key: str, *, where: str) -> Pair | None:
    value = score.get(key)
    if value is None:
        return None
    if isinstance(value, list) and len(value) == 2 and all(map(_is_count, value)):
        return value[0], value[1]
    raise TournamentFileError(f"{where}, has a score `{key}` that is not two whole numbers.")


def _list(entry: Mapping[str, Any], key: str, *, where: str) -> list[object]:
    value = entry.get(key, [])
    if not isinstance(value, list):
        raise TournamentFileError(f"{where}, has `{key}` that is not a list.")
    return value


def _text(entry: Mapping[str, Any], key: str, *, where: str) -> str:
    value = entry.get(key)
    if not isinstance(value, str) or not 0 < len(value) <= NAME_CHARACTERS_MAX:
        raise TournamentFileError(
            f"{where}, needs `{key}`: a text of 1 to {NAME_CHARACTERS_MAX} characters."
        )
    return value


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1000
