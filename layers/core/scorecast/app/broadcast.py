"""One frame to everyone in one or two rooms, to each connection once."""

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
from scorecast.runtime.telemetry import count


@dataclass(frozen=True, slots=True)
class Poster:
    """Posting a frame to connections, and what follows from how it went."""

    gateway: Gateway
    throttle_level: ThrottleLevel
    sweep_queue: SweepQueue
    system: System

    def post(
        self, connection_ids: Iterable[str], message: bytes, *, posts_per_second: float = math.inf
    ) -> None:
        """Post to each connection; whatever becomes of a post, the others get theirs."""
        outcomes = self.gateway.post_all(
            connection_ids,
            message,
            time_ms_max=FAN_OUT_MS_MAX,
            posts_per_second=posts_per_second,
        )
        count(**metrics_of(outcomes))
        summary = summarize(outcomes)
        self.sweep_queue.put_gone(summary.gone)
        self.sweep_queue.put_slow(summary.slow, at_ms=self.system.now_ms())
        if summary.at_limit:
            self.throttle_level.raise_level()

    def shuffled(self, connection_ids: Iterable[str]) -> list[str]:
        """In another order each time, so that nobody is always the last."""
        return sorted(connection_ids, key=lambda _: self.system.random())


@dataclass(frozen=True, slots=True)
class Broadcast:
    memberships: Memberships
    poster: Poster
    fanout_queue: FanoutQueue
    posts_per_second: int

    def publish(self, rooms: Sequence[Room], message: bytes, *, message_id: str) -> None:
        """Tell the members of all rooms, read in one pass, so that each is told exactly once.

        Who leaves a room meanwhile is told through the other. A room with several shards is
        handed over, a parcel a shard, to be posted in several lanes. Its shards never become fewer,
        so it is handed over from then on, and its members' frames stay in order.
        """
        count(MessagesPublished=1)
        seen: set[str] = set()
        # Read after the claim: a shard opened before it may hold clients with an old snapshot.
        shards = {room: self.memberships.occupancy.shards(room) for room in rooms}
        large = {room: number for room, number in shards.items() if number > 1}
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
        """A parcel a shard, in lanes that together post no faster than the account can.

        API Gateway's bucket is smaller than a very large room: its overflow would be throttled.
        A shard keeps its lane, and a lane its order.
        """
        for shard in range(shards):
            pages = self.memberships.shard_members(room, shard)
            ids = [each for page in pages for each in _new(page, seen)]
            if ids:
                batch = FanoutBatch(message.decode(), self.poster.shuffled(ids), posts_per_second)
                lane = f"{room.key}-{shard % FANOUT_LANES}"
                self.fanout_queue.send(batch, lane=lane, batch_id=f"{message_id}-{shard}")

    def _newly_seen(self, rooms: Iterable[Room], seen: set[str]) -> Iterator[str]:
        """Members as their pages arrive: the first are posted to while the last are read."""
        for room in rooms:
            for page in self.memberships.members(room):
                yield from self.poster.shuffled(_new(page, seen))


def _new(page: Iterable[str], seen: set[str]) -> list[str]:
    """Those of a page that have not been seen; they have been seen then."""
    new = [connection_id for connection_id in page if connection_id not in seen]
    seen.update(new)
    return new
