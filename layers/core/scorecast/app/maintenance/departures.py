"""Send the clients of a tournament that lives in another cell after it."""

import zlib
from dataclasses import dataclass

from scorecast.app.disconnect import Disconnector
from scorecast.app.moves import TournamentMoves
from scorecast.aws.dynamodb.matches import Matches
from scorecast.aws.dynamodb.memberships import Memberships
from scorecast.domain.matches.move import moved
from scorecast.domain.rooms import Room
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.limits import DRAIN_PARTS


@dataclass(frozen=True, slots=True)
class Departures:
    matches: Matches
    memberships: Memberships
    moves: TournamentMoves
    disconnector: Disconnector

    def send_after(self, room: Room, shard: int, part: int) -> None:
        """Disconnect a part of a shard's members with the new address. Again, it finds nobody."""
        rejection = self._moved(room)
        if rejection is None or rejection.code is not Code.MOVED:
            return  # it has come back meanwhile
        for page in self.memberships.shard_members(room, shard):
            for connection_id in page:
                if part_of(connection_id) == part:
                    self.disconnector.send_after(connection_id, rejection)

    def _moved(self, room: Room) -> Rejection | None:
        if room.match_id is None:
            tournament = self.matches.tournament(room.id)
            return None if tournament is None else moved(tournament.id, tournament.move)
        match = self.matches.get(room.match_id)
        return None if match is None else self.moves.moved(match)


def part_of(connection_id: str) -> int:
    return zlib.crc32(connection_id.encode()) % DRAIN_PARTS
