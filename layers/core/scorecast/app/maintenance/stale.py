"""Connections that answered 410: a stale one is released only when API Gateway confirms it.

False 410s for live connections have been reported (aws/aws-sdk-js#3773), and a connection whose
handshake has not ended answers 410 as well.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from scorecast.aws.dynamodb.connections import Connections
from scorecast.aws.dynamodb.registry import Registry
from scorecast.aws.gateway import Gateway
from scorecast.aws.sqs.sweep_queue import SweepQueue
from scorecast.protocol.limits import GONE_RETRY_SECONDS, HANDSHAKE_SECONDS_MAX
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count


@dataclass(frozen=True, slots=True)
class StaleConnections:
    connections: Connections
    registry: Registry
    gateway: Gateway
    sweep_queue: SweepQueue
    system: System

    def verify(self, connection_ids: Iterable[str]) -> None:
        """Release the ones that are closed; check the youngest again later."""
        young = []
        released = 0
        for connection_id in connection_ids:
            connection = self.connections.get(connection_id)
            if connection is None or connection.closed:
                continue
            if self.system.now_ms() - connection.connected_at_ms < HANDSHAKE_SECONDS_MAX * 1_000:
                young.append(connection_id)
            elif not self.gateway.is_open(connection_id):
                released += self.registry.release(connection_id)
        count(StaleReleased=released)
        self.sweep_queue.put_gone(young, delay_s=GONE_RETRY_SECONDS)
