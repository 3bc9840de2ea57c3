"""A tournament: its authorization, and its own numbered events."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from scorecast.domain.connections.identity import Identity
from scorecast.domain.connections.roles import CLAIMED_ROLES, OFFICIALS, role_in
from scorecast.domain.matches.match import LoggedEvent, Match
from scorecast.domain.matches.move import Move, Phase
from scorecast.protocol.cells import Endpoint, TournamentEndpoint
from scorecast.protocol.error_messages import StoredState
from scorecast.protocol.errors import Code, Json, Rejection
from scorecast.protocol.limits import EVENT_DATA_BYTES_MAX
from scorecast.protocol.snapshots import TournamentState
from scorecast.protocol.states import SCORING
from scorecast.protocol.strict_json import compact

OPEN: Final[TournamentState] = "open"
COMPLETED: Final[TournamentState] = "completed"
ARCHIVED: Final = "archived"
"""Not a state, but the list of tournaments that are hidden from the lists of their states."""

_REGISTRANT_STAYS: Final = Rejection(
    Code.FORBIDDEN, "Only an admin may remove the user who registered the tournament."
)


class TournamentEventType(StrEnum):
    BRACKET_GENERATED = "bracket_generated"
    BRACKET_UPDATED = "bracket_updated"
    TOURNAMENT_COMPLETED = "tournament_completed"
    TOURNAMENT_REOPENED = "tournament_reopened"


@dataclass(frozen=True, slots=True, kw_only=True)
class Tournament:
    """A tournament as stored. `unsent` are the numbers of events not yet published.

    `registered_by` is the user who registered it; None if a back-end did. A deleted tournament is
    stored for a while, so that its numbers are not given twice.
    """

    id: str
    name: str
    organizers: tuple[str, ...]
    state: TournamentState
    sequence: int
    last_event_sequence: int = 0
    registered_by: str | None = None
    is_archived: bool = False
    is_deleted: bool = False
    unsent: frozenset[int] = frozenset()
    pending: bool = False
    metadata: Json | None = None
    move: Move | None = None
    move_number: int = 0
    """The number of its last move, committed or not; 0 if it has never moved."""


def endpoint(tournament: Tournament, here: Endpoint) -> TournamentEndpoint:
    """The cell that a tournament belongs to, according to the cell with these addresses."""
    move = tournament.move
    is_elsewhere = move is not None and move.phase is Phase.LEFT
    return {
        "tournament_id": tournament.id,
        "state": "here" if move is None else "moved" if is_elsewhere else "moving",
        "endpoint": move.endpoint if move is not None and is_elsewhere else here,
        "move": tournament.move_number,
    }


def run_rejection(
    identity: Identity, tournament_id: str, tournament: Tournament | None
) -> Rejection | None:
    """The rejection if the user may not run the tournament. If it is not registered, a claim is
    enough."""
    organizers = tournament.organizers if tournament else ()
    if role_in(identity, tournament_id=tournament_id, organizers=organizers) in OFFICIALS:
        return None
    return Rejection(Code.FORBIDDEN, "Your token does not allow you to run this tournament.")


def registration(
    identity: Identity,
    tournament_id: str,
    name: str,
    organizers: tuple[str, ...],
    metadata: Json | None = None,
) -> Tournament:
    """A new tournament. A back-end that registers it is not an organizer."""
    return Tournament(
        id=tournament_id,
        name=name,
        organizers=organizers,
        state=OPEN,
        sequence=0,
        registered_by=_user_of(identity),
        metadata=metadata,
    )


def _user_of(identity: Identity) -> str | None:
    return None if identity.role in CLAIMED_ROLES else identity.user_id


def organizers_after(
    identity: Identity, tournament: Tournament | None, given: Sequence[str] | None
) -> tuple[str, ...] | Rejection:
    """The organizers after a registration. The user that registers a tournament is one of them,
    until that user or a back-end removes the user."""
    by_user = _user_of(identity)
    if tournament is None:
        return _with_user(given or (), by_user)
    if given is None:
        return tournament.organizers
    registrant = tournament.registered_by
    is_removed = registrant in tournament.organizers and registrant not in given
    if is_removed and by_user is not None and by_user != registrant:
        return _REGISTRANT_STAYS
    return tuple(given)


def _with_user(organizers: Sequence[str], user_id: str | None) -> tuple[str, ...]:
    if user_id is None or user_id in organizers:
        return tuple(organizers)
    return (*organizers, user_id)


def tournament_event(
    kind: TournamentEventType, data: Json, tournament: Tournament, *, now_ms: int
) -> LoggedEvent | Rejection:
    """The next event of a tournament; after `tournament_completed` only its reopening."""
    is_reopening = kind is TournamentEventType.TOURNAMENT_REOPENED
    if is_reopening != (tournament.state == COMPLETED):
        not_completed = "not completed" if is_reopening else "completed"
        return Rejection(Code.INVALID_TRANSITION, f"The tournament is {not_completed}.")
    return LoggedEvent(
        type=kind,
        sequence=tournament.sequence + 1,
        previous_sequence=tournament.last_event_sequence,
        data=data | {"server_time": now_ms},
    )


def unfinished(matches: Iterable[Match]) -> Rejection | None:
    """The rejection of a tournament's completion while a match is live, paused or disputed."""
    in_play = next((match for match in matches if match.state in SCORING), None)
    if in_play is None:
        return None
    stored: StoredState = {"match_id": in_play.id, "state": in_play.state}
    return Rejection(
        Code.INVALID_TRANSITION,
        f"The tournament's match {in_play.id} is still {in_play.state}.",
        data=stored,
    )


def state_after(kind: TournamentEventType) -> TournamentState:
    return COMPLETED if kind is TournamentEventType.TOURNAMENT_COMPLETED else OPEN


def published_structure(structure: Json, *, version: int) -> Json:
    """The data of the event that publishes a structure, without it if it is too large."""
    is_small = len(compact(structure).encode()) <= EVENT_DATA_BYTES_MAX
    return {"version": version} | (structure if is_small else {})
