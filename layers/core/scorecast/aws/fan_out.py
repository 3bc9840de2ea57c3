"""One frame to everyone in one or two rooms, to each connection once."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from scorecast.aws.clock import Clock
from scorecast.aws.gateway import Gateway
from scorecast.aws.memberships import Memberships
from scorecast.aws.pressure import Pressure
from scorecast.aws.relay import Parcel, Relay
from scorecast.aws.rota import Rota
from scorecast.aws.telemetry import count
from scorecast.delivery import metrics_of
from scorecast.fanning import aftermath
from scorecast.limits import FAN_OUT_MS_MAX
from scorecast.rooms import Room


@dataclass(frozen=True, slots=True)
class Posting:
    """Posting a frame to connections, and what follows from how it went."""

    gateway: Gateway
    pressure: Pressure
    rota: Rota
    clock: Clock

    def post(
        self, connection_ids: Iterable[str], frame: bytes, *, posts_per_second: float = math.inf
    ) -> None:
        """Post to each connection; whatever becomes of a post, the others get theirs."""
        outcomes = self.gateway.post_all(
            connection_ids,
            frame,
            time_ms_max=FAN_OUT_MS_MAX,
            posts_per_second=posts_per_second,
        )
        count(**metrics_of(outcomes))
        follows = aftermath(outcomes)
        self.rota.put_gone(follows.gone)
        self.rota.put_slow(follows.slow, at_ms=self.clock.now_ms())
        if follows.at_limit:
            self.pressure.raise_level()

    def shuffled(self, connection_ids: Iterable[str]) -> list[str]:
        """In another order each time, so that nobody is always the last."""
        return sorted(connection_ids, key=lambda _: self.clock.random())


@dataclass(frozen=True, slots=True)
class FanOut:
    memberships: Memberships
    posting: Posting
    relay: Relay
    posts_per_second: int

    def tell(self, rooms: Sequence[Room], frame: bytes, *, frame_id: str) -> None:
        """Tell the members of all rooms, read in one pass, so that each is told exactly once.

        Who leaves a room meanwhile is told through the other. A room with several shards is
        handed over, a parcel a shard, to be posted in parallel. Its shards never become fewer,
        so it is handed over from then on, and its members' frames stay in order.
        """
        count(FramesEmitted=1)
        seen: set[str] = set()
        shards = {room: self.memberships.occupancy.shards(room) for room in rooms}
        large = {room: number for room, number in shards.items() if number > 1}
        self._hand_over(self._members_by_shard(large, seen), frame, frame_id)
        small = [room for room in rooms if shards[room] == 1]
        if small:
            self.posting.post(self._newly_seen(small, seen), frame)

    def _members_by_shard(self, large: Mapping[Room, int], seen: set[str]) -> dict[str, list[str]]:
        return {
            f"{room.key}-{shard}": [
                each
                for page in self.memberships.shard_members(room, shard)
                for each in _new(page, seen)
            ]
            for room, shards in large.items()
            for shard in range(shards)
        }

    def _hand_over(self, by_shard: Mapping[str, list[str]], frame: bytes, frame_id: str) -> None:
        """A parcel a shard. Together they post no faster than the account can.

        API Gateway's bucket is smaller than a very large room: its overflow would be throttled.
        """
        members = sum(map(len, by_shard.values()))
        for shard, ids in by_shard.items():
            if ids:
                share = self.posts_per_second * len(ids) / members
                parcel = Parcel(frame.decode(), self.posting.shuffled(ids), share)
                self.relay.hand_over(parcel, shard=shard, frame_id=frame_id)

    def _newly_seen(self, rooms: Iterable[Room], seen: set[str]) -> Iterator[str]:
        """Members as their pages arrive: the first are posted to while the last are read."""
        for room in rooms:
            for page in self.memberships.members(room):
                yield from self.posting.shuffled(_new(page, seen))


def _new(page: Iterable[str], seen: set[str]) -> list[str]:
    """Those of a page that have not been seen; they have been seen then."""
    new = [connection_id for connection_id in page if connection_id not in seen]
    seen.update(new)
    return new
