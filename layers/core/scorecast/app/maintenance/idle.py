"""Looking after quiet connections: ping them, end the silent, the expired and the old.

The index that is swept holds the time of each connection's last frame, so that a sweep reads the
quiet ones and no others. What a shard's sweeps have pinged is kept in one row of the shard.
"""

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass

from scorecast.app.disconnect import Farewell
from scorecast.aws.dynamodb.connections import Registry
from scorecast.aws.dynamodb.table import Table, Update
from scorecast.aws.gateway import Gateway
from scorecast.aws.sqs.sweep_queue import Rota
from scorecast.domain.connections.idle import (
    Care,
    Heartbeat,
    Quiet,
    Sweep,
    care_for,
    remembered,
    spread_ms,
)
from scorecast.domain.delivery import Delivery
from scorecast.protocol import messages
from scorecast.protocol.errors import TOKEN_EXPIRED, Goodbye
from scorecast.protocol.limits import SWEEP_MS_MAX, SWEEP_SHARDS
from scorecast.runtime.system import Clock
from scorecast.runtime.telemetry import count

_LAST_WORDS = {
    Care.END_SILENT: Goodbye.HEARTBEAT_TIMEOUT,
    Care.END_EXPIRED: Goodbye.TOKEN_EXPIRED,
    Care.END_OLD: Goodbye.MAX_DURATION,
}
_METRICS = {
    Care.END_SILENT: "HeartbeatCloses",
    Care.END_EXPIRED: "ExpiryCloses",
    Care.END_OLD: "DurationCloses",
}


@dataclass(frozen=True, slots=True)
class Sweeping:
    registry: Registry
    table: Table
    gateway: Gateway
    farewell: Farewell
    rota: Rota
    clock: Clock
    pool: Executor
    heartbeat: Heartbeat
    connects_per_second: int

    def sweep(self, shard: str, *, at_ms: int) -> None:
        """One sweep of a shard. Swept twice, the same connections are pinged twice at worst."""
        sweeps = self._sweeps(shard)
        deadline_ms = self.clock.now_ms() + SWEEP_MS_MAX
        until_ms = at_ms - self.heartbeat.interval_s * 1_000
        reached_ms = until_ms
        for page in self.registry.quiet(shard, until_ms=until_ms):
            unreached = self._care_for_page(page, sweeps, at_ms)
            reached_ms = min([reached_ms, *(quiet.last_seen_ms - 1 for quiet in unreached)])
            if page and self.clock.now_ms() > deadline_ms:
                reached_ms = min(reached_ms, page[-1].last_seen_ms)
                break
        self._remember(shard, remembered(sweeps, Sweep(at_ms, reached_ms)))

    def _care_for_page(self, page: list[Quiet], sweeps: list[Sweep], at_ms: int) -> list[Quiet]:
        """Do what each needs; those that could not be pinged are returned."""
        cares = [
            (care_for(quiet, sweeps, at_ms=at_ms, heartbeat=self.heartbeat), quiet)
            for quiet in page
        ]
        unreached = self._ping([quiet for care, quiet in cares if care is Care.PING])
        for _ in self.pool.map(self._tell_expiry, _of(cares, Care.TELL_EXPIRY)):
            pass
        for care in _LAST_WORDS:
            self._end(care, _of(cares, care))
        return unreached

    def _ping(self, connections: list[Quiet]) -> list[Quiet]:
        by_id = {quiet.connection_id: quiet for quiet in connections}
        frame = messages.frame("ping", timestamp=self.clock.now_ms()).encode()
        outcomes = self.gateway.post_all(by_id, frame, time_ms_max=SWEEP_MS_MAX // 2)
        gone = [connection_id for connection_id, got in outcomes.items() if got is Delivery.GONE]
        self.rota.put_gone(gone)
        done = (Delivery.DELIVERED, Delivery.GONE)
        return [by_id[connection_id] for connection_id, got in outcomes.items() if got not in done]

    def _tell_expiry(self, quiet: Quiet) -> None:
        self.registry.note_expiry_told(quiet.connection_id)
        self.gateway.post(quiet.connection_id, messages.error(TOKEN_EXPIRED).encode())

    def _end(self, care: Care, connections: list[Quiet]) -> None:
        clients = len(connections) * SWEEP_SHARDS

        def end(quiet: Quiet) -> bool:
            """Release first, on condition that it has been silent since; then tell and close."""
            released = self.registry.release(
                quiet.connection_id, silent_since_ms=quiet.last_seen_ms
            )
            if released:
                retry_ms = spread_ms(
                    clients,
                    connects_per_second=self.connects_per_second,
                    lot=self.clock.random(),
                )
                self.farewell.tell(quiet.connection_id, _LAST_WORDS[care], retry_after_ms=retry_ms)
            return released

        count(**{_METRICS[care]: sum(self.pool.map(end, connections))})

    def _sweeps(self, shard: str) -> list[Sweep]:
        row = self.table.get(f"S#{shard}", "S") or {}
        return [Sweep(at_ms, until_ms) for at_ms, until_ms in row.get("sweeps", [])]

    def _remember(self, shard: str, sweeps: Iterable[Sweep]) -> None:
        values = {":sweeps": [[sweep.at_ms, sweep.pinged_until_ms] for sweep in sweeps]}
        self.table.update(
            Update(f"S#{shard}", "S", expression="SET sweeps = :sweeps", values=values)
        )


def _of(cares: list[tuple[Care, Quiet]], wanted: Care) -> list[Quiet]:
    return [quiet for care, quiet in cares if care is wanted]
