"""Clients whose buffers are full: three strikes in a row disconnect them.

One slow client costs the others nothing (its posts are skipped), but it would show an old score.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from scorecast.app.disconnect import Disconnector
from scorecast.aws.dynamodb.connections import Connections
from scorecast.protocol.errors import CloseReason
from scorecast.protocol.limits import SLOW_STRIKES_MAX
from scorecast.runtime.telemetry import count


@dataclass(frozen=True, slots=True)
class SlowConsumers:
    connections: Connections
    disconnector: Disconnector

    def strike(self, connection_ids: Iterable[str], *, at_ms: int) -> None:
        for connection_id in connection_ids:
            if self.connections.strike(connection_id, at_ms=at_ms) >= SLOW_STRIKES_MAX:
                self.disconnector.disconnect(connection_id, CloseReason.SLOW_CONSUMER)
                count(SlowConsumers=1)
