"""The load of one moment of an audience on AWS. All rates are per second."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from infra import layer  # noqa: F401
from infra.capacity.audience import Audience
from infra.capacity.bounds import Bounds
from infra.capacity.places import READ_FROM, SPREAD, WRITTEN, Units
from infra.capacity.rooms import Room, rooms_at
from infra.capacity.timeline import Moment, period_s
from infra.cost import (
    FLUSH_MEMORY_GB,
    GB_SECOND,
    GIGABYTE,
    INVOCATION,
    MEMBER_BYTES,
    MEMORY_GB,
    MESSAGE,
    MESSAGE_BYTES,
    MILLISECONDS,
    MINUTE,
    QUEUE,
    READ,
    READ_UNIT_BYTES,
    SQS_REQUESTS_PER_MESSAGE,
    TASKS_PER_HOUR,
    WRITE,
    Use,
    total,
)
from scorecast.domain.connections.idle import portions_for
from scorecast.protocol.limits import (
    FANOUT_LANES,
    RECONCILED_MAX,
    SHARD_MEMBERS_MAX,
    SWEEP_PERIOD_SECONDS,
    WINDOW_POLL_MS,
)

SCORE_MS: Final = 40
"""Assumed: how long a report of a score takes a function."""

FLUSH_MS: Final = 60
"""Assumed: what a flush takes beside its window's wait and its posts."""

COMPARISON_MS: Final = 10
"""Assumed, of two reads."""

COMPARED_SECONDS: Final = 60
"""Each room's counter is compared with its members once a minute."""

SWEEP_IDLE: Final = 1_000
"""Connections of the sweep whose reads are measured. It reads them all, idle or not."""

LARGE_FUNCTIONS: Final = frozenset({"flush", "fanout"})
"""Those with more memory: they post."""

MEMBERS: Final = "connections R#…#…"
"""A room's membership shards. Newcomers all go to the newest one."""

TASKS_PER_SECOND: Final = TASKS_PER_HOUR / 3_600


@dataclass(frozen=True, slots=True, kw_only=True)
class Demand:
    moment: Moment
    rooms: tuple[Room, ...]
    operations: Mapping[str, float]
    room_posts: float
    invocations: Mapping[str, float]
    executions: Mapping[str, float]
    """By function: how many run at once."""
    queued: Mapping[str, float]
    written: Units
    read_from: Units

    @property
    def largest(self) -> Room:
        return self.rooms[0]

    @property
    def pings(self) -> float:
        return self.operations["pong"]

    @property
    def posts(self) -> float:
        return self.room_posts + self.pings + self.moment.connects

    @property
    def requests(self) -> float:
        """Posts, what clients send, handshakes, and the welcome's look whether one has ended."""
        received = self.pings + self.operations["score"]
        return self.posts + received + 2 * self.moment.connects

    @property
    def busiest_group(self) -> float:
        """Messages a second of the busiest FIFO group."""
        return max(max(room.flushes, room.batches / FANOUT_LANES) for room in self.rooms)

    @property
    def use(self) -> Use:
        """What a second of it adds to the bill."""
        received = self.pings + self.operations["score"]
        return {
            MESSAGE: self.posts + received,
            MINUTE: self.moment.viewers / 60,
            INVOCATION: sum(self.invocations.values()),
            GB_SECOND: sum(_memory_gb(name) * n for name, n in self.executions.items()),
            WRITE: sum(self.written.values()),
            READ: sum(self.read_from.values()),
            QUEUE: sum(self.queued.values()) * SQS_REQUESTS_PER_MESSAGE,
            GIGABYTE: self.room_posts * MESSAGE_BYTES / 1e9,
        }


def _memory_gb(function: str) -> float:
    return FLUSH_MEMORY_GB if function in LARGE_FUNCTIONS else MEMORY_GB


def demand_at(moment: Moment, audience: Audience, bounds: Bounds) -> Demand:
    rooms = rooms_at(moment, audience, bounds)
    operations = _operations(moment, audience, bounds, rooms)
    queued = _queued(moment, rooms, operations)
    return Demand(
        moment=moment,
        rooms=rooms,
        operations=operations,
        room_posts=sum(room.number * room.posts for room in rooms),
        invocations=_invocations(moment, operations, queued),
        executions=_executions(moment, rooms, operations),
        queued=queued,
        written=_units(operations, WRITTEN, viewers=moment.viewers),
        read_from=total(
            _units(operations, READ_FROM, viewers=moment.viewers), _reads_of_rooms(rooms)
        ),
    )


def _operations(
    moment: Moment, audience: Audience, bounds: Bounds, rooms: tuple[Room, ...]
) -> dict[str, float]:
    """By the names of `infra.cost`."""
    scores = audience.matches * audience.scores_per_minute / 60
    counts = sum(room.number * room.counts for room in rooms)
    return {
        "first connect": moment.connects * audience.first_visits,
        "connect": moment.connects * (1 - audience.first_visits),
        "welcome": moment.connects,
        "disconnect": moment.disconnects,
        "pong": moment.quiet / period_s(bounds),
        "score": scores,
        "history of 10 scores": scores / 10,
        "flush of a score": sum(room.number * room.flushes for room in rooms),
        "viewer count": counts,
        "unchanged viewer count": sum(room.number * room.looks for room in rooms) - counts,
        "comparison of a counter": (audience.matches + 1) / COMPARED_SECONDS,
        "sweep, none idle": 1 / SWEEP_PERIOD_SECONDS,
    }


