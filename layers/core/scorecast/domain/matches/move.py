"""A tournament's move from one cell to another, as each of the two cells stores it. Pure.

`number` is a fence: each mover of a tournament has a higher one than all earlier movers, in either
cell.
"""

from dataclasses import dataclass
from enum import StrEnum

from scorecast.protocol.cells import Endpoint, TournamentEndpoint
from scorecast.protocol.error_messages import NewHome
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.limits import DRAIN_SECONDS, MOVING_RETRY_MS


class Phase(StrEnum):
    """A tournament without a phase belongs to this cell."""

    LEAVING = "leaving"
    """Nothing is accepted. The phase ends with the move, or with its lease."""
    LEFT = "left"
    """The tournament belongs to another cell."""
    ARRIVING = "arriving"
    """The tournament is being copied here, and still belongs to another cell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """`endpoint` is the other cell."""

    number: int
    phase: Phase
    endpoint: Endpoint
    lease_until_ms: int | None = None
    drain_seconds: int = DRAIN_SECONDS
    """The time over which the clients are redirected."""

    def is_given_up(self, *, now_ms: int) -> bool:
        """Whether the mover has not renewed its lease in time."""
        lease_until_ms = self.lease_until_ms
        is_leaving = self.phase is Phase.LEAVING and lease_until_ms is not None
        return is_leaving and lease_until_ms is not None and lease_until_ms < now_ms


class Decision(StrEnum):
    """The outcome of a move, according to the old cell."""

    COMMITTED = "committed"
    GIVEN_UP = "given_up"
    UNDECIDED = "undecided"


def decision(number: int, source: TournamentEndpoint) -> Decision:
    """What the cell that a tournament leaves says of the move with this number.

    A later number that is at an end means that this one never comes: a cell commits the newest
    alone. An answer from before the move, out of a cache, has an earlier one.
    """
    if source["state"] == "moving" or source["move"] < number:
        return Decision.UNDECIDED
    is_committed = source["state"] == "moved" and source["move"] == number
    return Decision.COMMITTED if is_committed else Decision.GIVEN_UP


def moved(tournament_id: str, move: Move | None) -> Rejection | None:
    """The rejection of reads of a tournament; None if it can be read here, even while it leaves."""
    if move is None or move.phase is Phase.LEAVING:
        return None
    return unchangeable(tournament_id, move)


def unchangeable(tournament_id: str, move: Move) -> Rejection:
    """The rejection of changes to a moving tournament."""
    if move.phase is Phase.LEFT:
        home: NewHome = {"tournament_id": tournament_id, "endpoint": move.endpoint}
        return Rejection(Code.MOVED, "The tournament belongs to another cell.", data=home)
    return Rejection(
        Code.TOURNAMENT_MOVING,
        "The tournament is being moved to another cell.",
        retry_after_ms=MOVING_RETRY_MS,
    )
