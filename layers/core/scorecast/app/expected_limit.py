"""Which limit a handshake would meet: a browser cannot read why its own was refused.

Read from the counters, and not promised: others connect and disconnect meanwhile.
"""

from dataclasses import dataclass, replace
from typing import Final

from scorecast.app.room_roles import RoomRoles
from scorecast.aws.dynamodb.handshake_counters import HandshakeCounters
from scorecast.domain.connections.admission import Expected, Limits, expected_limit
from scorecast.domain.connections.identity import Identity
from scorecast.domain.rooms import Room
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.limits import ADDRESS_RESERVE
from scorecast.runtime.system import System

_CODES: Final = {
    "user": Code.CONNECTION_LIMIT_EXCEEDED,
    "ip": Code.IP_CONNECTION_LIMIT_EXCEEDED,
    "rate": Code.RATE_LIMIT_EXCEEDED,
}
_MESSAGES: Final = {
    "user": "You have {limits.per_user} of {limits.per_user} connections open: close one of them.",
    "ip": "Too many connections are open at your address.",
    "rate": "Too many handshakes: wait before the next.",
}


@dataclass(frozen=True, slots=True)
class ExpectedLimit:
    counters: HandshakeCounters
    room_roles: RoomRoles
    system: System
    limits: Limits
    replaces_oldest: bool

    def rejection(self, identity: Identity, ip_hash: str, room: Room | None) -> Rejection | None:
        """The rejection that a user's handshake for this room would meet now; None if none is
        known."""
        assert identity.user_id is not None
        counters = self.counters.read(identity.user_id, ip_hash)
        expected = expected_limit(
            counters,
            self.limits,
            replaces_oldest=self.replaces_oldest,
            now_ms=self.system.now_ms(),
        )
        if expected is not None and expected.of == "ip" and self._may_use_reserve(identity, room):
            reserve = replace(self.limits, per_ip=self.limits.per_ip + ADDRESS_RESERVE)
            expected = expected if counters.ip_connections >= reserve.per_ip else None
        return None if expected is None else self._rejection(expected)

    def _may_use_reserve(self, identity: Identity, room: Room | None) -> bool:
        """A user that names no room may be one of a match's participants."""
        return room is None or self.room_roles.may_use_reserve(identity, room)

    def _rejection(self, expected: Expected) -> Rejection:
        message = _MESSAGES[expected.of].format(limits=self.limits)
        return Rejection(_CODES[expected.of], message, expected.retry_after_ms)
