"""Telling a room how many are in it, with the number of its newest event.

So a quiet client can tell that it has missed nothing.
"""

from dataclasses import dataclass

from scorecast.app.broadcast import FanOut
from scorecast.aws.dynamodb.matches import Matches
from scorecast.aws.dynamodb.occupancy import Occupancy
from scorecast.domain.rooms import Room
from scorecast.protocol import messages
from scorecast.protocol.errors import Json
from scorecast.runtime.system import Clock


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
        frame = messages.event("viewers", data)
        self.fan_out.tell([room], frame, frame_id=f"viewers-{now_ms}")

    def _newest(self, room: Room) -> int:
        stored = (
            self.matches.get(room.id)
            if room.match_id is not None
            else self.matches.tournament(room.id)
        )
        return stored.sequence if stored else 0
