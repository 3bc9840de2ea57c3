"""Who may connect: the outcomes of asking for a slot, and which holders of slots may be stale."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from scorecast.domain.connections.identity import Identity
from scorecast.domain.connections.rate_limit import HANDSHAKE_RATE, OverLimit, acquire
from scorecast.domain.connections.restriction import Restriction
from scorecast.protocol.limits import HANDSHAKE_SECONDS_MAX, STALE_CHECK_SECONDS

type Holder = Literal["user", "ip"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Connection:
    """One connection as the tables store it. `rooms` maps a room's key to the membership shard."""

    id: str
    identity: Identity
    ip_hash: str
    connected_at_ms: int
    last_seen_ms: int = 0
    expiry_notified_at_ms: int | None = None
    closed: bool = False
    rooms: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Limits:
    """Connections that one user, and one IP network, may have."""

    per_user: int
    per_ip: int


@dataclass(frozen=True, slots=True)
class Slot:
    """A slot of a user or an address that a connection holds, and the item that it is in."""

    pk: str
    sk: str
    connection_id: str
    connected_at_ms: int

    @property
    def text(self) -> str:
        """The slot's text in the item."""
        return f"{self.connected_at_ms} {self.connection_id}"


@dataclass(frozen=True, slots=True)
class Admitted:
    """The connection holds a slot of its user and one of its IP."""


@dataclass(frozen=True, slots=True)
class LimitReached:
    """No slot was taken and nothing was changed. `of` is the limit that was reached."""

    of: Holder


@dataclass(frozen=True, slots=True)
class AlreadyClosed:
    """Its `$disconnect` came first."""


@dataclass(frozen=True, slots=True)
class TooManyHandshakes:
    """Above the rate of the user or the address, or before its wait after abuse is over."""

    retry_after_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """The counters that decide on a user's handshake: its slots, its address's slots, and its
    rate."""

    user_connections: int = 0
    ip_connections: int = 0
    handshake_us: int = 0
    blocked_until_ms: int = 0
    user_checked_at_ms: int = 0
    """When the holders of the user's slots were last checked for being stale."""
    ip_checked_at_ms: int = 0


@dataclass(frozen=True, slots=True)
class Expected:
    """The limit that a handshake would exceed, and when it may no longer do so."""

    of: Literal["user", "ip", "rate"]
    retry_after_ms: int


type Admission = Admitted | LimitReached | AlreadyClosed | TooManyHandshakes | Restriction


def oldest(held: Iterable[Slot], *, newcomer: str) -> Slot | None:
    """The slot that has been held longest, except for the newcomer's."""
    others = [slot for slot in held if slot.connection_id != newcomer]
    return min(others, key=lambda slot: slot.connected_at_ms) if others else None


def suspects(held: Iterable[Slot], *, newcomer: str, now_ms: int) -> list[Slot]:
    """Slots of connections whose handshake must have ended, oldest first."""
    oldest_first = sorted(held, key=lambda slot: slot.connected_at_ms)
    handshake_ms = HANDSHAKE_SECONDS_MAX * 1_000
    return [
        slot
        for slot in oldest_first
        if slot.connection_id != newcomer and now_ms - slot.connected_at_ms >= handshake_ms
    ]


def expected_limit(
    counters: Counters, limits: Limits, *, replaces_oldest: bool, now_ms: int
) -> Expected | None:
    """Which limit a user's handshake would meet now.

    A full limit counts only if its holders were looked for lately: otherwise the handshake itself
    would find the stale ones, and must not be held up.
    """
    decision = acquire(counters.handshake_us, now_us=now_ms * 1_000, rate=HANDSHAKE_RATE)
    wait_ms = decision.retry_after_ms if isinstance(decision, OverLimit) else 0
    wait_ms = max(wait_ms, counters.blocked_until_ms - now_ms)
    if wait_ms > 0:
        return Expected("rate", wait_ms)
    ip_wait_ms = counters.ip_checked_at_ms + STALE_CHECK_SECONDS * 1_000 - now_ms
    if counters.ip_connections >= limits.per_ip and ip_wait_ms > 0:
        return Expected("ip", ip_wait_ms)
    user_wait_ms = counters.user_checked_at_ms + STALE_CHECK_SECONDS * 1_000 - now_ms
    is_full = counters.user_connections >= limits.per_user and not replaces_oldest
    return Expected("user", user_wait_ms) if is_full and user_wait_ms > 0 else None
