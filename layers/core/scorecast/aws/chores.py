"""What `sweep` does: one chore of the rota after the other, and new ones every minute."""

from dataclasses import dataclass

from scorecast.aws.clock import Clock
from scorecast.aws.ghosts import Ghosts
from scorecast.aws.reconciliation import Reconciliation
from scorecast.aws.rescue import Rescues
from scorecast.aws.rota import (
    Chore,
    ConfirmGone,
    Reconcile,
    Rescue,
    Rota,
    Strike,
    SweepShard,
    TellViewers,
)
from scorecast.aws.slow_clients import SlowClients
from scorecast.aws.sweeping import Sweeping
from scorecast.aws.viewers import Viewers
from scorecast.limits import SWEEP_PERIOD_SECONDS, SWEEP_SHARDS
from scorecast.rooms import room_from_key

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
