"""Admit and release connections together with their slots, or not at all.

Slots are taken before a connection's item is written, and given back after the item is closed. An
open item therefore holds its slots whichever Lambda dies where, and a limit is never exceeded. A
Lambda that dies leaves behind a closed item, which the sweep settles, or a slot without an item,
which the next newcomer that needs it reclaims.
"""

from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.aws.dynamodb.connection_items import (
    IP,
    connection_from,
    connection_key,
    ip_pk,
    membership_pk,
    new_connection,
    user_pk,
)
from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.occupancy import Occupancy
from scorecast.aws.dynamodb.outcomes import ConditionNotMet, Written
from scorecast.aws.dynamodb.slots import Slots
from scorecast.aws.dynamodb.table import Contention, Table
from scorecast.aws.dynamodb.writes import Put, Update
from scorecast.domain.connections.admission import (
    Admission,
    Admitted,
    AlreadyClosed,
    Connection,
    Holder,
    LimitReached,
    Limits,
    Slot,
)
from scorecast.protocol.limits import CONTENTION_ATTEMPTS_MAX, TOMBSTONE_SECONDS
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import log


@dataclass(frozen=True, slots=True)
class Registry:
    table: Table
    slots: Slots
    occupancy: Occupancy
    system: System

    def admit(self, connection: Connection, limits: Limits) -> Admission:
        """Take a slot of the user and one of the IP, and register; all or nothing.

        A repeated write admits once: the item already exists, and belongs to this connection.
        """
        taken: list[Slot] = []
        try:
            return self._admit(connection, limits, taken)
        except (BotoCoreError, ClientError, Contention):
            self._undo(connection, taken)
            raise

    def _admit(self, connection: Connection, limits: Limits, taken: list[Slot]) -> Admission:
        user_id = connection.identity.user_id
        wanted: list[tuple[Holder, str, int]] = [("ip", ip_pk(connection.ip_hash), limits.per_ip)]
        if user_id is not None:
            wanted.insert(0, ("user", user_pk(user_id), limits.per_user))
        for holder, pk, limit in wanted:
            slot = self.slots.take(pk, connection, limit)
            if slot is None:
                self._give_back(taken)
                return LimitReached(holder)
            taken.append(slot)
        admission = self._register(connection, taken)
        if isinstance(admission, AlreadyClosed):
            self._give_back(taken)
        return admission

    def _register(self, connection: Connection, taken: list[Slot]) -> Admitted | AlreadyClosed:
        # Not retried: after a lost reply, the item may already be released and deleted, and
        # botocore's retry would bring it back without its slots.
        outcome = self.table.put(Put(new_connection(connection, _names(taken))), once=True)
        if isinstance(outcome, Written):
            return Admitted()
        is_closed = outcome.item is None or "closed_at_ms" in outcome.item
        return AlreadyClosed() if is_closed else Admitted()

    def _give_back(self, taken: list[Slot]) -> None:
        for slot in taken:
            self.slots.give_back(slot)

    def _undo(self, connection: Connection, taken: list[Slot]) -> None:
        """Leave nothing of an admission that failed, as far as the table answers.

        The item may have been written, or be written yet: it is closed, or kept out by a tombstone.
        """
        if not taken:
            return
        try:
            self.release(connection.id)
            self._give_back(taken)
        except (BotoCoreError, ClientError, Contention) as error:
            log().warning("slots left behind", extra={"error": type(error).__name__})

    def release(
        self,
        connection_id: str,
        *,
        silent_since_ms: int | None = None,
        connected_at_ms: int | None = None,
    ) -> bool:
        """End a connection: its slots and its memberships, once. True if this call ended it.

        An unknown connection gets a tombstone, so that a `$connect` in progress is refused, unless
        it has been connected for longer than that takes. With `silent_since_ms` it is ended only if
        it has not been seen since. Raises Contention if its item keeps appearing and disappearing.
        """
        request_id = self.system.new_id()
        for attempt in range(CONTENTION_ATTEMPTS_MAX):
            outcome = self._close(connection_id, request_id, silent_since_ms)
            item = outcome.item
            if item is not None:
                return self._finish(item, request_id)
            if self._is_over(connected_at_ms) or self._bury(connection_id):
                return False
            self.table.pause(attempt)
        raise Contention(connection_id)

    def _close(
        self, connection_id: str, request_id: str, silent_since_ms: int | None
    ) -> Written | ConditionNotMet:
        """Close the item: nothing joins or revives it from now on. It keeps what it holds."""
        now_ms = self.system.now_ms()
        # Of all calls that release a connection, only one closes it, and counts it out of its
        # rooms.
        condition = "attribute_exists(pk) AND attribute_not_exists(closed_at_ms)"
        values = {
            ":now": now_ms,
            ":expires_at": now_ms // 1_000 + TOMBSTONE_SECONDS,
            ":request_id": request_id,
        }
        if silent_since_ms is not None:
            # A message that arrives during the sweep keeps the connection open.
            condition += " AND last_seen_ms <= :silent_since"
            values[":silent_since"] = silent_since_ms
        return self.table.update(
            Update(
                *connection_key(connection_id),
                expression="SET closed_at_ms = :now, closed_by = :request_id,"
                " counted_until = expires_at, expires_at = :expires_at",
                condition=condition,
                values=values,
            )
        )

    def _finish(self, item: Item, request_id: str) -> bool:
        """Settle an item that is closed. True if this call closed it."""
        is_own = item.get("closed_by") == request_id
        if "closed_at_ms" in item and not is_tombstone(item):
            is_settled = self._try_to_settle(item)
            # Not before its memberships are gone: a counter below them would let in too many. One
            # that stays too high is lowered when it is compared with them.
            if is_own and is_settled:
                self._leave_counters(item)
        return is_own

    def _try_to_settle(self, item: Item) -> bool:
        """The item is closed, and the WebSocket must be closed even if settling fails."""
        try:
            self.settle(item)
        except (BotoCoreError, ClientError, Contention) as error:
            log().warning("left for the sweep to settle", extra={"error": type(error).__name__})
            return False
        return True

    def settle(self, item: Item) -> None:
        """Release what a closed connection holds, and then delete its item. Can be repeated."""
        connection = connection_from(item)
        for room, shard in connection.rooms:
            self.table.delete(membership_pk(room, shard), connection.id)
        self._give_back(_slots_of(item, connection))
        self.table.delete(item["pk"], item["sk"])

    def reclaim(self, slot: Slot) -> bool:
        """Free a slot whose connection is gone or must be closed; it may have no item.

        True if this call freed it.
        """
        # A connection that this call closes gives its slots back itself; the sweep repeats failed
        # steps.
        return self.release(slot.connection_id) or self.slots.give_back(slot)

    def _is_over(self, connected_at_ms: int | None) -> bool:
        """Whether a connection's `$connect` must have ended, so that its id needs no tombstone."""
        if connected_at_ms is None:
            return False
        return self.system.now_ms() - connected_at_ms > TOMBSTONE_SECONDS * 1_000

    def _bury(self, connection_id: str) -> bool:
        """Put a tombstone; False if an item exists by now."""
        now_ms = self.system.now_ms()
        pk, sk = connection_key(connection_id)
        tombstone = {
            "pk": pk,
            "sk": sk,
            "closed_at_ms": now_ms,
            "rooms": {},
            "expires_at": now_ms // 1_000 + TOMBSTONE_SECONDS,
        }
        return isinstance(self.table.put(Put(tombstone)), Written)

    def _leave_counters(self, item: Item) -> None:
        # Memberships that have expired are not counted any more: a counter that was compared with
        # its members has been lowered for them already.
        if item["counted_until"] <= self.system.now_ms() // 1_000:
            return
        for room in item["rooms"]:
            self.occupancy.count_out(room)


def is_tombstone(item: Item) -> bool:
    """Whether the item only blocks an id: it never belonged to a connection, and holds nothing."""
    return "closed_at_ms" in item and "ip_slot" not in item


def _names(taken: list[Slot]) -> dict[str, str]:
    """The attributes of an item that say where its slots are."""
    return {"ip_slot" if slot.pk[0] == IP else "user_slot": slot.sk for slot in taken}


def _slots_of(item: Item, connection: Connection) -> list[Slot]:
    at_ms, user_id = connection.connected_at_ms, connection.identity.user_id
    slots = []
    if "ip_slot" in item:
        slots.append(Slot(ip_pk(connection.ip_hash), item["ip_slot"], connection.id, at_ms))
    if user_id is not None and "user_slot" in item:
        slots.append(Slot(user_pk(user_id), item["user_slot"], connection.id, at_ms))
    return slots
