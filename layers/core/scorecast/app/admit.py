"""Admit connections: a slot each. A full limit first frees the slots of stale connections."""

from dataclasses import dataclass

from scorecast.app.disconnect import Disconnector
from scorecast.aws.dynamodb.connections import Connections
from scorecast.aws.dynamodb.registry import Registry
from scorecast.aws.gateway import Gateway
from scorecast.domain.connections.admission import (
    Admission,
    Connection,
    LimitReached,
    Limits,
    oldest,
    suspects,
)
from scorecast.protocol.errors import CloseReason
from scorecast.protocol.limits import CONTENTION_ATTEMPTS_MAX, HOLDERS_CHECKED_MAX
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count

_ADMITTED = "ConnectionsAdmitted"
_METRICS = {"user": "ConnectionsRefusedByUserLimit", "ip": "ConnectionsRefusedByIpLimit"}


@dataclass(frozen=True, slots=True)
class ConnectionAdmission:
    registry: Registry
    connections: Connections
    gateway: Gateway
    disconnector: Disconnector
    system: System
    limits: Limits
    replaces_oldest: bool

    def admit(self, newcomer: Connection) -> Admission:
        """Admit; before a refusal, free what slots can be freed.

        A slot that was freed for the newcomer may be taken by another, so it is tried again.
        """
        outcome = self.registry.admit(newcomer, self.limits)
        for attempt in range(CONTENTION_ATTEMPTS_MAX):
            if not isinstance(outcome, LimitReached):
                break
            if not self._free_slot(newcomer, outcome, is_first=attempt == 0):
                break
            outcome = self.registry.admit(newcomer, self.limits)
        count(**{_METRICS[outcome.of] if isinstance(outcome, LimitReached) else _ADMITTED: 1})
        return outcome

    def _free_slot(self, newcomer: Connection, refusal: LimitReached, *, is_first: bool) -> bool:
        """Free a slot for the newcomer. True if there may be one now, ours or another's doing."""
        holders = list(self.connections.holders(newcomer, refusal.of))
        limit = self.limits.per_user if refusal.of == "user" else self.limits.per_ip
        if self._release_stale(newcomer, holders) or (is_first and len(holders) < limit):
            return True
        return refusal.of == "user" and self.replaces_oldest and self._replace(newcomer, holders)

    def _release_stale(self, newcomer: Connection, holders: list[tuple[str, int]]) -> bool:
        now_ms = self.system.now_ms()
        suspected = suspects(holders, newcomer=newcomer.id, now_ms=now_ms)[:HOLDERS_CHECKED_MAX]
        gone = [one for one in suspected if not self.gateway.is_open(one)]
        count(GhostsReleased=sum(map(self.registry.release, gone)))
        return bool(gone)

    def _replace(self, newcomer: Connection, holders: list[tuple[str, int]]) -> bool:
        """Give the place of the user's oldest connection to the newcomer."""
        replaced = oldest(holders, newcomer=newcomer.id)
        if replaced is None or not self.registry.release(replaced):
            return False
        self.disconnector.notify_and_close(replaced, CloseReason.CONNECTION_LIMIT_EXCEEDED)
        return True
