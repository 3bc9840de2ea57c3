"""Subscribing to rooms: join, read the state, recover missed events."""

from dataclasses import dataclass
from typing import Final, cast

from scorecast.app.moves import TournamentMoves
from scorecast.app.room_roles import RoomRoles
from scorecast.aws.dynamodb.matches import Matches
from scorecast.aws.dynamodb.memberships import Memberships
from scorecast.aws.dynamodb.room_matches import RoomMatches
from scorecast.domain.connections.admission import Connection
from scorecast.domain.connections.roles import role_in
from scorecast.domain.matches.attribution import without_users
from scorecast.domain.matches.decisions import role_for
from scorecast.domain.matches.match import LoggedEvent, Match, is_complete
from scorecast.domain.matches.move import moved
from scorecast.domain.matches.payloads import (
    event_data,
    match_snapshot,
    tournament_event_data,
    tournament_summary,
)
from scorecast.domain.matches.tournament import Tournament
from scorecast.domain.rooms import (
    ConnectionClosed,
    Joined,
    JoinOutcome,
    Room,
    RoomFull,
    TooManyRooms,
)
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.events import LoggedTournamentEvent
from scorecast.protocol.limits import EVENTS_BYTES_MAX, ROOM_FULL_RETRY_MS, ROOM_RESERVE
from scorecast.protocol.match_events import LoggedMatchEvent
from scorecast.protocol.replies import RecoveryData, RoomData
from scorecast.protocol.roles import Role
from scorecast.protocol.snapshots import RoomSnapshot
from scorecast.protocol.strict_json import compact


@dataclass(frozen=True, slots=True)
class RoomState:
    """A room as one client sees it: its role there, and the state as of `sequence`."""

    role: Role
    tournament_id: str
    match_id: str | None
    sequence: int
    last_event_sequence: int
    snapshot: RoomSnapshot


@dataclass(frozen=True, slots=True)
class Subscribed:
    """The client is in the room. `state` was read after the join."""

    state: RoomState
    viewers: int

    def data(self) -> RoomData:
        state = self.state
        return {
            "match_id": state.match_id,
            "tournament_id": state.tournament_id,
            "role": state.role,
            "is_participant": state.role is Role.PARTICIPANT,
            "snapshot": state.snapshot,
            "sequence": state.sequence,
            "viewers": self.viewers,
        }


