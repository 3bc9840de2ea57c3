"""Connections that answered 410: a stale one is released only when API Gateway confirms it.

False 410s for live connections have been reported (aws/aws-sdk-js#3773), and a connection whose
handshake has not ended answers 410 as well. An open connection is posted the messages that it did
not get.
"""

from dataclasses import dataclass, replace

from scorecast.app.redelivery import Redelivery
from scorecast.aws.dynamodb.connections import Connections
from scorecast.aws.dynamodb.registry import Registry
from scorecast.aws.gateway import Gateway
from scorecast.aws.sqs.sweep_queue import SweepQueue, VerifyGone
from scorecast.protocol.limits import GONE_RETRY_SECONDS, HANDSHAKE_SECONDS_MAX
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count


@dataclass(frozen=True, slots=True)
class StaleConnections:
    connections: Connections
    registry: Registry
    gateway: Gateway
    sweep_queue: SweepQueue
    redelivery: Redelivery
    system: System

    def verify(self, task: VerifyGone) -> None:
        """Release the closed connections; check the youngest again later."""
        still_open, young = [], []
        released = 0
        for connection_id in task.connection_ids:
            connection = self.connections.get(connection_id)
            if connection is None or connection.closed:
                continue
            if self.gateway.is_open(connection_id):
                still_open.append(connection_id)
            elif self.system.now_ms() - connection.connected_at_ms < HANDSHAKE_SECONDS_MAX * 1_000:
                young.append(connection_id)
            else:
                released += self.registry.release(connection_id)
        count(StaleReleased=released)
        # The verification counts as an attempt: it is a link of the chain, whose length Lambda
        # limits.
        reposts = [replace(repost, tries=repost.tries + 1) for repost in task.reposts]
        self.redelivery.continue_with(reposts, undelivered=still_open)
        self.sweep_queue.put_gone(young, reposts, delay_s=GONE_RETRY_SECONDS)
