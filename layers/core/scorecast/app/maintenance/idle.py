"""Sweep idle connections: ping them, and disconnect the silent, the expired and the old.

A sweep reads the items of all connections of its portion: that costs a tenth of what it would cost
to keep an index of the time of each connection's last message. The connections that the sweeps of a
portion have pinged are stored in one item.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.app.best_effort import attempt
from scorecast.app.disconnect import Disconnector
from scorecast.aws.dynamodb.connection_items import idle_from
from scorecast.aws.dynamodb.connections import Connections
from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.registry import Registry, is_tombstone
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
    portions_for,
    reconnect_delay_ms,
    remembered,
    shards_of_portion,
    sweep_record,
)
from scorecast.domain.delivery import UNDELIVERED, Delivery, summarize
from scorecast.protocol import messages
from scorecast.protocol.errors import TOKEN_EXPIRED, CloseReason
from scorecast.protocol.limits import (
    CONNECTION_SHARDS,
    POST_TIMEOUT_MS,
    SETTLE_SECONDS,
    SETTLED_MAX,
    SWEEP_MS_MAX,
    SWEEP_PAGE_CONNECTIONS,
    SWEEPS_COUNTED_SECONDS,
    TOMBSTONE_SECONDS,
)
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count

_RECORDS_PK: Final = "S"
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

    def sweep(self, portion: int, of: int) -> None:
        """One sweep of a portion. Swept twice, the same connections are pinged twice at worst.

        The time to answer is counted from when the pings were sent, not from when the sweep was
        planned, however late the sweep ran.
        """
        begun_ms = self.system.now_ms()
        items = self._items(portion, of)
        self._settle(items, begun_ms)
        until_ms = begun_ms - self.heartbeat.interval_s * 1_000
        quiet = [idle_from(item) for item in items if _is_quiet(item, until_ms)]
        if not quiet:
            return
        # The longest silent first: if the time runs out, the next sweep handles the rest.
        quiet.sort(key=lambda idle: idle.last_seen_ms)
        sweeps = self._sweeps(portion, of)
        missed = self._handle(quiet, sweeps, of, until_ms=begun_ms + SWEEP_MS_MAX)
        record = sweep_record(missed, sent_at_ms=self.system.now_ms(), reached_ms=until_ms)
        self._remember(portion, of, remembered(sweeps, record), connections=len(items))

    def portions(self) -> int:
        """The number of portions to sweep now, from what the last sweeps have read."""
        seen: Counter[str] = Counter()
        since_ms = self.system.now_ms() - SWEEPS_COUNTED_SECONDS * 1_000
        try:
            for page in self.table.query(_RECORDS_PK):
                for item in page:
                    if item["swept_at_ms"] > since_ms:
                        seen[item["sk"].partition("#")[0]] += item["connections"]
        except (BotoCoreError, ClientError):
            count(AdviceUnavailable=1)
            return CONNECTION_SHARDS  # No portion is too large then.
        return portions_for(max(seen.values(), default=0))

    def _items(self, portion: int, of: int) -> list[Item]:
        pages = self.pool.map(self.connections.items, shards_of_portion(portion, of))
        return [item for page in pages for item in page]

    def _settle(self, items: list[Item], now_ms: int) -> None:
        """Finish releases that Lambdas have left unfinished, and delete old tombstones."""
        left = [item for item in items if _is_left_behind(item, now_ms)]

        def settle(item: Item) -> None:
            if not is_tombstone(item):
                self.gateway.close(item["sk"])  # Who closed the item may have died before.
            attempt(partial(self.registry.settle, item))

        for _ in self.pool.map(settle, left[:SETTLED_MAX]):
            pass

    def _handle(
        self, quiet: list[IdleConnection], sweeps: list[SweepRecord], of: int, *, until_ms: int
    ) -> list[IdleConnection]:
        """Carry out the action of each connection; return those that could not be pinged."""
        missed: list[IdleConnection] = []
        for start in range(0, len(quiet), SWEEP_PAGE_CONNECTIONS):
            if self.system.now_ms() > until_ms:
                return missed + quiet[start:]
            missed += self._handle_page(quiet[start : start + SWEEP_PAGE_CONNECTIONS], sweeps, of)
        return missed

    def _handle_page(
        self, page: list[IdleConnection], sweeps: list[SweepRecord], of: int
    ) -> list[IdleConnection]:
        now_ms = self.system.now_ms()
        actions = [
            (idle_action(idle, sweeps, at_ms=now_ms, heartbeat=self.heartbeat), idle)
            for idle in page
        ]
        missed = self._ping(_of(actions, IdleAction.PING), of)
        for _ in self.pool.map(self._notify_expiry, _of(actions, IdleAction.NOTIFY_EXPIRY)):
            pass
        for action in _CLOSE_REASONS:
            self._end(action, _of(actions, action), of)
        return missed

    def _ping(self, connections: list[IdleConnection], of: int) -> list[IdleConnection]:
        """Ping at a pace that leaves the posting budget to scores; return those not reached."""
        by_id = {idle.connection_id: idle for idle in connections}
        message = messages.message("ping", timestamp=self.system.now_ms()).encode()
        outcomes = self.gateway.post_all(
            by_id,
            message,
            time_ms_max=SWEEP_MS_MAX // 2,
            posts_per_second=self.pings_per_second / of,
        )
        left = _with(outcomes, *UNDELIVERED)
        again = self.gateway.post_all(left, message, time_ms_max=POST_TIMEOUT_MS) if left else {}
        outcomes |= again
        attempt(partial(self.sweep_queue.put_gone, _with(outcomes, Delivery.GONE)))
        attempt(partial(self.sweep_queue.put_slow, summarize(outcomes, again).slow))
        # A 410 may be false: only a verified one shows that the client was gone.
        return [by_id[each] for each in _with(outcomes, Delivery.GONE, *UNDELIVERED)]

    def _notify_expiry(self, idle: IdleConnection) -> None:
        self.connections.note_expiry_notified(idle.connection_id)
        self.gateway.post(idle.connection_id, messages.error(TOKEN_EXPIRED).encode())

    def _end(self, action: IdleAction, connections: list[IdleConnection], of: int) -> None:
        clients = len(connections) * of

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

    def _sweeps(self, portion: int, of: int) -> list[SweepRecord]:
        item = self.table.get(_RECORDS_PK, _record_sk(portion, of)) or {}
        return [
            SweepRecord(sent_at_ms, until_ms, frozenset(missed))
            for sent_at_ms, until_ms, missed in item.get("sweeps", [])
        ]

    def _remember(
        self, portion: int, of: int, sweeps: Iterable[SweepRecord], *, connections: int
    ) -> None:
        self.table.update(
            Update(
                _RECORDS_PK,
                _record_sk(portion, of),
                expression="SET sweeps = :sweeps, connections = :connections, swept_at_ms = :now",
                values={
                    ":sweeps": [
                        [each.sent_at_ms, each.pinged_until_ms, sorted(each.missed)]
                        for each in sweeps
                    ],
                    ":connections": connections,
                    ":now": self.system.now_ms(),
                },
            )
        )


def _record_sk(portion: int, of: int) -> str:
    return f"{of}#{portion}"


def _is_quiet(item: Item, until_ms: int) -> bool:
    return "closed_at_ms" not in item and item["last_seen_ms"] <= until_ms


def _is_left_behind(item: Item, now_ms: int) -> bool:
    seconds = TOMBSTONE_SECONDS if is_tombstone(item) else SETTLE_SECONDS
    return "closed_at_ms" in item and now_ms - item["closed_at_ms"] > seconds * 1_000


def _of(
    actions: list[tuple[IdleAction, IdleConnection]], wanted: IdleAction
) -> list[IdleConnection]:
    return [idle for action, idle in actions if action is wanted]


def _with(outcomes: Mapping[str, Delivery], *wanted: Delivery) -> list[str]:
    return [each for each, outcome in outcomes.items() if outcome in wanted]
