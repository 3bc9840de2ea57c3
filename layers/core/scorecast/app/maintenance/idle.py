"""Sweep idle connections: ping them, and disconnect the silent, the expired and the old.

The index that is swept holds the time of each connection's last message, so a sweep reads idle
connections only. What a shard's sweeps have pinged is kept in one item of the shard.
"""

from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial

from scorecast.app.best_effort import attempt
from scorecast.app.disconnect import Disconnector
from scorecast.aws.dynamodb.connections import Connections
from scorecast.aws.dynamodb.registry import Registry
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.writes import Update
from scorecast.aws.gateway import Gateway
from scorecast.aws.sqs.sweep_queue import SweepQueue
from scorecast.domain.connections.idle import (
    Heartbeat,
    IdleAction,
    IdleConnection,
    SweepRecord,
    idle_action,
    reconnect_delay_ms,
    remembered,
    sweep_record,
)
from scorecast.domain.delivery import UNDELIVERED, Delivery, summarize
from scorecast.protocol import messages
from scorecast.protocol.errors import TOKEN_EXPIRED, CloseReason
from scorecast.protocol.limits import POST_TIMEOUT_MS, SWEEP_MS_MAX, SWEEP_SHARDS
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count

_CLOSE_REASONS = {
    IdleAction.END_SILENT: CloseReason.HEARTBEAT_TIMEOUT,
    IdleAction.END_EXPIRED: CloseReason.TOKEN_EXPIRED,
    IdleAction.END_OLD: CloseReason.MAX_DURATION,
}
_METRICS = {
    IdleAction.END_SILENT: "HeartbeatCloses",
    IdleAction.END_EXPIRED: "ExpiryCloses",
    IdleAction.END_OLD: "DurationCloses",
}


@dataclass(frozen=True, slots=True)
class IdleSweep:
    connections: Connections
    registry: Registry
    table: Table
    gateway: Gateway
    disconnector: Disconnector
    sweep_queue: SweepQueue
    system: System
    pool: Executor
    heartbeat: Heartbeat
    connects_per_second: int
    pings_per_second: float

    def sweep(self, shard: str) -> None:
        """One sweep of a shard. Swept twice, the same connections are pinged twice at worst.

        The time that counts is when pings were sent, not when the sweep was planned: a client has
        its time to answer from then on, however late the sweep came.
        """
        sweeps = self._sweeps(shard)
        begun_ms = self.system.now_ms()
        until_ms = begun_ms - self.heartbeat.interval_s * 1_000
        reached_ms = until_ms
        missed: list[IdleConnection] = []
        for page in self.connections.idle(shard, until_ms=until_ms):
            missed += self._handle_page(page, sweeps)
            if page and self.system.now_ms() - begun_ms > SWEEP_MS_MAX:
                reached_ms = min(reached_ms, page[-1].last_seen_ms)
                break
        record = sweep_record(missed, sent_at_ms=self.system.now_ms(), reached_ms=reached_ms)
        self._remember(shard, remembered(sweeps, record))

    def _handle_page(
        self, page: list[IdleConnection], sweeps: list[SweepRecord]
    ) -> list[IdleConnection]:
        """Do what each needs; those that could not be pinged are returned."""
        now_ms = self.system.now_ms()
        actions = [
            (idle_action(idle, sweeps, at_ms=now_ms, heartbeat=self.heartbeat), idle)
            for idle in page
        ]
        missed = self._ping([idle for action, idle in actions if action is IdleAction.PING])
        for _ in self.pool.map(self._notify_expiry, _of(actions, IdleAction.NOTIFY_EXPIRY)):
            pass
        for action in _CLOSE_REASONS:
            self._end(action, _of(actions, action))
        return missed

    def _ping(self, connections: list[IdleConnection]) -> list[IdleConnection]:
        """Ping, at a pace that leaves the posting budget to scores; those not reached."""
        by_id = {idle.connection_id: idle for idle in connections}
        message = messages.message("ping", timestamp=self.system.now_ms()).encode()
        outcomes = self.gateway.post_all(
            by_id, message, time_ms_max=SWEEP_MS_MAX // 2, posts_per_second=self.pings_per_second
        )
        left = _with(outcomes, *UNDELIVERED)
        again = self.gateway.post_all(left, message, time_ms_max=POST_TIMEOUT_MS) if left else {}
        outcomes |= again
        attempt(partial(self.sweep_queue.put_gone, _with(outcomes, Delivery.GONE)))
        attempt(partial(self.sweep_queue.put_slow, summarize(outcomes, again).slow))
        # A 410 may be false: only one that is verified says that the client was not there.
        return [by_id[each] for each in _with(outcomes, Delivery.GONE, *UNDELIVERED)]

    def _notify_expiry(self, idle: IdleConnection) -> None:
        self.connections.note_expiry_notified(idle.connection_id)
        self.gateway.post(idle.connection_id, messages.error(TOKEN_EXPIRED).encode())

    def _end(self, action: IdleAction, connections: list[IdleConnection]) -> None:
        clients = len(connections) * SWEEP_SHARDS

        def end(idle: IdleConnection) -> bool:
            # Release first, on condition that it has been silent since: a message that arrives now
            # wins, and only a connection that is released is closed.
            released = self.registry.release(idle.connection_id, silent_since_ms=idle.last_seen_ms)
            if released:
                retry_ms = reconnect_delay_ms(
                    clients,
                    connects_per_second=self.connects_per_second,
                    jitter=self.system.random(),
                )
                self.disconnector.notify_and_close(
                    idle.connection_id, _CLOSE_REASONS[action], retry_after_ms=retry_ms
                )
            return released

        count(**{_METRICS[action]: sum(self.pool.map(end, connections))})

    def _sweeps(self, shard: str) -> list[SweepRecord]:
        item = self.table.get(f"S#{shard}", "S") or {}
        return [
            SweepRecord(sent_at_ms, until_ms, frozenset(missed))
            for sent_at_ms, until_ms, missed in item.get("sweeps", [])
        ]

    def _remember(self, shard: str, sweeps: Iterable[SweepRecord]) -> None:
        values = [[each.sent_at_ms, each.pinged_until_ms, sorted(each.missed)] for each in sweeps]
        self.table.update(
            Update(f"S#{shard}", "S", expression="SET sweeps = :sweeps", values={":sweeps": values})
        )


def _of(
    actions: list[tuple[IdleAction, IdleConnection]], wanted: IdleAction
) -> list[IdleConnection]:
    return [idle for action, idle in actions if action is wanted]


def _with(outcomes: Mapping[str, Delivery], *wanted: Delivery) -> list[str]:
    return [each for each, outcome in outcomes.items() if outcome in wanted]