@dataclass(frozen=True, slots=True)
class Subscriptions:
    matches: Matches
    room_matches: RoomMatches
    memberships: Memberships
    moves: TournamentMoves
    room_roles: RoomRoles
    room_capacity: int
    rooms_max: int
    names_users: bool

    def subscribe(
        self, connection: Connection, room: Room
    ) -> Subscribed | Rejection | ConnectionClosed:
        """Join a room and read its state."""
        refused = self._not_here(room)
        if refused is not None:
            return refused
        joined = self._join(connection, room)
        match joined:
            case RoomFull(capacity):
                return Rejection(
                    Code.ROOM_FULL,
                    f"The room is full: it holds {capacity}.",
                    retry_after_ms=ROOM_FULL_RETRY_MS,
                )
            case TooManyRooms(maximum):
                return Rejection(Code.FORBIDDEN, f"A connection may be in {maximum} rooms at once.")
            case ConnectionClosed():
                return joined
            case Joined(viewers):
                # Read after the membership is written: a message that is published meanwhile either
                # finds the new member, or is in the state that is read here.
                state = self.room_state(connection, room)
                if state is None:
                    # The tournament has moved since the room was read. The client is redirected
                    # here, since the members to be redirected may have been read before the join.
                    return self._not_here(room) or _no_such(room)
                return Subscribed(state, viewers)

    def _join(self, connection: Connection, room: Room) -> JoinOutcome:
        """Join; officials and the match's participants may use the reserve of a full room."""
        joined = self.memberships.join(
            connection, room, capacity=self.room_capacity, rooms_max=self.rooms_max
        )
        if not isinstance(joined, RoomFull):
            return joined
        if self.room_roles.role(connection.identity, room) is Role.SPECTATOR:
            return joined
        capacity = self.room_capacity + ROOM_RESERVE
        return self.memberships.join(connection, room, capacity=capacity, rooms_max=self.rooms_max)

    def _not_here(self, room: Room) -> Rejection | None:
        """The rejection of every join: the room does not exist, or is in another cell."""
        if room.match_id is not None:
            match = self.matches.get(room.match_id)
            return _no_such(room) if match is None else self.moves.moved(match)
        tournament = self.matches.tournament(room.id)
        return _no_such(room) if tournament is None else moved(tournament.id, tournament.move)

    def room_state(self, connection: Connection, room: Room) -> RoomState | None:
        """The room as it is now; None if there is no such match or tournament here."""
        if room.match_id is not None:
            match = self.matches.get(room.match_id)
            return self._match_state(connection, match) if match else None
        tournament = self.matches.tournament(room.id)
        if tournament is None or moved(tournament.id, tournament.move):
            return None
        return self._tournament_state(connection, tournament)

    def _match_state(self, connection: Connection, match: Match) -> RoomState | None:
        tournament = self.matches.tournament(match.tournament_id)
        if tournament is not None and moved(tournament.id, tournament.move):
            return None
        return RoomState(
            role=role_for(connection.identity, match, tournament.organizers if tournament else ()),
            tournament_id=match.tournament_id,
            match_id=match.id,
            sequence=match.sequence,
            last_event_sequence=match.last_event_sequence,
            snapshot=match_snapshot(match, names_reporter=self.names_users),
        )

    def _tournament_state(self, connection: Connection, tournament: Tournament) -> RoomState:
        matches, is_all = self.room_matches.of(tournament.id)
        role = role_in(
            connection.identity, tournament_id=tournament.id, organizers=tournament.organizers
        )
        return RoomState(
            role=role,
            tournament_id=tournament.id,
            match_id=None,
            sequence=tournament.sequence,
            last_event_sequence=tournament.last_event_sequence,
            snapshot=tournament_summary(tournament, matches, is_all=is_all),
        )

    def recover(self, room: Room, since: int | None, state: RoomState) -> RecoveryData:
        """The events that a returning client missed, up to its state, and whether that is all.

        Later ones are left out: `flush` publishes them in order, after a score that may precede
        them.
        """
        if since is None:
            return _NOT_RECOVERED
        later = self.matches.events(room, after=since)
        events = [event for event in later if event.sequence <= state.sequence]
        is_all = is_complete(
            events,
            since=since,
            sequence=state.sequence,
            last_event_sequence=state.last_event_sequence,
        )
        missed = [self._logged_event(state, event) for event in events]
        # Too many for one message: the client starts again from the snapshot.
        fits = len(compact(missed).encode()) <= EVENTS_BYTES_MAX
        return {"recovered": True, "events": missed} if is_all and fits else _NOT_RECOVERED

    def _logged_event(
        self, state: RoomState, event: LoggedEvent
    ) -> LoggedMatchEvent | LoggedTournamentEvent:
        """An event as the room received it, so that a returning client ends with the same state as
        the others."""
        data = (
            tournament_event_data(state.tournament_id, event)
            if state.match_id is None
            else event_data(state.match_id, state.tournament_id, event)
        )
        if state.match_id is not None and not self.names_users:
            data = without_users(data)
        # its fields were checked when it was logged
        return cast(LoggedMatchEvent | LoggedTournamentEvent, {"type": event.type, "data": data})


def _no_such(room: Room) -> Rejection:
    return Rejection(Code.NOT_FOUND, f"There is no such {room.kind}.")


_NOT_RECOVERED: Final[RecoveryData] = {"recovered": False, "events": []}
