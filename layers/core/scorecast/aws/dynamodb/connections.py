"""Each connection's own item: what is known of it, and all items of a shard.

Slots are taken and given back with the item; that is `registry`.
"""

from dataclasses import dataclass

from scorecast.aws.dynamodb.connection_items import (
    connection_from,
    connection_key,
    shard_pk,
)
from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.outcomes import ConditionNotMet, Written
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.writes import Update
from scorecast.domain.connections.admission import Connection
from scorecast.domain.connections.identity import Identity
from scorecast.protocol.limits import LAST_SEEN_WRITE_SECONDS, PROBE_LEASE_SECONDS
from scorecast.runtime.system import System


@dataclass(frozen=True, slots=True)
class Connections:
    table: Table
    system: System

    def get(self, connection_id: str) -> Connection | None:
        """The connection, closed or not; None once it has expired, whether TTL has deleted it or
        not."""
        item = self.table.get(*connection_key(connection_id))
        if item is None or item["expires_at"] * 1_000 <= self.system.now_ms():
            return None
        return connection_from(item)

    def touch(self, connection_id: str) -> Connection | None:
        """Record that a connection is alive. None if that was recorded lately, or it is closed."""
        now_ms = self.system.now_ms()
        outcome = self.table.update(
            Update(
                *connection_key(connection_id),
                expression="SET last_seen_ms = :now",
                # At most one write per interval, however many messages arrive; an absent item has
                # no time, so it is not created either.
                condition="last_seen_ms <= :before",
                values={":now": now_ms, ":before": now_ms - LAST_SEEN_WRITE_SECONDS * 1_000},
            )
        )
        return connection_from(outcome.item) if isinstance(outcome, Written) else None

    def note_expiry_notified(self, connection_id: str) -> None:
        """Record when a client was notified that its token has expired; once per token."""
        self.table.update(
            Update(
                *connection_key(connection_id),
                # The first time stays, since the time to refresh is counted from it.
                expression="SET expiry_notified_at_ms = if_not_exists(expiry_notified_at_ms, :now)",
                # Never create an item: without slots it would look like an admitted connection.
                condition="attribute_exists(pk) AND attribute_not_exists(closed_at_ms)",
                values={":now": self.system.now_ms()},
            )
        )

    def begin_probation(self, connection_id: str) -> bool:
        """Record that a client is suspected of reading nothing; False if it already is."""
        now_ms = self.system.now_ms()
        outcome = self.table.update(
            Update(
                *connection_key(connection_id),
                expression="SET suspected_at_ms = :now",
                # One probation at a time: a second round of pings would come too soon after the
                # first.
                condition="attribute_exists(pk) AND attribute_not_exists(closed_at_ms)"
                " AND (attribute_not_exists(suspected_at_ms) OR suspected_at_ms < :over)",
                values={":now": now_ms, ":over": now_ms - PROBE_LEASE_SECONDS * 1_000},
            )
        )
        return not isinstance(outcome, ConditionNotMet)

    def renew(self, connection_id: str, identity: Identity) -> bool:
        """Continue under a newer token of the same user. False if the connection is closed."""
        outcome = self.table.update(
            Update(
                *connection_key(connection_id),
                expression="SET token_expires_at_ms = :expires_at, user_role = :role,"
                " user_name = :name, tournaments = :tournaments, matches = :matches"
                " REMOVE expiry_notified_at_ms",
                # Another user's token must not take over a connection, whose slots are its first
                # user's.
                condition="user_id = :user AND attribute_not_exists(closed_at_ms)",
                values={
                    ":expires_at": identity.expires_at_ms,
                    ":role": identity.role,
                    ":name": identity.name,
                    ":tournaments": list(identity.tournaments),
                    ":matches": list(identity.matches),
                    ":user": identity.user_id,
                },
            )
        )
        return isinstance(outcome, Written)

    def items(self, shard: int) -> list[Item]:
        """All items of a shard, closed ones and tombstones among them.

        Eventually consistent, at half the price: every write that follows from them is conditional.
        """
        pages = self.table.query(shard_pk(shard), consistent=False)
        return [item for page in pages for item in page]
