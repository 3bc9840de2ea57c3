"""The slots of a user or of an address: the connections that hold one, in items of a few each.

A slot is named after its connection, so taking or giving it back twice has no further effect: no
write needs a transaction, and none is counted twice. An item is small enough to cost one write
unit; a larger limit is divided exactly over several items.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from scorecast.aws.dynamodb.connection_items import ip_pk, user_pk
from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.outcomes import ConditionNotMet
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.writes import Update
from scorecast.domain.connections.admission import Connection, Holder, Slot
from scorecast.protocol.limits import COUNTER_ROW_SECONDS, SLOTS_PER_ITEM


@dataclass(frozen=True, slots=True)
class Slots:
    table: Table

    def take(self, pk: str, connection: Connection, limit: int) -> Slot | None:
        """Take a slot of a user or an address; None if all are taken.

        Each connection starts with a different item, so that newcomers do not compete for one.
        """
        items = slot_keys(pk, limit)
        home = crc32(connection.id.encode()) % len(items)
        slot = Slot(pk, items[home], connection.id, connection.connected_at_ms)
        if self._add(slot, _share(home, limit)):
            return slot
        return self._take_elsewhere(slot, items, limit) if len(items) > 1 else None

    def _take_elsewhere(self, wanted: Slot, items: Sequence[str], limit: int) -> Slot | None:
        """Take a slot in any other item that has room, or find the one that was taken before."""
        held = list(self.held(wanted.pk))
        for slot in held:
            if slot.connection_id == wanted.connection_id:
                return slot
        for number, sk in enumerate(items):
            slot = Slot(wanted.pk, sk, wanted.connection_id, wanted.connected_at_ms)
            has_room = sum(each.sk == sk for each in held) < _share(number, limit)
            if has_room and self._add(slot, _share(number, limit)):
                return slot
        return None

    def _add(self, slot: Slot, share: int) -> bool:
        outcome = self.table.update(
            Update(
                slot.pk,
                slot.sk,
                expression="SET expires_at = :expires_at ADD holders :slots",
                # The limit is checked by the write that takes the slot. A slot that is already held
                # passes, so a repeated write, after a lost reply, succeeds at a full limit.
                condition="attribute_not_exists(holders) OR size(holders) < :share"
                " OR contains(holders, :slot)",
                values={
                    ":slots": frozenset({slot.text}),
                    ":slot": slot.text,
                    ":share": share,
                    ":expires_at": slot.connected_at_ms // 1_000 + COUNTER_ROW_SECONDS,
                },
            )
        )
        return not isinstance(outcome, ConditionNotMet)

    def give_back(self, slot: Slot) -> bool:
        """Give a slot back; True if it was still taken."""
        outcome = self.table.update(
            Update(
                slot.pk,
                slot.sk,
                expression="DELETE holders :slots",
                # Tells the caller whether it was this call that freed the slot.
                condition="contains(holders, :slot)",
                values={":slots": frozenset({slot.text}), ":slot": slot.text},
            )
        )
        return not isinstance(outcome, ConditionNotMet)

    def held_beside(self, connection: Connection, holder: Holder) -> list[Slot]:
        """The slots that are taken of a connection's user or address."""
        user_id = connection.identity.user_id
        if holder == "user" and user_id is not None:
            return list(self.held(user_pk(user_id)))
        return list(self.held(ip_pk(connection.ip_hash)))

    def of_user(self, user_id: str) -> list[str]:
        """Ids of a user's connections, the oldest first."""
        oldest_first = sorted(self.held(user_pk(user_id)), key=lambda slot: slot.connected_at_ms)
        return [slot.connection_id for slot in oldest_first]

    def held(self, pk: str) -> Iterator[Slot]:
        """The slots that are taken of a user or an address, consistently read."""
        for page in self.table.query(pk, low=pk[0], high=f"{pk[0]}~"):
            for item in page:
                yield from slots_of(item)


def slot_keys(pk: str, limit: int) -> list[str]:
    """The sort keys of the items that hold a user's or an address's slots."""
    return [pk[0], *(f"{pk[0]}#{n}" for n in range(1, -(-limit // SLOTS_PER_ITEM)))]


def slots_of(item: Item) -> Iterator[Slot]:
    for text in item.get("holders", ()):
        connected_at_ms, _, connection_id = text.partition(" ")
        yield Slot(item["pk"], item["sk"], connection_id, int(connected_at_ms))


def _share(number: int, limit: int) -> int:
    """The number of a limit's slots in an item: the last item may have fewer than the others."""
    return min(SLOTS_PER_ITEM, limit - number * SLOTS_PER_ITEM)
