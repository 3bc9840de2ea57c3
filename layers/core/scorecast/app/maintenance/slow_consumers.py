"""Clients that read nothing: suspected by a fan-out, probed, and disconnected only if sure.

A slow client costs the others only a second post, but it would watch an old score. A client that
was throttled by the account's quota is healthy: a ping that it accepts clears it.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from scorecast.app.disconnect import Disconnector
from scorecast.aws.dynamodb.connections import Connections
from scorecast.aws.gateway import Gateway
from scorecast.aws.sqs.sweep_queue import ProbeSlow, SweepQueue
from scorecast.domain.delivery import Delivery
from scorecast.protocol import messages
from scorecast.protocol.errors import CloseReason
from scorecast.protocol.limits import PROBE_PAUSE_SECONDS, PROBE_POSTS_MAX, PROBES_MAX
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count


@dataclass(frozen=True, slots=True)
class SlowConsumers:
    connections: Connections
    gateway: Gateway
    sweep_queue: SweepQueue
    disconnector: Disconnector
    system: System

    def suspect(self, connection_ids: Sequence[str]) -> None:
        """Put clients on probation, unless they already are."""
        new = [each for each in connection_ids if self.connections.begin_probation(each)]
        if new:
            self.sweep_queue.put(ProbeSlow(tuple(new), 1), delay_s=PROBE_PAUSE_SECONDS)

    def probe(self, connection_ids: Sequence[str], *, number: int) -> None:
        """Ping again. A client that accepts no ping in the last round is disconnected."""
        throttled = self._still_throttled(connection_ids)
        if not throttled:
            return
        if number < PROBES_MAX:
            self.sweep_queue.put(ProbeSlow(throttled, number + 1), delay_s=PROBE_PAUSE_SECONDS)
            return
        for connection_id in throttled:
            self.disconnector.disconnect(connection_id, CloseReason.SLOW_CONSUMER)
        count(SlowConsumers=len(throttled))

    def _still_throttled(self, connection_ids: Sequence[str]) -> tuple[str, ...]:
        ping = messages.message("ping", timestamp=self.system.now_ms()).encode()
        throttled = tuple(connection_ids)
        for attempt in range(PROBE_POSTS_MAX):
            if attempt:
                self.system.sleep_ms(self.system.random() * 400)
            outcomes = self.gateway.post_all(throttled, ping, time_ms_max=2_000)
            throttled = tuple(each for each, got in outcomes.items() if got is Delivery.THROTTLED)
        return throttled
