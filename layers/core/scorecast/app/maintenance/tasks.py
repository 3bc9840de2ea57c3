"""What `sweep` does: run the tasks of its queue, and schedule new ones every minute."""

from dataclasses import dataclass

from scorecast.app.maintenance.counters import Reconciliation
from scorecast.app.maintenance.idle import IdleSweep
from scorecast.app.maintenance.slow_consumers import SlowConsumers
from scorecast.app.maintenance.stale import StaleConnections
from scorecast.app.maintenance.stalled import StalledMatches
from scorecast.app.viewer_counts import ViewerCounts
from scorecast.aws.sqs.sweep_queue import (
    PublishViewerCount,
    Reconcile,
    RequeueStalled,
    SlowConsumerStrike,
    SweepQueue,
    SweepShard,
    SweepTask,
    VerifyGone,
)
from scorecast.domain.rooms import room_from_key
from scorecast.protocol.limits import SWEEP_PERIOD_SECONDS, SWEEP_SHARDS
from scorecast.runtime.system import System

_MINUTE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Maintenance:
    idle_sweep: IdleSweep
    stale_connections: StaleConnections
    slow_consumers: SlowConsumers
    stalled_matches: StalledMatches
    viewer_counts: ViewerCounts
    reconciliation: Reconciliation
    sweep_queue: SweepQueue
    system: System

    def schedule_minute(self) -> None:
        """Queue the tasks of one minute: schedules are no finer, delayed messages are."""
        now_ms = self.system.now_ms()
        for delay_s in range(0, _MINUTE_SECONDS, SWEEP_PERIOD_SECONDS):
            self.sweep_queue.put(RequeueStalled(), delay_s=delay_s)
            for shard in range(SWEEP_SHARDS):
                self.sweep_queue.put(
                    SweepShard(str(shard), now_ms + delay_s * 1_000), delay_s=delay_s
                )
        for counts in ("room", "user", "ip"):
            self.sweep_queue.put(Reconcile(counts))

    def run(self, task: SweepTask, *, is_retry: bool = False) -> None:
        """Run one task; `is_retry` if it may have been started before."""
        match task:
            case SweepShard(shard, at_ms):
                self.idle_sweep.sweep(shard, at_ms=at_ms)
            case RequeueStalled():
                self.stalled_matches.requeue()
            case Reconcile():
                self.reconciliation.reconcile(task)
            case VerifyGone(connection_ids):
                self.stale_connections.verify(connection_ids)
            case SlowConsumerStrike(connection_ids, at_ms):
                self.slow_consumers.strike(connection_ids, at_ms=at_ms)
            case PublishViewerCount(room_key):
                self.viewer_counts.publish(room_from_key(room_key), is_retry=is_retry)
