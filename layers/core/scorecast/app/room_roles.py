"""The role of a client in a room, as the match and its tournament list it."""

from dataclasses import dataclass

from scorecast.aws.dynamodb.matches import Matches
from scorecast.domain.connections.identity import Identity
from scorecast.domain.connections.roles import role_in
from scorecast.domain.matches.decisions import role_for
from scorecast.domain.rooms import Room
from scorecast.protocol.roles import Role


@dataclass(frozen=True, slots=True)
class RoomRoles:
    matches: Matches

    def role(self, identity: Identity, room: Room | None) -> Role:
        """Reads the match and its tournament, unless a claim decides."""
        claimed = role_in(identity)
        if claimed is not Role.SPECTATOR or identity.user_id is None or room is None:
            return claimed
        match = self.matches.get(room.match_id) if room.match_id is not None else None
        tournament_id = room.tournament_id if match is None else match.tournament_id
        tournament = self.matches.tournament(tournament_id) if tournament_id else None
        organizers = tournament.organizers if tournament else ()
        if match is not None:
            return role_for(identity, match, organizers)
        return role_in(identity, tournament_id=tournament_id, organizers=organizers)

    def may_use_reserve(self, identity: Identity, room: Room | None) -> bool:
        """Whether the client is an official or a participant, whom spectators at the same address
        must not lock out."""
        is_official = bool(identity.tournaments or identity.matches)
        return is_official or self.role(identity, room) is not Role.SPECTATOR
