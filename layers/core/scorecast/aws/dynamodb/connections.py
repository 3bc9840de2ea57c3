"""Who is connected: each connection's row, and the slots it holds of its user and of its IP.

A slot and the row that holds it are written in one transaction, and so are their ends. So a
counter always equals the rows that it counts, whichever Lambda dies where; room counters, which
are too hot for transactions, may only be too high (see `memberships`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from scorecast.aws.dynamodb.occupancy import Occupancy
from scorecast.aws.dynamodb.table import (
    Action,
    Cancelled,
    Committed,
    ConditionNotMet,
    Contention,
    Delete,
    Item,
    Put,
    Table,
    Update,
    Written,
)
from scorecast.domain.connections.admission import (
    Admission,
    Admitted,
    AlreadyClosed,
    Connection,
    Holder,
    LimitReached,
    Limits,
)
from scorecast.domain.connections.identity import Identity
from scorecast.domain.connections.idle import IdleConnection, shard_of
from scorecast.protocol.limits import (
    CONNECTION_ROW_SECONDS,
    CONTENTION_ATTEMPTS_MAX,
    COUNTER_ROW_SECONDS,
    LAST_SEEN_WRITE_SECONDS,
    SLOW_STRIKE_SECONDS,
    SWEEP_SHARDS,
    TOMBSTONE_SECONDS,
)
from scorecast.runtime.system import System

_SK = "C"


def connection_pk(connection_id: str) -> str:
    return f"C#{connection_id}"


def membership_pk(room_key: str, shard: int) -> str:
    return f"R#{room_key}#{shard}"


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
            Put(_row(connection)),
            _take(_ip_pk(connection.ip_hash), limits.per_ip, counts="ip", now_ms=now_ms),
        ]
        if connection.identity.user_id is not None:
            pk = _user_pk(connection.identity.user_id)
            taken.append(_take(pk, limits.per_user, counts="user", now_ms=now_ms))
        return taken

    def get(self, connection_id: str) -> Connection | None:
        """The connection, closed or not; None once its time is up, whether TTL came by or not."""
        item = self.table.get(connection_pk(connection_id), _SK)
        if item is None or item["expires_at"] * 1_000 <= self.system.now_ms():
            return None
        return _connection(item)

    def touch(self, connection_id: str) -> Connection | None:
        """Note that a connection is alive. None if that was noted lately, or it is closed."""
        now_ms = self.system.now_ms()
        outcome = self.table.update(
            Update(
                connection_pk(connection_id),
                _SK,
                expression="SET last_seen_ms = :now",
                condition="last_seen_ms <= :before",
                values={":now": now_ms, ":before": now_ms - LAST_SEEN_WRITE_SECONDS * 1_000},
            )
        )
        return _connection(outcome.item) if isinstance(outcome, Written) else None

    def note_expiry_notified(self, connection_id: str) -> None:
        """Note when a client was told that its token has expired; once for each token."""
        self.table.update(
            Update(
                connection_pk(connection_id),
                _SK,
                expression="SET expiry_notified_at_ms = if_not_exists(expiry_notified_at_ms, :now)",
                condition="attribute_exists(pk) AND attribute_not_exists(closed_at_ms)",
                values={":now": self.system.now_ms()},
            )
        )

    def strike(self, connection_id: str, *, at_ms: int) -> int:
        """Count a throttled post; how many there have been in a row, 0 if it is closed."""
        again = Update(
            connection_pk(connection_id),
            _SK,
            expression="SET strikes = strikes + :one, struck_at_ms = :at",
            condition="attribute_not_exists(closed_at_ms)"
            " AND struck_at_ms BETWEEN :lately AND :before",
            values={
                ":one": 1,
                ":at": at_ms,
                ":lately": at_ms - SLOW_STRIKE_SECONDS * 1_000,
                ":before": at_ms - 1,
            },
        )
        outcome = self.table.update(again)
        if isinstance(outcome, ConditionNotMet):
            outcome = self.table.update(self._first_strike(connection_id, at_ms))
        return 0 if isinstance(outcome, ConditionNotMet) else outcome.item["strikes"]

    def _first_strike(self, connection_id: str, at_ms: int) -> Update:
        return Update(
            connection_pk(connection_id),
            _SK,
            expression="SET strikes = :one, struck_at_ms = :at",
            condition="attribute_exists(pk) AND attribute_not_exists(closed_at_ms)"
            " AND (attribute_not_exists(struck_at_ms) OR struck_at_ms < :lately)",
            values={":one": 1, ":at": at_ms, ":lately": at_ms - SLOW_STRIKE_SECONDS * 1_000},
        )

    def renew(self, connection_id: str, identity: Identity) -> bool:
        """Go on under a newer token of the same user. False if the connection is closed."""
        outcome = self.table.update(
            Update(
                connection_pk(connection_id),
                _SK,
                expression="SET token_expires_at_ms = :expires_at, user_role = :role,"
                " user_name = :name, tournaments = :tournaments REMOVE expiry_notified_at_ms",
                condition="user_id = :user AND attribute_not_exists(closed_at_ms)",
                values={
                    ":expires_at": identity.expires_at_ms,
                    ":role": identity.role,
                    ":name": identity.name,
                    ":tournaments": list(identity.tournaments),
                    ":user": identity.user_id,
                },
            )
        )
        return isinstance(outcome, Written)

    def idle(self, shard: str, *, until_ms: int) -> Iterator[list[IdleConnection]]:
        """Pages of a shard's connections last seen up to then, the longest silent first."""
        for page in self.table.query_index(
            "by_life", "sweep_shard", shard, until=("last_seen_ms", until_ms)
        ):
            yield [_quiet(item) for item in page]

    def holders(self, connection: Connection, holder: Holder) -> Iterator[tuple[str, int]]:
        """Connections (id, connected at ms) that hold the slots of this one's user or IP."""
        user_id = connection.identity.user_id
        if holder == "user" and user_id is not None:
            return self._held("by_user", "user_id", user_id)
        return self._held("by_ip", "ip_hash", connection.ip_hash)

    def of_user(self, user_id: str) -> list[str]:
        """Ids of a user's connections, the oldest first."""
        return [connection_id for connection_id, _ in self._held("by_user", "user_id", user_id)]

    def _held(self, index: str, attribute: str, value: str) -> Iterator[tuple[str, int]]:
        for page in self.table.query_index(index, attribute, value):
            for item in page:
                yield item["pk"].removeprefix("C#"), item["connected_at_ms"]

    def release(self, connection_id: str, *, silent_since_ms: int | None = None) -> bool:
        """End a connection: its slots and its memberships, once. True if this call ended it.

        An unknown connection gets a tombstone, so that a `$connect` still under way is refused.
        With `silent_since_ms` it is ended only if it has not been seen since. Raises Contention
        if the connection's rooms kept changing.
        """
        for attempt in range(CONTENTION_ATTEMPTS_MAX):
            item = self.table.get(connection_pk(connection_id), _SK)
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
        connection = _connection(item)
        ends: list[Action] = [self._close(connection_id, item), _give(_ip_pk(connection.ip_hash))]
        if connection.identity.user_id is not None:
            ends.append(_give(_user_pk(connection.identity.user_id)))
        ends += [
            Delete(membership_pk(room, shard), connection_id) for room, shard in connection.rooms
        ]
        return self.table.transact(*ends)

    def _close(self, connection_id: str, item: Item) -> Update:
        """Turn the row into a tombstone, if its rooms are still those whose rows are deleted."""
        return Update(
            connection_pk(connection_id),
            _SK,
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
            "sk": _SK,
            "closed_at_ms": now_ms,
            "rooms": {},
            "expires_at": now_ms // 1_000 + TOMBSTONE_SECONDS,
        }

    def _leave_counters(self, item: Item | None) -> None:
        for room in (item or {}).get("rooms", {}):
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


