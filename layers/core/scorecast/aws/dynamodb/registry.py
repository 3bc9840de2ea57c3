"""Who holds a slot: connections are admitted and released here, with their slots, or not at all.

A slot and the row that holds it are written in one transaction, and so are their ends. So a
counter always equals the rows that it counts, whichever Lambda dies where; room counters, which
are too hot for transactions, may only be too high (see `memberships`).
"""

from dataclasses import dataclass

from scorecast.aws.dynamodb.connection_items import (
    CONNECTION_SK,
    connection_from,
    connection_pk,
    ip_pk,
    membership_pk,
    new_connection,
    user_pk,
)
from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.occupancy import Occupancy
from scorecast.aws.dynamodb.outcomes import Cancelled, Committed, ConditionNotMet
from scorecast.aws.dynamodb.table import Contention, Table
from scorecast.aws.dynamodb.writes import Action, Delete, Put, Update
from scorecast.domain.connections.admission import (
    Admission,
    Admitted,
    AlreadyClosed,
    Connection,
    LimitReached,
    Limits,
)
from scorecast.protocol.limits import (
    CONTENTION_ATTEMPTS_MAX,
    COUNTER_ROW_SECONDS,
    TOMBSTONE_SECONDS,
)
from scorecast.runtime.system import System


@dataclass(frozen=True, slots=True)
class Registry:
    table: Table
    occupancy: Occupancy
    system: System

    def admit(self, connection: Connection, limits: Limits) -> Admission:
        """Take a slot of the user and one of the IP, and register; all or nothing.

        Sent twice it admits once: the row is there then, and it is this connection's own.
        """
        outcome = self.table.transact(*self._admission(connection, limits))
        if isinstance(outcome, Committed):
            return Admitted()
        registered = outcome.reasons[0]
        if registered is not None:
            is_closed = registered.item is None or "closed_at_ms" in registered.item
            return AlreadyClosed() if is_closed else Admitted()
        return LimitReached("ip" if outcome.reasons[1] is not None else "user")

    def _admission(self, connection: Connection, limits: Limits) -> list[Action]:
        now_ms = connection.connected_at_ms
        taken: list[Action] = [
            Put(new_connection(connection)),
            _take(ip_pk(connection.ip_hash), limits.per_ip, counts="ip", now_ms=now_ms),
        ]
        if connection.identity.user_id is not None:
            pk = user_pk(connection.identity.user_id)
            taken.append(_take(pk, limits.per_user, counts="user", now_ms=now_ms))
        return taken

    def release(self, connection_id: str, *, silent_since_ms: int | None = None) -> bool:
        """End a connection: its slots and its memberships, once. True if this call ended it.

        An unknown connection gets a tombstone, so that a `$connect` still under way is refused.
        With `silent_since_ms` it is ended only if it has not been seen since. Raises Contention
        if the connection's rooms kept changing.
        """
        for attempt in range(CONTENTION_ATTEMPTS_MAX):
            item = self.table.get(connection_pk(connection_id), CONNECTION_SK)
            if item is not None and _is_over(item, silent_since_ms):
                return False
            outcome = self._end(connection_id, item)
            if isinstance(outcome, Committed):
                self._leave_counters(item)
                return item is not None
            self.table.pause(attempt)
        raise Contention(connection_id)

    def _end(self, connection_id: str, item: Item | None) -> Committed | Cancelled:
        if item is None:
            outcome = self.table.put(Put(self._tombstone(connection_id)))
            return Cancelled((outcome,)) if isinstance(outcome, ConditionNotMet) else Committed()
        connection = connection_from(item)
        ends: list[Action] = [self._close(connection_id, item), _give(ip_pk(connection.ip_hash))]
        if connection.identity.user_id is not None:
            ends.append(_give(user_pk(connection.identity.user_id)))
        ends += [
            Delete(membership_pk(room, shard), connection_id) for room, shard in connection.rooms
        ]
        return self.table.transact(*ends)

    def _close(self, connection_id: str, item: Item) -> Update:
        """Turn the row into a tombstone, if its rooms are still those whose rows are deleted."""
        return Update(
            connection_pk(connection_id),
            CONNECTION_SK,
            expression="SET closed_at_ms = :now, expires_at = :expires_at, rooms = :none"
            " REMOVE user_id, ip_hash, user_name, connected_at_ms, sweep_shard, last_seen_ms",
            condition="attribute_not_exists(closed_at_ms) AND rooms = :rooms"
            " AND last_seen_ms = :last_seen",
            values={
                ":now": self.system.now_ms(),
                ":expires_at": self._tombstone(connection_id)["expires_at"],
                ":none": {},
                ":rooms": item["rooms"],
                ":last_seen": item["last_seen_ms"],
            },
        )

    def _tombstone(self, connection_id: str) -> Item:
        now_ms = self.system.now_ms()
        return {
            "pk": connection_pk(connection_id),
            "sk": CONNECTION_SK,
            "closed_at_ms": now_ms,
            "rooms": {},
            "expires_at": now_ms // 1_000 + TOMBSTONE_SECONDS,
        }

    def _leave_counters(self, item: Item | None) -> None:
        # Memberships that have expired are not counted any more: a counter that was compared with
        # its members has been lowered for them already.
        if item is None or item["expires_at"] <= self.system.now_ms() // 1_000:
            return
        for room in item["rooms"]:
            self.occupancy.count_out(room)


def _is_over(item: Item, silent_since_ms: int | None) -> bool:
    """Whether there is nothing to end: closed already, or not silent after all."""
    if "closed_at_ms" in item:
        return True
    return silent_since_ms is not None and item["last_seen_ms"] > silent_since_ms


def _take(pk: str, limit: int, *, counts: str, now_ms: int) -> Update:
    return Update(
        pk,
        pk[0],
        expression="SET counts = :counts, expires_at = :expires_at"
        " ADD connections :one, joins :one",
        condition="attribute_not_exists(connections) OR connections < :limit",
        values={
            ":one": 1,
            ":limit": limit,
            ":counts": counts,
            ":expires_at": now_ms // 1_000 + COUNTER_ROW_SECONDS,
        },
    )


def _give(pk: str) -> Update:
    return Update(
        pk,
        pk[0],
        expression="SET connections = connections - :one",
        condition="connections >= :one",
        values={":one": 1},
    )
