"""The function `sweep`: the tasks of its queue, and every minute the tasks of the next minute."""

from collections.abc import Iterator
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.app.maintenance.counters import Reconciliation
from scorecast.app.maintenance.departures import Departures
from scorecast.app.maintenance.idle import IdleSweep
from scorecast.app.maintenance.moves import MoveCompletion
from scorecast.app.maintenance.reposts import Reposts
from scorecast.app.maintenance.slow_consumers import SlowConsumers
from scorecast.app.maintenance.stale import StaleConnections
from scorecast.app.maintenance.stalled import StalledMatches
from scorecast.app.viewer_counts import ViewerCounts
from scorecast.aws.sqs.sweep_queue import (
    CompleteMove,
    PlanReconciliation,
    ProbeSlow,
    PublishViewerCount,
    Reconcile,
    Repost,
    RequeueStalled,
    SendAfter,
    SuspectSlow,
    SweepPortion,
    SweepQueue,
    SweepTask,
    VerifyGone,
)
from scorecast.domain.rooms import room_from_key
from scorecast.protocol.limits import (
    REQUEUE_PERIOD_SECONDS,
    SCHEDULING_MS_MAX,
    SCHEDULING_PAUSE_MS,
    SWEEP_LATE_SECONDS_MAX,
    SWEEP_PERIOD_SECONDS,
)
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count

_MINUTE_SECONDS = 60


@dataclass(frozen=True, slots=True)
class Maintenance:
    idle_sweep: IdleSweep
    stale_connections: StaleConnections
    slow_consumers: SlowConsumers
    stalled_matches: StalledMatches
    reposts: Reposts
    viewer_counts: ViewerCounts
    departures: Departures
    move_completion: MoveCompletion
    reconciliation: Reconciliation
    sweep_queue: SweepQueue
    system: System

    def schedule_minute(self) -> None:
        """Put a minute's tasks on the queue; schedules are no finer, delayed messages are.

        Each task is put from here and not by the one before it: Lambda stops a function that
        calls itself through a queue some 16 times in a row.
        """
        now_ms = self.system.now_ms()
        portions = self.idle_sweep.portions()
        for task, delay_s in _tasks_of_minute(now_ms, portions):
            self._put_at(task, now_ms + delay_s * 1_000, until_ms=now_ms + SCHEDULING_MS_MAX)

    def _put_at(self, task: SweepTask, due_ms: int, *, until_ms: int) -> None:
        """Put a task, and retry while the queue fails: nothing else plans this minute."""
        while True:
            delay_ms = max(0, due_ms - self.system.now_ms())
            try:
                return self.sweep_queue.put(task, delay_s=round(delay_ms / 1_000))
            except (BotoCoreError, ClientError):
                if self.system.now_ms() > until_ms:
                    raise
                self.system.sleep_ms(SCHEDULING_PAUSE_MS)

    def run(self, task: SweepTask, *, is_retry: bool = False) -> None:
        """Run one task; `is_retry` if an earlier attempt may have begun it."""
        match task:
            case SweepPortion():
                self._sweep(task)
            case RequeueStalled():
                self.stalled_matches.requeue()
                self.reposts.begin_again()
                self.move_completion.requeue()
            case PlanReconciliation():
                self.reconciliation.plan()
            case Reconcile(keys):
                self.reconciliation.reconcile(keys)
            case VerifyGone():
                self.stale_connections.verify(task)
            case SuspectSlow(connection_ids):
                self.slow_consumers.suspect(connection_ids)
            case ProbeSlow(connection_ids, number):
                self.slow_consumers.probe(connection_ids, number=number)
            case Repost():
                self.reposts.post(task)
            case SendAfter(room_key, shard, part):
                self.departures.send_after(room_from_key(room_key), shard, part)
            case CompleteMove(tournament_id):
                self.move_completion.complete(tournament_id)
            case PublishViewerCount(room_key):
                self.viewer_counts.publish(room_from_key(room_key), is_retry=is_retry)

    def _sweep(self, task: SweepPortion) -> None:
        """Sweep a portion, unless the task is late: another one has been planned since.

        A delayed queue delivers its backlog at once, which would ping every client again and again.
        """
        if self.system.now_ms() - task.at_ms > SWEEP_LATE_SECONDS_MAX * 1_000:
            count(SweepTasksDropped=1)
            return
        self.idle_sweep.sweep(task.portion, task.of)


def _tasks_of_minute(now_ms: int, portions: int) -> Iterator[tuple[SweepTask, int]]:
    """Each with its delay in seconds."""
    for delay_s in range(0, _MINUTE_SECONDS, REQUEUE_PERIOD_SECONDS):
        yield RequeueStalled(), delay_s
    for delay_s in range(0, _MINUTE_SECONDS, SWEEP_PERIOD_SECONDS):
        for portion in range(portions):
            yield SweepPortion(portion, portions, now_ms + delay_s * 1_000), delay_s
    yield PlanReconciliation(), 0
