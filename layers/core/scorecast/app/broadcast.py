"""One message to the members of one or two rooms, to each connection once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scorecast.app.post import Poster
from scorecast.aws.dynamodb.memberships import Memberships
from scorecast.aws.sqs.fanout_queue import FanoutBatch, FanoutQueue
from scorecast.domain.publication import Posted, bucket_of, buckets_for, lane_of
from scorecast.domain.rooms import Room
from scorecast.protocol.limits import FANOUT_LANES, PLANNED_SHARE
from scorecast.runtime.telemetry import count


@dataclass(frozen=True, slots=True)
class Broadcast:
    memberships: Memberships
    poster: Poster
    fanout_queue: FanoutQueue
    posts_per_second: int

    def publish(self, rooms: Sequence[Room], posted: Posted) -> None:
        """Publish to the members of all rooms, read in one pass, so that each gets it once.

        A member that moves between the rooms during the read still gets it. A room with several
        shards is posted to through the fan-out queue. The number of its shards never decreases, so
        it stays with the queue, and its members' messages stay in order.
        """
        count(MessagesPublished=1)
        seen: set[str] = set()
        # Read after the claim: a shard opened before it may hold clients with an old snapshot.
        shards = {room: self.memberships.occupancy.shards(room) for room in rooms}
        large = [room for room in rooms if shards[room] > 1]
        for room in large:
            ids = list(self._newly_seen([room], seen))
            self._send_batches(room, ids, posted, share=PLANNED_SHARE / len(large))
        small = [room for room in rooms if shards[room] == 1]
        if small:
            self.poster.post(self._shuffled_pages(small, seen), [posted], room=small[0])

    def _send_batches(
        self, room: Room, ids: Sequence[str], posted: Posted, *, share: float
    ) -> None:
        """Send a room's members in lanes, which together post no faster than the account can.

        A member's lane follows from its id. It must not depend on where the member is stored: any
        assignment by arrival ends with all members in one lane, as viewers come and go.
        """
        buckets = buckets_for(len(ids))
        members: dict[int, list[str]] = {}
        for connection_id in ids:
            members.setdefault(bucket_of(connection_id, buckets), []).append(connection_id)
        pace = self.posts_per_second * share / FANOUT_LANES
        for bucket, in_bucket in sorted(members.items()):
            batch = FanoutBatch(
                posted=posted,
                room_key=room.key,
                connection_ids=self.poster.shuffled(in_bucket),
                posts_per_second=pace,
            )
            batch_id = f"{posted.id}-{buckets}-{bucket}"
            self.fanout_queue.send(batch, lane=lane_of(room, bucket), batch_id=batch_id)

    def _shuffled_pages(self, rooms: Iterable[Room], seen: set[str]) -> Iterator[str]:
        """Members as their pages arrive: the first are posted to while the last are read."""
        for room in rooms:
            for page in self.memberships.members(room):
                yield from self.poster.shuffled(_new(page, seen))

    def _newly_seen(self, rooms: Iterable[Room], seen: set[str]) -> Iterator[str]:
        for room in rooms:
            for page in self.memberships.members(room):
                yield from _new(page, seen)


def _new(page: Iterable[str], seen: set[str]) -> list[str]:
    """The members of a page that have not been seen before; they are marked as seen."""
    new = [connection_id for connection_id in page if connection_id not in seen]
    seen.update(new)
    return new
