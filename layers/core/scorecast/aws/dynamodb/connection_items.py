"""A connection as an item of the connections table, and back; the keys of items about connections.

Rows are in partitions by a hash of their ids: the sweep reads a partition instead of an index that
every heartbeat would have to write.
"""

from collections.abc import Mapping
from typing import Any, Final

from scorecast.aws.dynamodb.items import Item
from scorecast.domain.connections.admission import Connection
from scorecast.domain.connections.identity import Identity
from scorecast.domain.connections.idle import IdleConnection, shard_of
from scorecast.protocol.limits import CONNECTION_ROW_SECONDS, CONNECTION_SHARDS

USER: Final = "U"
IP: Final = "I"


def connection_key(connection_id: str) -> tuple[str, str]:
    return shard_pk(shard_of(connection_id, CONNECTION_SHARDS)), connection_id


def shard_pk(shard: int) -> str:
    """The partition of a shard's connections; their ids are the sort keys."""
    return f"C#{shard}"


def membership_pk(room_key: str, shard: int) -> str:
    return f"R#{room_key}#{shard}"


def user_pk(user_id: str) -> str:
    return f"{USER}#{user_id}"


def ip_pk(ip_hash: str) -> str:
    return f"{IP}#{ip_hash}"


def new_connection(connection: Connection, slots: Mapping[str, str]) -> dict[str, Any]:
    """A connection's item. `slots` names the items where its slots are."""
    identity = connection.identity
    pk, sk = connection_key(connection.id)
    return {
        "pk": pk,
        "sk": sk,
        "user_id": identity.user_id,
        "user_name": identity.name,
        "user_role": identity.role,
        "tournaments": list(identity.tournaments),
        "matches": list(identity.matches),
        "token_expires_at_ms": identity.expires_at_ms,
        "ip_hash": connection.ip_hash,
        "connected_at_ms": connection.connected_at_ms,
        "last_seen_ms": connection.connected_at_ms,
        **slots,
        "rooms": {},
        "expires_at": connection.connected_at_ms // 1_000 + CONNECTION_ROW_SECONDS,
    }


def connection_from(item: Item) -> Connection:
    return Connection(
        id=item["sk"],
        identity=Identity(
            user_id=item.get("user_id"),
            name=item.get("user_name"),
            role=item.get("user_role"),
            tournaments=tuple(item.get("tournaments", ())),
            matches=tuple(item.get("matches", ())),
            expires_at_ms=item.get("token_expires_at_ms"),
        ),
        ip_hash=item.get("ip_hash", ""),
        connected_at_ms=item.get("connected_at_ms", 0),
        last_seen_ms=item.get("last_seen_ms", 0),
        expiry_notified_at_ms=item.get("expiry_notified_at_ms"),
        closed="closed_at_ms" in item,
        rooms=tuple(item["rooms"].items()),
    )


def idle_from(item: Item) -> IdleConnection:
    return IdleConnection(
        connection_id=item["sk"],
        last_seen_ms=item["last_seen_ms"],
        connected_at_ms=item["connected_at_ms"],
        token_expires_at_ms=item.get("token_expires_at_ms"),
        expiry_notified_at_ms=item.get("expiry_notified_at_ms"),
    )
