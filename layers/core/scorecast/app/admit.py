"""Admit connections: a slot each. A full limit first frees the slots of stale connections."""

from dataclasses import dataclass, replace
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.app.disconnect import Disconnector
from scorecast.app.room_roles import RoomRoles
from scorecast.aws.dynamodb.rate_limits import RateLimiter
from scorecast.aws.dynamodb.registry import Registry
from scorecast.aws.dynamodb.restrictions import Restrictions
from scorecast.aws.dynamodb.table import Contention
from scorecast.aws.gateway import Gateway
from scorecast.domain.connections.admission import (
    Admission,
    Admitted,
    AlreadyClosed,
    Connection,
    Holder,
    LimitReached,
    Limits,
    Slot,
    TooManyHandshakes,
    oldest,
    suspects,
)
from scorecast.domain.connections.identity import pseudonyms
from scorecast.domain.connections.restriction import Restriction
from scorecast.domain.rooms import Room
from scorecast.protocol.errors import CloseReason
from scorecast.protocol.limits import (
    ADDRESS_RESERVE,
    CONTENTION_ATTEMPTS_MAX,
    HOLDERS_CHECKED_MAX,
    STALE_CHECK_SECONDS,
)
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count, log

METRICS: Final = {
    "admitted": "ConnectionsAdmitted",
    "user limit": "ConnectionsRefusedByUserLimit",
    "ip limit": "ConnectionsRefusedByIpLimit",
    "handshake rate": "ConnectionsRefusedByRate",
    "closed in its handshake": "ConnectionsClosedEarly",
    Restriction.DENIED: "ConnectionsDenied",
    Restriction.REVOKED: "ConnectionsRevoked",
}
"""The metric and the log's word for each outcome."""


@dataclass(frozen=True, slots=True)
class ConnectionAdmission:
    registry: Registry
    rate_limiter: RateLimiter
    restrictions: Restrictions
    room_roles: RoomRoles
    gateway: Gateway
    disconnector: Disconnector
    system: System
    limits: Limits
    replaces_oldest: bool

    def admit(self, newcomer: Connection, room: Room | None) -> Admission:
        """Admit a connection that asks for a room, or refuse it and log why."""
        outcome = self._limit_rate(newcomer) or self._take_slot(newcomer, room)
        name = _name(outcome)
        count(**{METRICS[name]: 1})
        if not isinstance(outcome, Admitted):
            who = pseudonyms(newcomer.identity.user_id, newcomer.ip_hash)
            log().info("refused", extra={"reason": name} | who)
        return outcome

    def _limit_rate(self, newcomer: Connection) -> TooManyHandshakes | None:
        """The first check, by one write, so that a flood of refused handshakes makes no AWS
        calls."""
        user_id = newcomer.identity.user_id
        limited = self.rate_limiter.acquire_handshake(user_id, newcomer.ip_hash)
        return None if limited is None else TooManyHandshakes(limited.retry_after_ms)

    def _take_slot(self, newcomer: Connection, room: Room | None) -> Admission:
        """A newcomer that is refused frees no other connection's slot, and keeps none."""
        outcome = self.registry.admit(newcomer, self.limits)
        if isinstance(outcome, LimitReached):
            restriction = self.restrictions.of(newcomer.identity, newcomer.ip_hash)
            outcome = restriction or self._find_slot(newcomer, room, outcome)
        return self._unless_restricted(newcomer) if isinstance(outcome, Admitted) else outcome

    def _unless_restricted(self, newcomer: Connection) -> Admitted | Restriction:
        """Checked after the slot is taken: a revocation of tokens either finds the slot, and closes
        the connection, or is found here."""
        try:
            restriction = self.restrictions.of(newcomer.identity, newcomer.ip_hash)
        except (BotoCoreError, ClientError, Contention):
            self.registry.release(newcomer.id)
            raise
        if restriction is None:
            return Admitted()
        self.registry.release(newcomer.id)
        return restriction

    def _find_slot(self, newcomer: Connection, room: Room | None, outcome: Admission) -> Admission:
        """Before a refusal, free what slots can be freed; officials then use the reserve.

        A slot that was freed for the newcomer may be taken by another, so it is tried again.
        """
        checked: set[Holder] = set()
        for _ in range(CONTENTION_ATTEMPTS_MAX):
            if not isinstance(outcome, LimitReached):
                break
            if not self._free_slot(newcomer, outcome, checked):
                break
            outcome = self.registry.admit(newcomer, self.limits)
        is_full = outcome == LimitReached("ip")
        if is_full and self.room_roles.may_use_reserve(newcomer.identity, room):
            reserve = replace(self.limits, per_ip=self.limits.per_ip + ADDRESS_RESERVE)
            outcome = self.registry.admit(newcomer, reserve)
        return outcome

    def _free_slot(self, newcomer: Connection, reached: LimitReached, checked: set[Holder]) -> bool:
        """Free a slot for the newcomer; True if there may be one now.

        `checked` are the holders whose stale connections it has already looked for.
        """
        user_id = newcomer.identity.user_id if reached.of == "user" else None
        may_check = reached.of not in checked
        checked.add(reached.of)
        if may_check and self.rate_limiter.acquire_stale_check(user_id, newcomer.ip_hash):
            held = self.registry.slots.held_beside(newcomer, reached.of)
            limit = self.limits.per_user if reached.of == "user" else self.limits.per_ip
            if self._reclaim_stale(newcomer, held) or len(held) < limit:
                return True
        return reached.of == "user" and self.replaces_oldest and self._replace_oldest(newcomer)

    def _reclaim_stale(self, newcomer: Connection, held: list[Slot]) -> bool:
        """Free the slots of those that API Gateway knows no more: others each time, few at a time.

        Each look comes out of the quota that posts scores.
        """
        now_ms = self.system.now_ms()
        suspected = suspects(held, newcomer=newcomer.id, now_ms=now_ms)
        if not suspected:
            return False
        start = now_ms // (STALE_CHECK_SECONDS * 1_000) % len(suspected)
        chosen = (suspected[start:] + suspected[:start])[:HOLDERS_CHECKED_MAX]
        gone = [slot for slot in chosen if not self.gateway.is_open(slot.connection_id)]
        count(StaleReleased=sum(map(self.registry.reclaim, gone)))
        return bool(gone)

    def _replace_oldest(self, newcomer: Connection) -> bool:
        """Close the user's oldest connection in favour of the newcomer."""
        held = self.registry.slots.held_beside(newcomer, "user")
        replaced = oldest(held, newcomer=newcomer.id)
        if replaced is None or not self.registry.reclaim(replaced):
            return False
        self.disconnector.notify_and_close(
            replaced.connection_id, CloseReason.CONNECTION_LIMIT_EXCEEDED
        )
        return True


def _name(outcome: Admission) -> str:
    match outcome:
        case Admitted():
            return "admitted"
        case LimitReached(of):
            return f"{of} limit"
        case TooManyHandshakes():
            return "handshake rate"
        case AlreadyClosed():
            return "closed in its handshake"
        case Restriction():
            return outcome
