"""How full each room is: its counter, its membership shards, and when its count is published.

The counter goes up before a membership is written and down after it is deleted, so at worst it is
too high: a room may look fuller than it is, but never exceeds its capacity. Counting is not
idempotent, so it is not retried: after a lost reply a join fails, and a leave does not lower the
counter.
"""

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.outcomes import ConditionNotMet
from scorecast.aws.dynamodb.table import Contention, Table
from scorecast.aws.dynamodb.writes import Update
from scorecast.aws.sqs.sweep_queue import PublishViewerCount, SweepQueue
from scorecast.domain.rooms import Room
from scorecast.protocol.limits import (
    COUNTER_ROW_SECONDS,
    VIEWERS_DELAY_SECONDS,
    VIEWERS_DELAY_SECONDS_LARGE,
    VIEWERS_LEASE_MS,
    VIEWERS_QUICK_MAX,
)
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import log

_SK = "R"
_MARK = "viewers_marked_at_ms = if_not_exists(viewers_marked_at_ms, :now)"


@dataclass(frozen=True, slots=True)
class Counted:
    """A room's counter after a member was counted in."""

    members: int
    shards: int


@dataclass(frozen=True, slots=True)
class Claimed:
    """A room's count that may have to be published, and the one that was published last."""

    viewers: int
    published: int


@dataclass(frozen=True, slots=True)
class Extent:
    """How many members a room has, and how many shards it has had at most."""

    members: int
    shards: int


def room_pk(room_key: str) -> str:
    return f"R#{room_key}"


@dataclass(frozen=True, slots=True)
class Occupancy:
    table: Table
    sweep_queue: SweepQueue
    system: System

    def count_in(self, room: Room, capacity: int) -> Counted | None:
        """Count one more member; None if the room is full."""
        now_ms = self.system.now_ms()
        outcome = self.table.update(
            Update(
                room_pk(room.key),
                _SK,
                expression=f"SET {_MARK}, shards = if_not_exists(shards, :one),"
                " counts = :counts, expires_at = :expires_at ADD members :one, joins :one",
                # The capacity is checked by the write that counts: two joins cannot take the last
                # place.
                condition="attribute_not_exists(members) OR members < :capacity",
                values={
                    ":now": now_ms,
                    ":one": 1,
                    ":capacity": capacity,
                    ":counts": "room",
                    ":expires_at": now_ms // 1_000 + COUNTER_ROW_SECONDS,
                },
            ),
            once=True,
        )
        if isinstance(outcome, ConditionNotMet):
            return None
        self._publish_later(room.key, outcome.item, now_ms)
        return Counted(outcome.item["members"], outcome.item["shards"])

    def count_out(self, room_key: str) -> None:
        """Count one member less. After an unknown outcome this is not repeated: a counter that is
        too high is safe."""
        now_ms = self.system.now_ms()
        less = Update(
            room_pk(room_key),
            _SK,
            expression=f"SET members = members - :one, {_MARK}",
            # A counter below zero would admit too many.
            condition="members >= :one",
            values={":one": 1, ":now": now_ms},
        )
        try:
            outcome = self.table.update(less, once=True)
        except (BotoCoreError, ClientError, Contention) as error:
            log().warning("room counter left too high", extra={"error": type(error).__name__})
            return
        if not isinstance(outcome, ConditionNotMet):
            self._publish_later(room_key, outcome.item, now_ms)

    def _publish_later(self, room_key: str, item: Item, now_ms: int) -> None:
        """Have the count published soon: by the first that marks the room, for all that follow.

        A mark that has stood for long has lost its task, and gets another.
        """
        marked_at_ms = item["viewers_marked_at_ms"]
        if marked_at_ms != now_ms and now_ms - marked_at_ms < VIEWERS_LEASE_MS:
            return
        is_small = item["members"] <= VIEWERS_QUICK_MAX
        delay_s = VIEWERS_DELAY_SECONDS if is_small else VIEWERS_DELAY_SECONDS_LARGE
        try:
            self.sweep_queue.put(PublishViewerCount(room_key), delay_s=delay_s)
        except (BotoCoreError, ClientError) as error:
            log().warning("viewer count not queued", extra={"error": type(error).__name__})

    def claim_dirty(self, room: Room) -> Claimed | None:
        """Clear the mark and read the count in one write; None if the room was not marked."""
        outcome = self.table.update(
            Update(
                room_pk(room.key),
                _SK,
                expression="REMOVE viewers_marked_at_ms",
                # Of several tasks for one mark, one publishes.
                condition="attribute_exists(viewers_marked_at_ms)",
            )
        )
        if isinstance(outcome, ConditionNotMet):
            return None
        return Claimed(outcome.item["members"], outcome.item.get("viewers_published", 0))

    def note_published(self, room: Room, viewers: int) -> None:
        """Record the count that was published, for comparison with the next."""
        self.table.update(
            Update(
                room_pk(room.key),
                _SK,
                expression="SET viewers_published = :viewers",
                # Not the first write of a room: an item without its counter would have no members.
                condition="attribute_exists(pk)",
                values={":viewers": viewers},
            )
        )

    def open_shard(self, room: Room, shard: int) -> None:
        """Have fan-outs read a shard before it gets its first member."""
        self.table.update(
            Update(
                room_pk(room.key),
                _SK,
                expression="SET shards = :shards",
                # The number only grows: a shard that is no longer read would lose its members.
                condition="shards < :shards",
                values={":shards": shard + 1},
            )
        )

    def extent(self, room: Room) -> Extent:
        item = self.table.get(room_pk(room.key), _SK)
        return Extent(item["members"], item["shards"]) if item else Extent(0, 0)

    def viewers(self, room: Room) -> int:
        item = self.table.get(room_pk(room.key), _SK)
        return item["members"] if item else 0

    def shards(self, room: Room) -> int:
        """How many shards a room has had at most: they never become fewer."""
        item = self.table.get(room_pk(room.key), _SK)
        return item["shards"] if item else 0
