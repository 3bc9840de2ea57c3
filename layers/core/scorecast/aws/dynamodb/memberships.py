"""Which connections are in which room: membership items in shards, and the connection's own list of
rooms.

A membership's item and its entry in the connection's item are one transaction with each other. The
room's counter is apart from it (see `occupancy`).
"""

from collections.abc import Iterator
from dataclasses import dataclass

from scorecast.aws.dynamodb.connection_items import connection_key, membership_pk
from scorecast.aws.dynamodb.occupancy import Occupancy
from scorecast.aws.dynamodb.outcomes import Committed
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.writes import Delete, Put, Update
from scorecast.domain.connections.admission import Connection
from scorecast.domain.rooms import (
    ConnectionClosed,
    Joined,
    JoinOutcome,
    Room,
    RoomFull,
    TooManyRooms,
    shard_of,
)
from scorecast.protocol.limits import CONNECTION_ROW_SECONDS, SHARD_MEMBERS_MAX
from scorecast.runtime.system import System


@dataclass(frozen=True, slots=True)
class Memberships:
    table: Table
    occupancy: Occupancy
    system: System

    def join(
        self, connection: Connection, room: Room, *, capacity: int, rooms_max: int
    ) -> JoinOutcome:
        """Enter a room; entering it again changes nothing."""
        if room.key in dict(connection.rooms):
            return Joined(self.occupancy.viewers(room))
        if len(connection.rooms) >= rooms_max:
            return TooManyRooms(rooms_max)
        counted = self.occupancy.count_in(room, capacity)
        if counted is None:
            return RoomFull(capacity)
        shard = shard_of(counted.members, shard_members=SHARD_MEMBERS_MAX)
        if shard >= counted.shards:
            self.occupancy.open_shard(room, shard)
        not_entered = self._enter(connection, room, shard=shard, rooms_max=rooms_max)
        if not_entered is None:
            return Joined(counted.members)
        self.occupancy.count_out(room.key)
        return not_entered

    def _enter(
        self, connection: Connection, room: Room, *, shard: int, rooms_max: int
    ) -> JoinOutcome | None:
        """Write the membership; None if it was written, otherwise the outcome."""
        outcome = self.table.transact(
            Update(
                *connection_key(connection.id),
                expression="SET rooms.#room = :shard",
                # A closed connection must not join: its release may already have read its rooms. In
                # a room twice, it would be counted out only once.
                condition="attribute_exists(pk) AND attribute_not_exists(closed_at_ms)"
                " AND attribute_not_exists(rooms.#room) AND size(rooms) < :rooms_max",
                names={"#room": room.key},
                values={":shard": shard, ":rooms_max": rooms_max},
            ),
            Put(self._membership(connection, room, shard)),
        )
        if isinstance(outcome, Committed):
            return None
        stored = outcome.reasons[0].item if outcome.reasons[0] else None
        if stored is None or "closed_at_ms" in stored:
            return ConnectionClosed()
        if room.key in stored["rooms"]:
            return Joined(self.occupancy.viewers(room))
        return TooManyRooms(rooms_max)

    def _membership(self, connection: Connection, room: Room, shard: int) -> dict[str, object]:
        return {
            "pk": membership_pk(room.key, shard),
            "sk": connection.id,
            "expires_at": connection.connected_at_ms // 1_000 + CONNECTION_ROW_SECONDS,
        }

    def leave(self, connection: Connection, room: Room) -> bool:
        """Leave a room. True if the connection was in it and this call took it out."""
        shard = dict(connection.rooms).get(room.key)
        if shard is None:
            return False
        outcome = self.table.transact(
            Update(
                *connection_key(connection.id),
                expression="REMOVE rooms.#room",
                # The call that closes a connection removes it from its rooms: only one call may
                # count it out.
                condition="rooms.#room = :shard AND attribute_not_exists(closed_at_ms)",
                names={"#room": room.key},
                values={":shard": shard},
            ),
            Delete(membership_pk(room.key, shard), connection.id),
        )
        if isinstance(outcome, Committed):
            self.occupancy.count_out(room.key)
        return isinstance(outcome, Committed)

    def members(self, room: Room) -> Iterator[list[str]]:
        """Pages of the ids of a room's connections, without expired ones."""
        for shard in range(self.occupancy.shards(room)):
            yield from self.shard_members(room, shard)

    def shard_members(self, room: Room, shard: int) -> Iterator[list[str]]:
        now_s = self.system.now_ms() // 1_000
        for page in self.table.query(membership_pk(room.key, shard)):
            yield [item["sk"] for item in page if item["expires_at"] > now_s]
