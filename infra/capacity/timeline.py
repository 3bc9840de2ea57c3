"""How many are connected while an audience comes and goes, step by step."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from infra.capacity.audience import Audience
from infra.capacity.bounds import PARAMETERS, Bounds
from infra.cost import HEARTBEAT_PERIOD_SECONDS
from scorecast_client.backoff import BASE_SECONDS

STEPS: Final = 780
"""Of an evening of 130 minutes: ten seconds each. So long it takes until all that a cut has
disconnected are noticed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """Rates are a second."""

    minute: float
    step_s: float
    wanted: float
    viewers: float
    """On sockets."""
    quiet: float
    """Those that have been there for half a heartbeat's period, and are pinged."""
    waiting: float
    """Refused until now by the limit on new connections; they come again."""
    overflow: float
    """Above the rooms' capacity: they read the snapshot."""
    asking: float
    """Handshakes asked for, at first attempt."""
    connects: float
    disconnects: float


def places(audience: Audience, bounds: Bounds, wanted: float) -> float:
    """How many of those find a place in their rooms."""
    rooms = audience.rooms(wanted)
    return sum(number * min(viewers, bounds["RoomCapacity"]) for number, viewers in rooms)


def period_s(bounds: Bounds) -> float:
    """An idle client is pinged by the first sweep after the interval."""
    longer_s = bounds["HeartbeatIntervalSeconds"] - PARAMETERS["HeartbeatIntervalSeconds"]
    return HEARTBEAT_PERIOD_SECONDS + longer_s


def moments(audience: Audience, bounds: Bounds) -> Iterator[Moment]:
    """From the curve's beginning to its end. Nobody is connected before."""
    step_s = audience.minutes * 60 / STEPS
    half_period = round(period_s(bounds) / 2 / step_s)
    before: list[float] = []
    viewers = waiting = 0.0
    for step in range(STEPS):
        minute = step * step_s / 60
        wanted = audience.wanted(minute + step_s / 60)
        target = places(audience, bounds, wanted)
        lost = _cut(audience, minute, step_s) * viewers
        left = viewers * min(1.0, step_s / 60 / audience.stay_minutes)
        left = min(viewers, max(left, viewers - target) + lost)
        asked = max(0.0, target - (viewers - left))
        came = min(asked, bounds.connects_per_second * step_s)
        new = max(0.0, asked - waiting)
        viewers, waiting = viewers - left + came, asked - came
        before.append(viewers)
        yield Moment(
            minute=minute,
            step_s=step_s,
            wanted=wanted,
            viewers=viewers,
            quiet=min(viewers, _earlier(before, half_period)),
            waiting=waiting,
            overflow=max(0.0, wanted - target),
            asking=new / (BASE_SECONDS if lost else step_s),
            connects=came / step_s,
            disconnects=left / step_s,
        )


def _earlier(viewers: list[float], steps: int) -> float:
    return viewers[-1 - steps] if len(viewers) > steps else 0.0


def _cut(audience: Audience, minute: float, step_s: float) -> float:
    """The share that is disconnected in this step."""
    happened = (cut for cut in audience.cuts if minute <= cut.minute < minute + step_s / 60)
    return sum(cut.share for cut in happened)
