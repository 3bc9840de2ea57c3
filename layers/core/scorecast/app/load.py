"""What the account has to carry just now: advice for the length of a window.

Advice never holds up a score. What cannot be read at once is taken as it was read last, or as
nothing, and a metric says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.aws.dynamodb.matches import Matches
from scorecast.aws.dynamodb.occupancy import Extent, Occupancy
from scorecast.aws.dynamodb.throttle_level import ThrottleLevel
from scorecast.domain.matches.window import Load
from scorecast.domain.rooms import Room
from scorecast.protocol.limits import ADVICE_REMEMBERED_MAX
from scorecast.runtime.telemetry import count


@dataclass(frozen=True, slots=True)
class LoadGauge:
    matches: Matches
    occupancy: Occupancy
    throttle_level: ThrottleLevel
    known: dict[str, Any] = field(default_factory=dict)

    def load(self, rooms: tuple[Room, ...]) -> Load:
        extents = [
            self._read(room.key, partial(self.occupancy.extent, room), Extent(0, 1))
            for room in rooms
        ]
        return Load(
            viewers=sum(extent.members for extent in extents),
            is_large=any(extent.shards > 1 for extent in extents),
            live=self._read("live", self.matches.live, 1),
            throttle_level=self._read(
                "throttle level", partial(self.throttle_level.level, rooms), 0
            ),
        )

    def _read[T](self, name: str, read: Callable[[], T], default: T) -> T:
        try:
            value = read()
        except (BotoCoreError, ClientError):
            count(AdviceUnavailable=1)
            known: T = self.known.get(name, default)
            return known
        if len(self.known) >= ADVICE_REMEMBERED_MAX:
            self.known.clear()
        self.known[name] = value
        return value
