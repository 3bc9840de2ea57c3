"""Request flushes for matches that have been pending too long: their requests were lost."""

from dataclasses import dataclass

from scorecast.aws.dynamodb.matches import Matches
from scorecast.aws.sqs.flush_queue import FlushQueue
from scorecast.protocol.limits import STALLED_AFTER_MS
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count


@dataclass(frozen=True, slots=True)
class StalledMatches:
    matches: Matches
    flush_queue: FlushQueue
    system: System

    def requeue(self) -> None:
        """Request a flush for every match that has been pending for long.

        A needless request finds nothing to publish.
        """
        now_ms = self.system.now_ms()
        waiting = self.matches.pending(until_ms=now_ms - STALLED_AFTER_MS)
        for room in waiting:
            self.flush_queue.request_again(room, now_ms=now_ms)
        count(FlushesRequeued=len(waiting))
