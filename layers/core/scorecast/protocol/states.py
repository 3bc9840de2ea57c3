"""The states of a match, the transitions between them, and how a match may end."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    SCHEDULED = "scheduled"
    LIVE = "live"
    PAUSED = "paused"
    DISPUTED = "disputed"
    POSTPONED = "postponed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


class Outcome(StrEnum):
    """How a match ended."""

    PLAYED = "played"
    WALKOVER = "walkover"
    FORFEIT = "forfeit"
    DOUBLE_FORFEIT = "double_forfeit"
    RETIRED = "retired"
    DISQUALIFIED = "disqualified"
    AWARDED = "awarded"
    ABANDONED = "abandoned"
    BYE = "bye"


class DecidedBy(StrEnum):
    """What decided a match that was played."""

    REGULATION = "regulation"
    OVERTIME = "overtime"
    SHOOTOUT = "shootout"
    TIEBREAK = "tiebreak"


SCORING: Final = frozenset({State.LIVE, State.PAUSED, State.DISPUTED})
"""A match that has begun and not ended. Scores are accepted in these states only."""

FINAL: Final = frozenset({State.COMPLETED, State.CANCELLED})
"""Only `match_reopen` leaves these."""

NEXT: Final[dict[State, frozenset[State]]] = {
    State.SCHEDULED: frozenset({State.LIVE, State.POSTPONED, State.CANCELLED}),
    State.LIVE: frozenset(
        {
            State.SCHEDULED,
            State.PAUSED,
            State.DISPUTED,
            State.POSTPONED,
            State.COMPLETED,
            State.CANCELLED,
        }
    ),
    State.PAUSED: frozenset(
        {State.LIVE, State.DISPUTED, State.POSTPONED, State.COMPLETED, State.CANCELLED}
    ),
    State.DISPUTED: frozenset({State.LIVE, State.COMPLETED, State.CANCELLED}),
    State.POSTPONED: frozenset({State.SCHEDULED, State.LIVE, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.CANCELLED: frozenset(),
}

REOPENED: Final = frozenset({State.SCHEDULED, State.LIVE, State.PAUSED})
"""The states that `match_reopen` can restore."""

UNPLAYED: Final = frozenset(Outcome) - {Outcome.PLAYED, Outcome.RETIRED}
"""Outcomes of matches that need not have begun: they also end a match in a state of
`ENDED_UNPLAYED`."""

ENDED_UNPLAYED: Final = frozenset({State.SCHEDULED, State.POSTPONED})

ONE_WINS: Final = frozenset(
    {Outcome.WALKOVER, Outcome.FORFEIT, Outcome.RETIRED, Outcome.DISQUALIFIED, Outcome.BYE}
)
"""Outcomes that give one side the match."""
