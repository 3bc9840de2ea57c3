"""Ticks for what has waited too long: their senders died between the write and the send."""

from dataclasses import dataclass

from scorecast.aws.dynamodb.matches import Matches
from scorecast.aws.sqs.flush_queue import Outbox
from scorecast.protocol.limits import RESCUE_AFTER_MS
from scorecast.runtime.system import Clock
from scorecast.runtime.telemetry import count


@dataclass(frozen=True, slots=True)
class Rescues:
    matches: Matches
    outbox: Outbox
    clock: Clock

    def rescue(self) -> None:
        """Send a tick for every match that has been pending for long.

        A tick too many finds nothing to tell. The time in its deduplication id lets one through
        per lease, although SQS remembers ids for five minutes.
        """
        now_ms = self.clock.now_ms()
        waiting = self.matches.pending(until_ms=now_ms - RESCUE_AFTER_MS)
        for room in waiting:
            self.outbox.tick_again(room, now_ms=now_ms)
        count(TicksRescued=len(waiting))
