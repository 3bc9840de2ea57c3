"""Broadcast one message to the members of one or two rooms, once to each connection."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scorecast.aws.dynamodb.memberships import Memberships
from scorecast.aws.dynamodb.throttle_level import ThrottleLevel
from scorecast.aws.gateway import Gateway
from scorecast.aws.sqs.fanout_queue import FanoutBatch, FanoutQueue
from scorecast.aws.sqs.sweep_queue import SweepQueue
from scorecast.domain.delivery import metrics_of, summarize
from scorecast.domain.rooms import Room
from scorecast.protocol.limits import FAN_OUT_MS_MAX, FANOUT_LANES
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count, log


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts a message to connections and follows up on the outcome."""

    gateway: Gateway
    throttle_level: ThrottleLevel
    sweep_queue: SweepQueue
    system: System

    def post(
        self, connection_ids: Iterable[str], message: bytes, *, posts_per_second: float = math.inf
    ) -> None:
        """Post to each connection; a post that fails affects no other."""
        outcomes = self.gateway.post_all(
            connection_ids,
            message,
            time_ms_max=FAN_OUT_MS_MAX,
            posts_per_second=posts_per_second,
        )
        count(**metrics_of(outcomes))
        log().info("posted", extra={"outcomes": metrics_of(outcomes)})
        # Off the hot path: stale and slow connections are looked at by `sweep`.
        summary = summarize(outcomes)
        self.sweep_queue.put_gone(summary.gone)
        self.sweep_queue.put_slow(summary.slow, at_ms=self.system.now_ms())
        if summary.at_limit:
            self.throttle_level.raise_level()

    def shuffled(self, connection_ids: Iterable[str]) -> list[str]:
        """In another order each time, so that no member is always the last."""
        return sorted(connection_ids, key=lambda _: self.system.random())


@dataclass(frozen=True, slots=True)
class Broadcast:
    memberships: Memberships
    poster: Poster
    fanout_queue: FanoutQueue
    posts_per_second: int

    def publish(self, rooms: Sequence[Room], message: bytes, *, message_id: str) -> None:
        """Send the message to every member of the rooms, once.

        `message_id` is the same when the same message is published again.
        """
        count(MessagesPublished=1)
        # Both rooms are read in one pass: a member that moves between them during the read still
        # gets the message, and one that is in both gets it once.
        seen: set[str] = set()
        # Shards are read after the claim: one that was opened before it may hold members whose
        # snapshot is older than this message.
        shards = {room: self.memberships.occupancy.shards(room) for room in rooms}
        large = {room: number for room, number in shards.items() if number > 1}
        # A room with several shards goes through the queue. Its shards never become fewer, so all
        # of its later messages do too, and none overtakes another.
        lanes = sum(min(FANOUT_LANES, number) for number in large.values())
        for room in large:
            self._send_batches(
                room, large[room], seen, message, message_id, self.posts_per_second / lanes
            )
        small = [room for room in rooms if shards[room] == 1]
        if small:
            self.poster.post(self._newly_seen(small, seen), message)

    def _send_batches(
        self,
        room: Room,
        shards: int,
        seen: set[str],
        message: bytes,
        message_id: str,
        posts_per_second: float,
    ) -> None:
        """Queue one batch per shard, in lanes that together post no faster than the account can.

        API Gateway's bucket is smaller than a very large room: posts beyond it would be throttled.
        """
        for shard in range(shards):
            pages = self.memberships.shard_members(room, shard)
            ids = [each for page in pages for each in _take_new(page, seen)]
            if ids:
                batch = FanoutBatch(message.decode(), self.poster.shuffled(ids), posts_per_second)
                # A shard keeps its lane and a lane (a FIFO group) its order, so each member gets
                # messages in the order in which they were published.
                lane = f"{room.key}-{shard % FANOUT_LANES}"
                self.fanout_queue.send(batch, lane=lane, batch_id=f"{message_id}-{shard}")

    def _newly_seen(self, rooms: Iterable[Room], seen: set[str]) -> Iterator[str]:
        """Members, page by page: the first are posted to while the last are still being read."""
        for room in rooms:
            for page in self.memberships.members(room):
                yield from self.poster.shuffled(_take_new(page, seen))


def _take_new(page: Iterable[str], seen: set[str]) -> list[str]:
    """Those of a page that are not in `seen`, to which they are added."""
    new = [connection_id for connection_id in page if connection_id not in seen]
    seen.update(new)
    return new
