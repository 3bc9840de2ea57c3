"""The invariants on the tables, checked after every write: what is counted, and by what.

The ledger counts rows itself, so that each check looks at what a write touched and no more.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from tests.simulation.dynamodb import Table, Written
from tests.simulation.expressions import Item

CONNECTIONS: Final = "connections"
MATCHES: Final = "matches"
HISTORY: Final = "history"
CLOCK_US_MAX: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Bounds:
    per_user: int
    per_ip: int
    room_capacity: int


def is_live(row: Item | None) -> bool:
    """Whether a connection's row holds slots."""
    return row is not None and "closed_at_ms" not in row


def _holders(row: Item) -> set[str]:
    """Whose slots a connection takes."""
    holders = {"I#" + row["ip_hash"]["S"]}
    return holders | {"U#" + row["user_id"]["S"]} if "user_id" in row else holders


def rooms_of(row: Item | None) -> Mapping[str, int]:
    if row is None or not is_live(row):
        return {}
    return {room: int(shard["N"]) for room, shard in row["rooms"]["M"].items()}


def number(row: Item | None, attribute: str) -> int:
    return int(row[attribute]["N"]) if row is not None and attribute in row else 0


@dataclass(slots=True)
class Ledger:
    table: Table
    bounds: Bounds
    fail: Callable[[str], None]
    now_us: Callable[[], int] = lambda: 0
    rows: Counter[str] = field(default_factory=Counter)
    """Live connections by `U#user` and `I#ip`."""
    members: Counter[str] = field(default_factory=Counter)
    """Membership rows by room."""
    ended: set[str] = field(default_factory=set)
    """Connections whose `$disconnect` has been answered."""
    expired: set[str] = field(default_factory=set)
    """Connections of which TTL has deleted a row."""
    adrift: set[str] = field(default_factory=set)
    """Users and IPs whose connections TTL has deleted: their counters may be too high."""
    surplus_rooms: set[str] = field(default_factory=set)
    """Rooms left by members whose time was up: no one counts them out, until a reconciliation."""
    on_release: Callable[[str, Item], None] = lambda connection_id, row: None
    """Receives every connection that gives its slots back, and what its row was."""

    def observe(self, written: list[Written]) -> None:
        touched: set[str] = set()
        for table, (pk, sk), old, new in written:
            if table == CONNECTIONS:
                touched |= self._count(pk, sk, old, new)
        for pk in sorted(touched):
            self._check(pk)

    def forget(self, written: list[Written]) -> None:
        """TTL deleted rows one by one: no counter knows, until it is reconciled."""
        for table, (pk, sk), old, _ in written:
            if table != CONNECTIONS or old is None:
                continue
            if pk[0] == "C":
                self.expired.add(pk.removeprefix("C#"))
                for holder in _holders(old) if is_live(old) else ():
                    self.rows[holder] -= 1
                    self.adrift.add(holder)
            elif pk[0] == "R" and sk != "R":
                self.expired.add(sk)
                self.members[pk.removeprefix("R#").rpartition("#")[0]] -= 1
            elif pk[0] in "UIR" and sk == pk[0]:
                self.adrift.add(pk)

    def adrift_now(self) -> list[str]:
        """Users and IPs whose counters are still too high."""
        found = []
        for pk in sorted(self.adrift):
            if number(self.table.items.get((pk, pk[0])), "connections") != self.rows[pk]:
                found.append(pk)
        return found

    def _count(self, pk: str, sk: str, old: Item | None, new: Item | None) -> set[str]:
        kind = pk[0]
        if kind == "C":
            return self._count_connection(pk, old, new)
        if kind == "R" and sk != "R":
            return self._count_member(pk, sk, old, new)
        return set() if sk == "A" else {pk}

    def _count_connection(self, pk: str, old: Item | None, new: Item | None) -> set[str]:
        self._check_memberships(pk.removeprefix("C#"), old, new)
        change = is_live(new) - is_live(old)
        if change == 0:
            return set()
        row = new if is_live(new) else old
        assert row is not None
        holders = _holders(row)
        for holder in holders:
            self.rows[holder] += change
        if change > 0 and pk.removeprefix("C#") in self.ended:
            self.fail(f"{pk} is live after its $disconnect was answered")
        if change < 0:
            self.on_release(pk.removeprefix("C#"), row)
        return holders

    def _check_memberships(self, connection_id: str, old: Item | None, new: Item | None) -> None:
        listed = rooms_of(new).items()
        if connection_id in self.expired:
            return
        for room, shard in sorted(rooms_of(old).items() ^ listed):
            is_there = (f"R#{room}#{shard}", connection_id) in self.table.items
            if is_there != ((room, shard) in listed):
                self.fail(f"{connection_id} and its row in shard {shard} of {room} disagree")

    def _count_member(self, pk: str, sk: str, old: Item | None, new: Item | None) -> set[str]:
        room, _, shard = pk.removeprefix("R#").rpartition("#")
        self.members[room] += (new is not None) - (old is not None)
        if new is None and old is not None and self._is_over(old):
            self.surplus_rooms.add(room)
        listed = rooms_of(self.table.items.get((f"C#{sk}", "C"))).get(room)
        if sk not in self.expired and (listed == int(shard)) != (new is not None):
            self.fail(f"{sk} lists shard {listed} of {room}, its row in {shard} says otherwise")
        counter = self.table.items.get((f"R#{room}", "R"))
        if new is not None and number(counter, "shards") <= int(shard):
            self.fail(f"{sk} is in shard {shard} of {room}, where no fan-out looks")
        return {f"R#{room}"}

    def _check(self, pk: str) -> None:
        row = self.table.items.get((pk, pk[0]))
        if pk[0] == "R":
            return self._check_room(pk.removeprefix("R#"), number(row, "members"))
        counted = number(row, "connections")
        limit = self.bounds.per_user if pk[0] == "U" else self.bounds.per_ip
        if counted == self.rows[pk]:
            self.adrift.discard(pk)
        elif pk not in self.adrift or counted < self.rows[pk]:
            self.fail(f"I2: {pk} counts {counted} connections and has {self.rows[pk]}")
        if self.rows[pk] > limit:
            self.fail(f"I1: {pk} has {self.rows[pk]} connections, its limit is {limit}")
        return None

    def _check_room(self, room: str, counted: int) -> None:
        members = self.members[room]
        if members > self.bounds.room_capacity:
            self.fail(f"I1: {room} has {members} members, it holds {self.bounds.room_capacity}")
        if counted < members and counted < self.unexpired(room):
            self.fail(f"I1: {room} counts {counted} members and has {members}")
        if counted > self.bounds.room_capacity:
            self.fail(f"I1: {room} counts {counted} members, above its capacity")

    def _is_over(self, row: Item) -> bool:
        """Whether a row's time is up, by a clock that may be ahead."""
        return number(row, "expires_at") * 1_000_000 < self.now_us() + CLOCK_US_MAX

    def unexpired(self, room: str) -> int:
        """Members whose time is not up: the others count no longer, whether TTL came by or not."""
        now_s = self.now_us() // 1_000_000
        return sum(
            int(row["expires_at"]["N"]) > now_s
            for (pk, sk), row in self.table.items.items()
            if sk != "R" and pk.startswith(f"R#{room}#")
        )

    def end(self, connection_id: str) -> None:
        """A `$disconnect` was answered: from now on the connection holds nothing."""
        self.ended.add(connection_id)
        row = self.table.items.get((f"C#{connection_id}", "C"))
        if is_live(row):
            self.fail(f"{connection_id} is live though its $disconnect was answered")

    def copy(
        self,
        table: Table,
        bounds: Bounds,
        fail: Callable[[str], None],
        now_us: Callable[[], int],
    ) -> "Ledger":
        return Ledger(
            table, bounds, fail, now_us, Counter(self.rows), Counter(self.members), set(self.ended)
        )