def _units(
    operations: Mapping[str, float], places: Mapping[str, Units], *, viewers: float
) -> Units:
    uses = [
        {place: units * rate for place, units in places[operation].items()}
        for operation, rate in operations.items()
    ]
    none, thousand = places["sweep, none idle"], places["sweep, 1,000 idle"]
    thousands = viewers / SWEEP_IDLE / SWEEP_PERIOD_SECONDS
    swept = {place: (thousand[place] - none.get(place, 0)) * thousands for place in thousand}
    return total(*uses, swept)


def _reads_of_rooms(rooms: tuple[Room, ...]) -> Units:
    """Members beyond a small room's one unit, and looks at windows that are longer than usual."""
    units_per_member = MEMBER_BYTES / READ_UNIT_BYTES
    return {
        MEMBERS: sum(
            room.number * room.messages * max(0.0, room.viewers * units_per_member - 1)
            for room in rooms
        ),
        "matches M#…": sum(
            room.number * room.flushes * (room.window_ms - room.usual_window_ms) / WINDOW_POLL_MS
            for room in rooms
        ),
    }


def _queued(
    moment: Moment, rooms: tuple[Room, ...], operations: Mapping[str, float]
) -> dict[str, float]:
    looks = operations["viewer count"] + operations["unchanged viewer count"]
    return {
        "welcome": moment.connects,
        "flush": operations["flush of a score"],
        "fanout": sum(room.number * room.batches for room in rooms),
        "sweep": looks
        + _sweep_tasks(moment)
        + operations["comparison of a counter"] / RECONCILED_MAX,
    }


def _sweep_tasks(moment: Moment) -> float:
    """A second: those of a small audience, and the further portions of a larger one."""
    return TASKS_PER_SECOND + (portions_for(int(moment.viewers)) - 1) / SWEEP_PERIOD_SECONDS


def _invocations(
    moment: Moment, operations: Mapping[str, float], queued: Mapping[str, float]
) -> dict[str, float]:
    return {
        "authorizer": moment.connects,
        "connect": moment.connects,
        "disconnect": moment.disconnects,
        "message": operations["pong"] + operations["score"],
        "history": operations["score"],
        **queued,
    }


def _executions(
    moment: Moment, rooms: tuple[Room, ...], operations: Mapping[str, float]
) -> dict[str, float]:
    """Little's law: how often each second, times how long."""
    handshake_ms = MILLISECONDS["connect"] / 2
    looks = operations["viewer count"] + operations["unchanged viewer count"]
    flushing_ms = sum(
        room.number * room.flushes * (room.window_ms + room.flush_posting_s * 1_000)
        for room in rooms
    )
    busy_ms = {
        "authorizer": moment.connects * handshake_ms,
        "connect": moment.connects * handshake_ms,
        "welcome": moment.connects * MILLISECONDS["welcome"],
        "disconnect": moment.disconnects * MILLISECONDS["disconnect"],
        "message": operations["pong"] * MILLISECONDS["pong"] + operations["score"] * SCORE_MS,
        "flush": flushing_ms + operations["flush of a score"] * FLUSH_MS,
        "fanout": sum(room.number * room.fanouts_running for room in rooms) * 1_000,
        "sweep": (_sweep_tasks(moment) + looks) * MILLISECONDS["task"]
        + operations["comparison of a counter"] * COMPARISON_MS,
        "history": operations["score"] * MILLISECONDS["task"],
    }
    return {function: each / 1_000 for function, each in busy_ms.items()}


def hottest_writes(demand: Demand, audience: Audience) -> Units:
    """Units a second of the busiest key, by place. Scores are spread over matches evenly."""
    leaving = demand.operations["disconnect"] * WRITTEN["disconnect"][MEMBERS]
    shards = max(1.0, demand.largest.viewers / SHARD_MEMBERS_MAX)
    written = {
        **demand.written,
        MEMBERS: demand.written[MEMBERS] - leaving * (1 - 1 / shards),
    }
    return _hottest(written, demand.moment, audience, of_match=1 / audience.matches)


def hottest_reads(demand: Demand, audience: Audience) -> Units:
    """Most reads of a match are those of its newcomers."""
    largest = audience.rooms(1)[0][1]
    return _hottest(demand.read_from, demand.moment, audience, of_match=largest)


def _hottest(units: Units, moment: Moment, audience: Audience, *, of_match: float) -> Units:
    viewers = max(1.0, moment.viewers)
    share = {
        "viewer": 1 / viewers,
        "address": min(1.0, audience.viewers_per_address / viewers),
        "room": audience.rooms(1)[0][1],
        "match": of_match,
        "tournament": 1 / audience.tournaments,
    }
    return {place: each * _share(SPREAD[place], share) for place, each in units.items()}


def _share(keys: str | int, share: Mapping[str, float]) -> float:
    return 1 / keys if isinstance(keys, int) else share[keys]
