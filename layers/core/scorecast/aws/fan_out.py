"""One frame to everyone in one or two rooms, to each connection once."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from scorecast.aws.clock import Clock
from scorecast.aws.gateway import Gateway
from scorecast.aws.memberships import Memberships
from scorecast.aws.pressure import Pressure
from scorecast.aws.relay import Parcel, Relay
from scorecast.aws.rota import Rota
from scorecast.aws.telemetry import count
from scorecast.delivery import distinct, metrics_of
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

    def post(self, pages: Iterable[Iterable[str]], frame: bytes) -> None:
        """Post to each connection once; whatever becomes of a post, the others get theirs."""
        outcomes = self.gateway.post_all(
            distinct(map(self._shuffled, pages)), frame, time_ms_max=FAN_OUT_MS_MAX
        )
        count(**metrics_of(outcomes))
        follows = aftermath(outcomes)
        self.rota.put_gone(follows.gone)
        self.rota.put_slow(follows.slow, at_ms=self.clock.now_ms())
        if follows.at_limit:
            self.pressure.raise_level()

    def _shuffled(self, page: Iterable[str]) -> list[str]:
        """In another order each time, so that nobody is always the last."""
        return sorted(page, key=lambda _: self.clock.random())


@dataclass(frozen=True, slots=True)
class FanOut:
    memberships: Memberships
    posting: Posting
    relay: Relay

    def tell(self, rooms: Sequence[Room], frame: bytes, *, frame_id: str) -> None:
        """Tell the members of all rooms. Shards of large rooms are handed over, to be told at once.

        A room's shards never become fewer, so a room that has been handed over stays so, and its
        members' frames stay in order.
        """
        count(FramesEmitted=1)
        small = []
        for place, room in enumerate(rooms):
            shards = self.memberships.occupancy.shards(room)
            if shards <= 1:
                small.append((room, tuple(rooms[:place])))
                continue
            for shard in range(shards):
                parcel = Parcel(room, shard, tuple(rooms[:place]), frame.decode())
                self.relay.hand_over(parcel, frame_id=frame_id)
        self._post_small(small, frame)

    def _post_small(self, small: list[tuple[Room, tuple[Room, ...]]], frame: bytes) -> None:
        posted = [room for room, _ in small]
        relayed = {other for _, others in small for other in others} - set(posted)
        told = self._everyone_in(relayed)
        if posted:
            pages = (page for room in posted for page in self.memberships.members(room))
            self.posting.post(_without(pages, told), frame)

    def deliver(self, parcel: Parcel) -> None:
        """Tell one shard of a large room, but for those who are told through another room."""
        told = self._everyone_in(parcel.others)
        pages = self.memberships.shard_members(parcel.room, parcel.shard)
        self.posting.post(_without(pages, told), parcel.frame.encode())

    def _everyone_in(self, rooms: Iterable[Room]) -> set[str]:
        return {
            connection_id
            for room in rooms
            for page in self.memberships.members(room)
            for connection_id in page
        }


def _without(pages: Iterable[Iterable[str]], told: set[str]) -> Iterator[list[str]]:
    for page in pages:
        yield [connection_id for connection_id in page if connection_id not in told]
