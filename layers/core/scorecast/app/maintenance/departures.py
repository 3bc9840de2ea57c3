"""Redirect the clients of a tournament that has moved to another cell."""

import zlib
from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass

from scorecast.app.disconnect import Disconnector
from scorecast.app.moves import TournamentMoves
from scorecast.aws.dynamodb.matches import Matches
from scorecast.aws.dynamodb.memberships import Memberships
from scorecast.aws.dynamodb.occupancy import Occupancy
from scorecast.aws.sqs.sweep_queue import SendAfter, SweepQueue
from scorecast.domain.matches.move import moved
from scorecast.domain.rooms import Room, match_room, tournament_room
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.limits import DRAIN_DELAY_SECONDS, DRAIN_PARTS
from scorecast.runtime.system import System


@dataclass(frozen=True, slots=True)
class Departures:
    matches: Matches
    memberships: Memberships
    moves: TournamentMoves
    disconnector: Disconnector
    occupancy: Occupancy
    sweep_queue: SweepQueue
    pool: Executor
    system: System

    def begin(self, tournament_id: str, match_ids: Iterable[str], *, over_seconds: int) -> None:
        """Queue the redirection of the clients in a tournament's rooms, spread over some
        seconds."""
        rooms = [tournament_room(tournament_id), *map(match_room, match_ids)]
        for _ in self.pool.map(lambda room: self._begin(room, over_seconds), rooms):
            pass

    def _begin(self, room: Room, over_seconds: int) -> None:
        for shard in range(self.occupancy.shards(room)):
            for part in range(DRAIN_PARTS):
                delay_s = DRAIN_DELAY_SECONDS + round(self.system.random() * over_seconds)
                self.sweep_queue.put(SendAfter(room.key, shard, part), delay_s=delay_s)

    def send_after(self, room: Room, shard: int, part: int) -> None:
        """Disconnect a part of a shard's members with the new address. A repetition finds none
        left."""
        rejection = self._moved(room)
        if rejection is None or rejection.code is not Code.MOVED:
            return  # the tournament has moved back meanwhile
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
