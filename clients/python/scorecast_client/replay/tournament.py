"""A tournament as it was played: teams, goals, results. Pure."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

GoalKind = Literal["goal", "penalty", "own_goal"]
Pair = tuple[int, int]


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
    """All of them, or none where the file does not have all."""
    half_time: Pair | None
    full_time: Pair | None
    """None: not played yet."""
    extra_time: Pair | None
    penalties: Pair | None
    group: str = ""
    """The group whose table it counts for; empty in a knockout or a league."""

    @property
    def final(self) -> Pair:
        return self.extra_time or self.full_time or (0, 0)

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
    notes: tuple[str, ...] = ()
    """What of the file is not played as it stands there, a sentence each."""

    @property
    def played(self) -> tuple[Match, ...]:
        return tuple(match for match in self.matches if match.full_time is not None)
