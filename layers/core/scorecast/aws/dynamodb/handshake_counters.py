"""The counters that a handshake would be admitted by, read without changing any."""

from dataclasses import dataclass

from scorecast.aws.dynamodb.connection_items import ip_pk, user_pk
from scorecast.aws.dynamodb.rate_limits import RATES_SK
from scorecast.aws.dynamodb.slots import slot_keys
from scorecast.aws.dynamodb.table import Table
from scorecast.domain.connections.admission import Counters, Limits
from scorecast.protocol.limits import ADDRESS_RESERVE


@dataclass(frozen=True, slots=True)
class HandshakeCounters:
    table: Table

    def read(self, user_id: str, ip_hash: str, limits: Limits) -> Counters:
        """What has never been counted is 0."""
        user, ip = user_pk(user_id), ip_pk(ip_hash)
        rates = [(user, RATES_SK), (ip, RATES_SK)]
        user_slots = [(user, sk) for sk in slot_keys(user, limits.per_user)]
        ip_slots = [(ip, sk) for sk in slot_keys(ip, limits.per_ip + ADDRESS_RESERVE)]
        read = self.table.get_all([*user_slots, *ip_slots, *rates])
        items = {(item["pk"], item["sk"]): item for item in read}
        user_rates, ip_rates = (items.get(key, {}) for key in rates)
        return Counters(
            user_connections=sum(len(items.get(key, {}).get("holders", ())) for key in user_slots),
            ip_connections=sum(len(items.get(key, {}).get("holders", ())) for key in ip_slots),
            handshake_us=user_rates.get("handshake_us", 0),
            blocked_until_ms=user_rates.get("blocked_until_ms", 0),
            user_checked_at_ms=user_rates.get("stale_checked_at_ms", 0),
            ip_checked_at_ms=ip_rates.get("stale_checked_at_ms", 0),
        )
