"""Who is in which room: a counter, membership rows in shards, and the connection's own list.

The counter goes up before the membership is written and down after it is deleted, so at worst it
is too high: a room may look fuller than it is, it never holds more than its capacity. Counting is
not idempotent, so it is sent once; after a lost reply a join fails and a leave takes nothing off.
A membership's row and its entry in the connection's row are one transaction with each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from scorecast.admission import Connection
from scorecast.aws.clock import Clock
from scorecast.aws.dynamodb import (
    Committed,
    ConditionNotMet,
    Delete,
    Put,
    Table,
    Update,
    Written,
)
from scorecast.aws.registry import connection_pk, leave_counter, membership_pk, room_pk
from scorecast.limits import CONNECTION_ROW_SECONDS, COUNTER_ROW_SECONDS, SHARD_MEMBERS_MAX
from scorecast.rooms import (
    ConnectionClosed,
    Joined,
    JoinOutcome,
    Room,
    RoomFull,
    TooManyRooms,
    shard_of,
)


@dataclass(frozen=True, slots=True)
class Memberships:
    table: Table
    clock: Clock

    def join(
        self, connection: Connection, room: Room, *, capacity: int, rooms_max: int
    ) -> JoinOutcome:
        """Enter a room; entering it again changes nothing."""
        if room.key in dict(connection.rooms):
            return Joined(self.viewers(room))
        if len(connection.rooms) >= rooms_max:
            return TooManyRooms(rooms_max)
        counted = self._count_in(room, capacity)
        if isinstance(counted, ConditionNotMet):
            return RoomFull(capacity)
        members: int = counted.item["members"]
        shard = shard_of(members, shard_members=SHARD_MEMBERS_MAX)
        if shard >= counted.item["shards"]:
            self._open_shard(room, shard)
        not_entered = self._enter(connection, room, shard=shard, rooms_max=rooms_max)
        if not_entered is None:
            return Joined(members)
        leave_counter(self.table, room.key)
        return not_entered

    def _count_in(self, room: Room, capacity: int) -> Written | ConditionNotMet:
        return self.table.update(
            Update(
                room_pk(room.key),
                "R",
                expression="SET shards = if_not_exists(shards, :one), counts = :counts,"
                " expires_at = :expires_at ADD members :one, joins :one",
                condition="attribute_not_exists(members) OR members < :capacity",
                values={
                    ":one": 1,
                    ":capacity": capacity,
                    ":counts": "room",
                    ":expires_at": self.clock.now_ms() // 1_000 + COUNTER_ROW_SECONDS,
                },
            ),
            once=True,
        )

    def _open_shard(self, room: Room, shard: int) -> None:
        """Let fan-outs look into a shard before anyone is in it."""
        self.table.update(
            Update(
                room_pk(room.key),
                "R",
                expression="SET shards = :shards",
                condition="shards < :shards",
                values={":shards": shard + 1},
            )
        )

    def _enter(
        self, connection: Connection, room: Room, *, shard: int, rooms_max: int
    ) -> JoinOutcome | None:
        """Write the membership; None if it was written, else why it was not."""
        outcome = self.table.transact(
            Update(
                connection_pk(connection.id),
                "C",
                expression="SET rooms.#room = :shard",
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
            return Joined(self.viewers(room))
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
                connection_pk(connection.id),
                "C",
                expression="REMOVE rooms.#room",
                condition="rooms.#room = :shard",
                names={"#room": room.key},
                values={":shard": shard},
            ),
            Delete(membership_pk(room.key, shard), connection.id),
        )
        if isinstance(outcome, Committed):
            leave_counter(self.table, room.key)
        return isinstance(outcome, Committed)

    def viewers(self, room: Room) -> int:
        row = self.table.get(room_pk(room.key), "R")
        return row["members"] if row else 0

    def members(self, room: Room) -> Iterator[list[str]]:
        """Pages of the ids of a room's connections; none whose time is up."""
        row = self.table.get(room_pk(room.key), "R")
        now_s = self.clock.now_ms() // 1_000
        for shard in range(row["shards"] if row else 0):
            for page in self.table.query(membership_pk(room.key, shard)):
                yield [item["sk"] for item in page if item["expires_at"] > now_s]
