"""What `sweep` does: one chore of the rota after the other, and new ones every minute."""

from dataclasses import dataclass

from scorecast.app.maintenance.counters import Reconciliation
from scorecast.app.maintenance.idle import Sweeping
from scorecast.app.maintenance.slow_consumers import SlowClients
from scorecast.app.maintenance.stale import Ghosts
from scorecast.app.maintenance.stalled import Rescues
from scorecast.app.viewer_counts import Viewers
from scorecast.aws.sqs.sweep_queue import (
    Chore,
    ConfirmGone,
    Reconcile,
    Rescue,
    Rota,
    Strike,
    SweepShard,
    TellViewers,
)
from scorecast.domain.rooms import room_from_key
from scorecast.protocol.limits import SWEEP_PERIOD_SECONDS, SWEEP_SHARDS
from scorecast.runtime.system import Clock

_MINUTE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Chores:
    sweeping: Sweeping
    ghosts: Ghosts
    slow_clients: SlowClients
    rescues: Rescues
    viewers: Viewers
    reconciliation: Reconciliation
    rota: Rota
    clock: Clock

    def plan_minute(self) -> None:
        """Put a minute's chores on the rota; schedules are no finer, delayed messages are."""
        now_ms = self.clock.now_ms()
        for delay_s in range(0, _MINUTE_SECONDS, SWEEP_PERIOD_SECONDS):
            self.rota.put(Rescue(), delay_s=delay_s)
            for shard in range(SWEEP_SHARDS):
                self.rota.put(SweepShard(str(shard), now_ms + delay_s * 1_000), delay_s=delay_s)
        for counts in ("room", "user", "ip"):
            self.rota.put(Reconcile(counts))

    def do(self, chore: Chore, *, is_retry: bool = False) -> None:
        """Do one chore; `is_retry` if it may have been begun before."""
        match chore:
            case SweepShard(shard, at_ms):
                self.sweeping.sweep(shard, at_ms=at_ms)
            case Rescue():
                self.rescues.rescue()
            case Reconcile():
                self.reconciliation.reconcile(chore)
            case ConfirmGone(connection_ids):
                self.ghosts.confirm(connection_ids)
            case Strike(connection_ids, at_ms):
                self.slow_clients.strike(connection_ids, at_ms=at_ms)
            case TellViewers(room_key):
                self.viewers.tell(room_from_key(room_key), is_retry=is_retry)
