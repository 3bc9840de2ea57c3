"""Who is connected: each connection's row, and the slots it holds of its user and of its IP.

A slot and the row that holds it are written in one transaction, and so are their ends. So a
counter always equals the rows that it counts, whichever Lambda dies where; room counters, which
are too hot for transactions, may only be too high (see `memberships`).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.admission import (
    Admission,
    Admitted,
    AlreadyClosed,
    Connection,
    Holder,
    LimitReached,
    Limits,
)
from scorecast.aws.clock import Clock
from scorecast.aws.dynamodb import (
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
)
from scorecast.aws.telemetry import log
from scorecast.identity import Identity
from scorecast.limits import CONNECTION_ROW_SECONDS, CONTENTION_ATTEMPTS_MAX, TOMBSTONE_SECONDS

_SK = "C"


def connection_pk(connection_id: str) -> str:
    return f"C#{connection_id}"


def membership_pk(room_key: str, shard: int) -> str:
    return f"R#{room_key}#{shard}"


def room_pk(room_key: str) -> str:
    return f"R#{room_key}"


@dataclass(frozen=True, slots=True)
class Registry:
    table: Table
    clock: Clock

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
        taken: list[Action] = [
            Put(_row(connection)),
            _take(_ip_pk(connection.ip_hash), limits.per_ip),
        ]
        if connection.identity.user_id is not None:
            taken.append(_take(_user_pk(connection.identity.user_id), limits.per_user))
        return taken

    def get(self, connection_id: str) -> Connection | None:
        """The connection, closed or not; None once its time is up, whether TTL came by or not."""
        item = self.table.get(connection_pk(connection_id), _SK)
        if item is None or item["expires_at"] * 1_000 <= self.clock.now_ms():
            return None
        return _connection(item)

    def holders(self, connection: Connection, holder: Holder) -> Iterator[tuple[str, int]]:
        """Connections (id, connected at ms) that hold the slots of this one's user or IP."""
        user_id = connection.identity.user_id
        if holder == "user" and user_id is not None:
            pages = self.table.query_index("by_user", "user_id", user_id)
        else:
            pages = self.table.query_index("by_ip", "ip_hash", connection.ip_hash)
        for page in pages:
            for item in page:
                yield item["pk"].removeprefix("C#"), item["connected_at_ms"]

    def release(self, connection_id: str) -> bool:
        """End a connection: its slots and its memberships, once. True if this call ended it.

        An unknown connection gets a tombstone, so that a `$connect` still under way is refused.
        Raises Contention if the connection's rooms kept changing.
        """
        for attempt in range(CONTENTION_ATTEMPTS_MAX):
            item = self.table.get(connection_pk(connection_id), _SK)
            if item is not None and "closed_at_ms" in item:
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
            " REMOVE user_id, ip_hash, user_name, connected_at_ms",
            condition="attribute_not_exists(closed_at_ms) AND rooms = :rooms",
            values={
                ":now": self.clock.now_ms(),
                ":expires_at": self._tombstone(connection_id)["expires_at"],
                ":none": {},
                ":rooms": item["rooms"],
            },
        )

    def _tombstone(self, connection_id: str) -> Item:
        now_ms = self.clock.now_ms()
        return {
            "pk": connection_pk(connection_id),
            "sk": _SK,
            "closed_at_ms": now_ms,
            "rooms": {},
            "expires_at": now_ms // 1_000 + TOMBSTONE_SECONDS,
        }

    def _leave_counters(self, item: Item | None) -> None:
        for room in (item or {}).get("rooms", {}):
            leave_counter(self.table, room)


def leave_counter(table: Table, room_key: str) -> None:
    """Take one off a room's counter. After an unknown outcome it stays: too high is safe."""
    less = Update(
        room_pk(room_key),
        "R",
        expression="SET members = members - :one",
        condition="members >= :one",
        values={":one": 1},
    )
    try:
        table.update(less, once=True)
    except (BotoCoreError, ClientError, Contention) as error:
        log().warning("room counter left too high", extra={"error": type(error).__name__})


def _take(pk: str, limit: int) -> Update:
    return Update(
        pk,
        pk[0],
        expression="ADD connections :one",
        condition="attribute_not_exists(connections) OR connections < :limit",
        values={":one": 1, ":limit": limit},
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
        closed="closed_at_ms" in item,
        rooms=tuple(item["rooms"].items()),
    )
