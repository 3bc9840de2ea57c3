"""The counters that a handshake would be admitted by, read without changing any."""

from dataclasses import dataclass

from scorecast.aws.dynamodb.connection_items import ip_pk, user_pk
from scorecast.aws.dynamodb.rate_limits import RATES_SK
from scorecast.aws.dynamodb.table import Table
from scorecast.domain.connections.admission import Counters


@dataclass(frozen=True, slots=True)
class HandshakeCounters:
    table: Table

    def read(self, user_id: str, ip_hash: str) -> Counters:
        """One request. What has never been counted is 0."""
        user, ip = user_pk(user_id), ip_pk(ip_hash)
        keys = [(user, user[0]), (ip, ip[0]), (user, RATES_SK), (ip, RATES_SK)]
        items = {(item["pk"], item["sk"]): item for item in self.table.get_all(keys)}
        user_slots, ip_slots, user_rates, ip_rates = (items.get(key, {}) for key in keys)
        return Counters(
            user_connections=user_slots.get("connections", 0),
            ip_connections=ip_slots.get("connections", 0),
            handshake_us=user_rates.get("handshake_us", 0),
            blocked_until_ms=user_rates.get("blocked_until_ms", 0),
            user_checked_at_ms=user_rates.get("stale_checked_at_ms", 0),
            ip_checked_at_ms=ip_rates.get("stale_checked_at_ms", 0),
        )
