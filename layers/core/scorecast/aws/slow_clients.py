"""Clients whose buffers are full: three strikes in a row show them out.

One slow client costs the others nothing (its posts are skipped), but it would watch an old score.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from scorecast.aws.farewell import Farewell
from scorecast.aws.registry import Registry
from scorecast.aws.telemetry import count
from scorecast.errors import Goodbye
from scorecast.limits import SLOW_STRIKES_MAX


@dataclass(frozen=True, slots=True)
class SlowClients:
    registry: Registry
    farewell: Farewell

    def strike(self, connection_ids: Iterable[str], *, at_ms: int) -> None:
        for connection_id in connection_ids:
            if self.registry.strike(connection_id, at_ms=at_ms) >= SLOW_STRIKES_MAX:
                self.farewell.say(connection_id, Goodbye.SLOW_CONSUMER)
                count(SlowClients=1)
