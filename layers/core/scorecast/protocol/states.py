"""The states of a match and the ways between them."""

from enum import StrEnum
from typing import Final


class State(StrEnum):
    SCHEDULED = "scheduled"
    LIVE = "live"
    PAUSED = "paused"
    DISPUTED = "disputed"
    COMPLETED = "completed"
    CANCELLED = "cancelled"


SCORING: Final = frozenset({State.LIVE, State.PAUSED})
"""Scores are accepted in these states only."""

NEXT: Final[dict[State, frozenset[State]]] = {
    State.SCHEDULED: frozenset({State.LIVE, State.CANCELLED}),
    State.LIVE: frozenset({State.PAUSED, State.DISPUTED, State.COMPLETED, State.CANCELLED}),
    State.PAUSED: frozenset({State.LIVE, State.DISPUTED, State.COMPLETED, State.CANCELLED}),
    State.DISPUTED: frozenset({State.LIVE, State.COMPLETED, State.CANCELLED}),
    State.COMPLETED: frozenset(),
    State.CANCELLED: frozenset(),
}
