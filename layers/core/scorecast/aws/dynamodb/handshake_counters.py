"""The counters that decide on a handshake, read without changing them."""

from dataclasses import dataclass

from scorecast.aws.dynamodb.connection_items import ip_pk, user_pk
from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.rate_limits import RATES_SK
from scorecast.aws.dynamodb.table import Table
from scorecast.domain.connections.admission import Counters


@dataclass(frozen=True, slots=True)
class HandshakeCounters:
    table: Table

    def read(self, user_id: str, ip_hash: str) -> Counters:
        """A counter that does not exist is 0."""
        user_connections, user_rates = self._of(user_pk(user_id))
        ip_connections, ip_rates = self._of(ip_pk(ip_hash))
        return Counters(
            user_connections=user_connections,
            ip_connections=ip_connections,
            handshake_us=user_rates.get("handshake_us", 0),
            blocked_until_ms=user_rates.get("blocked_until_ms", 0),
            user_checked_at_ms=user_rates.get("stale_checked_at_ms", 0),
            ip_checked_at_ms=ip_rates.get("stale_checked_at_ms", 0),
        )

    def _of(self, pk: str) -> tuple[int, Item]:
        """How many slots are taken, and the rates."""
        items = [item for page in self.table.query(pk) for item in page]
        rates = next((item for item in items if item["sk"] == RATES_SK), {})
        return sum(len(item.get("holders", ())) for item in items), rates
