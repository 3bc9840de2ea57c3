"""The action for an idle connection: a ping, a warning about its token, or a goodbye. Times in
ms."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from zlib import crc32

from scorecast.protocol.limits import (
    CONNECTION_SECONDS_MAX,
    CONNECTION_SHARDS,
    DRAIN_BEFORE_SECONDS,
    DRAIN_SPREAD_SECONDS,
    PINGS_MISSED_MAX,
    REFRESH_GRACE_SECONDS,
    SWEEP_PORTION_CONNECTIONS,
    SWEEPS_REMEMBERED,
)


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """Silence after which a connection is pinged, and after which it is disconnected."""

    interval_s: int
    timeout_s: int


@dataclass(frozen=True, slots=True, kw_only=True)
class IdleConnection:
    """A connection that has sent nothing for a while."""

    connection_id: str
    last_seen_ms: int
    connected_at_ms: int
    token_expires_at_ms: int | None = None
    expiry_notified_at_ms: int | None = None


class IdleAction(StrEnum):
    """What to do for an idle connection now."""

    NOTHING = "nothing"
    PING = "ping"
    NOTIFY_EXPIRY = "notify_expiry"
    END_EXPIRED = "end_expired"
    END_SILENT = "end_silent"
    END_OLD = "end_old"


@dataclass(frozen=True, slots=True)
class SweepRecord:
    """One sweep of a portion: when its pings had been sent, and to whom.

    It has pinged every connection that was last seen up to `pinged_until_ms`, except for `missed`.
    """

    sent_at_ms: int
    pinged_until_ms: int
    missed: frozenset[str] = frozenset()


def sweep_record(
    missed: Sequence[IdleConnection], *, sent_at_ms: int, reached_ms: int
) -> SweepRecord:
    """What to remember of a sweep that reached `reached_ms` and could not ping `missed`.

    A few are named, so that one client that reads nothing keeps no silent one alive. More are the
    account's quota: then the sweep counts only up to the first of them.
    """
    if len(missed) <= PINGS_MISSED_MAX:
        names = frozenset(each.connection_id for each in missed)
        return SweepRecord(sent_at_ms, reached_ms, names)
    first_ms = min(each.last_seen_ms for each in missed)
    return SweepRecord(sent_at_ms, min(reached_ms, first_ms - 1))


def was_pinged(idle: IdleConnection, sweeps: Sequence[SweepRecord], *, by_ms: int) -> bool:
    """Whether a ping was sent to the connection by then, since it was last seen."""
    return any(
        sweep.sent_at_ms <= by_ms
        and idle.last_seen_ms <= sweep.pinged_until_ms
        and idle.connection_id not in sweep.missed
        for sweep in sweeps
    )


def remembered(sweeps: Sequence[SweepRecord], new: SweepRecord) -> list[SweepRecord]:
    return [*sweeps, new][-SWEEPS_REMEMBERED:]


def idle_action(
    idle: IdleConnection, sweeps: Sequence[SweepRecord], *, at_ms: int, heartbeat: Heartbeat
) -> IdleAction:
    """Decide for one connection, given the portion's earlier sweeps.

    A silent connection is closed only if it was pinged and had time to answer, so a delayed sweep
    first pings all and closes none.
    """
    expiry = token_action(idle.token_expires_at_ms, idle.expiry_notified_at_ms, now_ms=at_ms)
    if expiry is IdleAction.END_EXPIRED:
        return expiry
    answer_ms = (heartbeat.timeout_s - heartbeat.interval_s) * 1_000
    silent = idle.last_seen_ms <= at_ms - heartbeat.timeout_s * 1_000
    if silent and was_pinged(idle, sweeps, by_ms=at_ms - answer_ms):
        return IdleAction.END_SILENT
    if at_ms >= drain_at_ms(idle.connection_id, idle.connected_at_ms):
        return IdleAction.END_OLD
    if expiry is not IdleAction.NOTHING:
        return expiry
    return IdleAction.NOTHING if was_pinged(idle, sweeps, by_ms=at_ms) else IdleAction.PING


def token_action(
    expires_at_ms: int | None, notified_at_ms: int | None, *, now_ms: int
) -> IdleAction:
    """Warn once that the token has expired; disconnect if no newer one arrives in time."""
    if expires_at_ms is None or now_ms < expires_at_ms:
        return IdleAction.NOTHING
    if notified_at_ms is None:
        return IdleAction.NOTIFY_EXPIRY
    is_over = now_ms - notified_at_ms >= REFRESH_GRACE_SECONDS * 1_000
    return IdleAction.END_EXPIRED if is_over else IdleAction.NOTHING


def drain_at_ms(connection_id: str, connected_at_ms: int) -> int:
    """When a connection gets its goodbye, before API Gateway's limit of two hours.

    Clients that connected together at kick-off are spread by their connection ids.
    """
    early_s = DRAIN_BEFORE_SECONDS + crc32(connection_id.encode()) % DRAIN_SPREAD_SECONDS
    return connected_at_ms + (CONNECTION_SECONDS_MAX - early_s) * 1_000


def reconnect_delay_ms(clients: int, *, connects_per_second: int, jitter: float) -> int:
    """When one of `clients` reconnects, so that together they stay below the account's rate.

    `jitter` is at least 0 and below 1.
    """
    return 500 + int(jitter * clients * 1_000 / connects_per_second)


def shard_of(connection_id: str, shards: int) -> int:
    return crc32(connection_id.encode()) % shards


def portions_for(connections: int) -> int:
    """In how many portions so many connections are swept: a power of two, and one shard at least.

    Another number forgets whom the earlier sweeps have pinged, so it changes seldom.
    """
    portions = 1
    while portions < CONNECTION_SHARDS and connections > portions * SWEEP_PORTION_CONNECTIONS:
        portions *= 2
    return portions


def shards_of_portion(portion: int, portions: int) -> range:
    size = CONNECTION_SHARDS // portions
    return range(portion * size, (portion + 1) * size)