def _user_pk(user_id: str) -> str:
    return f"U#{user_id}"


def _ip_pk(ip_hash: str) -> str:
    return f"I#{ip_hash}"


def _row(connection: Connection) -> dict[str, Any]:
    identity = connection.identity
    return {
        "pk": connection_pk(connection.id),
        "sk": _SK,
        "user_id": identity.user_id,
        "user_name": identity.name,
        "user_role": identity.role,
        "tournaments": list(identity.tournaments),
        "token_expires_at_ms": identity.expires_at_ms,
        "ip_hash": connection.ip_hash,
        "connected_at_ms": connection.connected_at_ms,
        "last_seen_ms": connection.connected_at_ms,
        "sweep_shard": shard_of(connection.id, SWEEP_SHARDS),
        "rooms": {},
        "expires_at": connection.connected_at_ms // 1_000 + CONNECTION_ROW_SECONDS,
    }


def _connection(item: Item) -> Connection:
    return Connection(
        id=item["pk"].removeprefix("C#"),
        identity=Identity(
            user_id=item.get("user_id"),
            name=item.get("user_name"),
            role=item.get("user_role"),
            tournaments=tuple(item.get("tournaments", ())),
            expires_at_ms=item.get("token_expires_at_ms"),
        ),
        ip_hash=item.get("ip_hash", ""),
        connected_at_ms=item.get("connected_at_ms", 0),
        last_seen_ms=item.get("last_seen_ms", 0),
        expiry_notified_at_ms=item.get("expiry_notified_at_ms"),
        closed="closed_at_ms" in item,
        rooms=tuple(item["rooms"].items()),
    )


def _quiet(item: Item) -> IdleConnection:
    return IdleConnection(
        connection_id=item["pk"].removeprefix("C#"),
        last_seen_ms=item["last_seen_ms"],
        connected_at_ms=item["connected_at_ms"],
        token_expires_at_ms=item.get("token_expires_at_ms"),
        expiry_notified_at_ms=item.get("expiry_notified_at_ms"),
    )
