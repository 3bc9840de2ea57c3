"""Telling a room how many are in it, with the number of its newest event.

So a quiet client can tell that it has missed nothing.
"""

from dataclasses import dataclass

from scorecast import protocol
from scorecast.aws.clock import Clock
from scorecast.aws.fan_out import FanOut
from scorecast.aws.matches import Matches
from scorecast.aws.occupancy import Occupancy
from scorecast.errors import Json
from scorecast.rooms import Room


@dataclass(frozen=True, slots=True)
class Viewers:
    occupancy: Occupancy
    matches: Matches
    fan_out: FanOut
    clock: Clock

    def tell(self, room: Room, *, is_retry: bool) -> None:
        """Tell the count, if it has changed since it was last told.

        An earlier try may have taken the mark and died before it told anyone, so a retry tells
        the count in any case.
        """
        count = self.occupancy.take_mark(room)
        if count is None and is_retry:
            count = self.occupancy.viewers(room)
        if count is None:
            return
        now_ms = self.clock.now_ms()
        data: Json = {
            "room": room.kind,
            "match_id": room.match_id,
            "tournament_id": room.tournament_id,
            "count": count,
            "sequence": self._newest(room),
            "server_time": now_ms,
        }
        frame = protocol.event("viewers", data)
        self.fan_out.tell([room], frame, frame_id=f"viewers-{now_ms}")

    def _newest(self, room: Room) -> int:
        stored = (
            self.matches.get(room.id)
            if room.match_id is not None
            else self.matches.tournament(room.id)
        )
        return stored.sequence if stored else 0
