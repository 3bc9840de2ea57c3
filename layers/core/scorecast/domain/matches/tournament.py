"""A tournament: who may run it, and its own numbered events."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scorecast.domain.connections.identity import Identity
from scorecast.domain.connections.roles import OFFICIALS, role_in
from scorecast.domain.matches.match import LoggedEvent
from scorecast.protocol.errors import Code, Json, Rejection
from scorecast.protocol.snapshots import TournamentState

OPEN: Final[TournamentState] = "open"
COMPLETED: Final[TournamentState] = "completed"


class TournamentEventType(StrEnum):
    BRACKET_GENERATED = "bracket_generated"
    BRACKET_UPDATED = "bracket_updated"
    TOURNAMENT_COMPLETED = "tournament_completed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tournament:
    """A tournament as stored. `unsent` are the numbers of events not yet published."""

    id: str
    name: str
    organizers: tuple[str, ...]
    state: TournamentState
    sequence: int
    last_event_sequence: int = 0
    unsent: frozenset[int] = frozenset()
    pending: bool = False


def may_run(
    identity: Identity, tournament_id: str, tournament: Tournament | None
) -> Rejection | None:
    """Officials may; a claim is enough for a tournament that is not registered."""
    organizers = tournament.organizers if tournament else ()
    if role_in(identity, tournament_id=tournament_id, organizers=organizers) in OFFICIALS:
        return None
    return Rejection(Code.FORBIDDEN, "Your token does not run this tournament.")


def tournament_event(
    kind: TournamentEventType, data: Json, tournament: Tournament, *, now_ms: int
) -> LoggedEvent | Rejection:
    """The next event of a tournament; nothing comes after `tournament_completed`."""
    if tournament.state == COMPLETED:
        return Rejection(Code.INVALID_TRANSITION, "The tournament is completed.")
    return LoggedEvent(
        type=kind,
        sequence=tournament.sequence + 1,
        previous_sequence=tournament.last_event_sequence,
        data=data | {"server_time": now_ms},
    )


def state_after(kind: TournamentEventType) -> TournamentState:
    return COMPLETED if kind is TournamentEventType.TOURNAMENT_COMPLETED else OPEN
