"""How long a message is posted to a room, at most."""

from dataclasses import dataclass, field
from typing import Any

from scorecast.app.post import Poster
from scorecast.domain.delivery import Delivery
from scorecast.domain.publication import numbered
from scorecast.domain.rooms import match_room
from scorecast.protocol.limits import FAN_OUT_MS_MAX

ROOM = match_room("m1")


@dataclass
class ThrottledGateway:
    """Throttles every post, and keeps how long it was given for all."""

    times_ms: list[int] = field(default_factory=list)

    def post_all(self, ids: Any, _message: bytes, *, time_ms_max: int, **_: float) -> Any:
        self.times_ms.append(time_ms_max)
        return dict.fromkeys(ids, Delivery.THROTTLED)


class Rest:
    """Stands for all that follows a post, and for the clock: nothing happens."""

    def __getattr__(self, _name: str) -> Any:
        return lambda *_args, **_named: None


def test_the_second_post_takes_no_longer_than_half_of_the_first() -> None:
    """A lane's record is begun with the time for both left."""
    gateway: Any = ThrottledGateway()
    rest: Any = Rest()
    poster = Poster(gateway, throttle_level=rest, queue=rest, redelivery=rest, system=rest)
    poster.post(["c1"], [numbered("{}", ROOM, 1)], room=ROOM)
    assert gateway.times_ms == [FAN_OUT_MS_MAX, FAN_OUT_MS_MAX // 2]
