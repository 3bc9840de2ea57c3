"""Publish how many viewers a room has, with the sequence of its newest event.

So a client in a quiet room can tell whether it has missed a message.
"""

from dataclasses import dataclass

from scorecast.app.broadcast import Broadcast
from scorecast.aws.dynamodb.matches import Matches
from scorecast.aws.dynamodb.occupancy import Occupancy
from scorecast.domain.publication import Posted
from scorecast.domain.rooms import Room, is_noticeable
from scorecast.protocol import messages
from scorecast.protocol.events import ViewersData
from scorecast.runtime.system import System


@dataclass(frozen=True, slots=True)
class ViewerCounts:
    occupancy: Occupancy
    matches: Matches
    broadcast: Broadcast
    system: System

    def publish(self, room: Room, *, is_retry: bool) -> None:
        """Publish the count if it has changed noticeably since it was last published.

        An earlier attempt may have cleared the mark and died before it published, so a retry always
        publishes.
        """
        claimed = self.occupancy.claim_dirty(room)
        if is_retry:
            count = self.occupancy.viewers(room)
        elif claimed is None or not is_noticeable(claimed.viewers, published=claimed.published):
            return
        else:
            count = claimed.viewers
        now_ms = self.system.now_ms()
        data: ViewersData = {
            "room": room.kind,
            "match_id": room.match_id,
            "tournament_id": room.tournament_id,
            "count": count,
            "sequence": self.matches.newest(room),
            "server_time": now_ms,
        }
        message = messages.event("viewers", data)
        self.broadcast.publish([room], Posted(message=message, id=f"viewers-{now_ms}"))
        self.occupancy.note_published(room, count)
