"""The invariants on the tables, checked after every write: what is counted, and by what.

The ledger counts items itself, so that each check looks at what a write touched and no more.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from scorecast.aws.dynamodb.connection_items import connection_key
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


def is_live(item: Item | None) -> bool:
    """Whether a connection's item holds slots."""
    return item is not None and "closed_at_ms" not in item


def _holders(item: Item) -> set[str]:
    """Whose slots a connection takes."""
    holders = {"I#" + item["ip_hash"]["S"]}
    return holders | {"U#" + item["user_id"]["S"]} if "user_id" in item else holders


def slots_of(item: Item | None) -> set[str]:
    """The connections that an item of slots names."""
    texts = item.get("holders", {"SS": []})["SS"] if item is not None else []
    return {text.partition(" ")[2] for text in texts}


def rooms_of(item: Item | None) -> Mapping[str, int]:
    if item is None or not is_live(item):
        return {}
    return {room: int(shard["N"]) for room, shard in item["rooms"]["M"].items()}


def number(item: Item | None, attribute: str) -> int:
    return int(item[attribute]["N"]) if item is not None and attribute in item else 0


@dataclass(slots=True)
class Ledger:
    table: Table
    bounds: Bounds
    fail: Callable[[str], None]
    now_us: Callable[[], int] = lambda: 0
    open: defaultdict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    """Live connections by `U#user` and `I#ip`."""
    members: Counter[str] = field(default_factory=Counter)
    """Membership items by room."""
    ended: set[str] = field(default_factory=set)
    """Connections whose `$disconnect` has been answered."""
    expired: set[str] = field(default_factory=set)
    """Connections of which TTL has deleted an item."""
    adrift: set[str] = field(default_factory=set)
    """Users and IPs whose items of slots TTL has deleted."""
    surplus_rooms: set[str] = field(default_factory=set)
    """Rooms left by members whose time was up: no one counts them out, until a reconciliation."""
    on_release: Callable[[str, Item], None] = lambda connection_id, item: None
    """Receives every connection that gives its slots back, and what its item was."""

    def observe(self, written: list[Written]) -> None:
        touched: set[str] = set()
        for table, (pk, sk), old, new in written:
            if table == CONNECTIONS:
                touched |= self._count(pk, sk, old, new)
        for pk in sorted(touched):
            self._check(pk)

    def forget(self, written: list[Written]) -> None:
        """TTL deleted items one by one: no counter knows, until it is reconciled."""
        for table, (pk, sk), old, _ in written:
            if table != CONNECTIONS or old is None:
                continue
            if pk[0] == "C":
                self.expired.add(sk)
                for holder in _holders(old) if is_live(old) else ():
                    self.open[holder].discard(sk)
            elif pk[0] == "R" and sk != "R":
                self.expired.add(sk)
                self.members[pk.removeprefix("R#").rpartition("#")[0]] -= 1
            elif pk[0] in "UI" and sk[0] == pk[0]:
                self.adrift.add(pk)

    def surplus(self) -> set[tuple[str, str]]:
        """Slots (of whom, and the connection) that no live connection holds."""
        return {
            (pk, connection_id)
            for (pk, sk), item in self.table.items.items()
            if pk[0] in "UI" and sk[0] == pk[0]
            for connection_id in slots_of(item) - self.open[pk]
        }

    def loose_members(self) -> list[str]:
        """Connections that are in a room, and not live."""
        items = self.table.items
        return [
            sk
            for (pk, sk) in items
            if pk[0] == "R" and sk != "R" and sk not in self.expired
            if not is_live(items.get(connection_key(sk)))
        ]

    def _count(self, pk: str, sk: str, old: Item | None, new: Item | None) -> set[str]:
        kind = pk[0]
        if kind == "C":
            return self._count_connection(sk, old, new)
        if kind == "R" and sk != "R":
            return self._count_member(pk, sk, old, new)
        return {pk} if kind in "UIR" and sk != "A" else set()

    def _count_connection(self, id: str, old: Item | None, new: Item | None) -> set[str]:
        self._check_memberships(id, old, new)
        change = is_live(new) - is_live(old)
        if change == 0:
            return set()
        item = new if is_live(new) else old
        assert item is not None
        holders = _holders(item)
        for holder in holders:
            (self.open[holder].add if change > 0 else self.open[holder].discard)(id)
        if change > 0 and id in self.ended:
            self.fail(f"{id} is live after its $disconnect was answered")
        if change < 0:
            self.on_release(id, item)
        return holders

    def _check_memberships(self, connection_id: str, old: Item | None, new: Item | None) -> None:
        listed = rooms_of(new).items()
        if connection_id in self.expired or not is_live(new):
            return  # One that is closed gives up its memberships one by one.
        for room, shard in sorted(rooms_of(old).items() ^ listed):
            is_there = (f"R#{room}#{shard}", connection_id) in self.table.items
            if is_there != ((room, shard) in listed):
                self.fail(f"{connection_id} and its row in shard {shard} of {room} disagree")

    def _count_member(self, pk: str, sk: str, old: Item | None, new: Item | None) -> set[str]:
        room, _, shard = pk.removeprefix("R#").rpartition("#")
        self.members[room] += (new is not None) - (old is not None)
        if new is None and old is not None and self._is_over(old):
            self.surplus_rooms.add(room)
        listed = rooms_of(self.table.items.get(connection_key(sk))).get(room)
        if sk not in self.expired and (listed == int(shard)) != (new is not None):
            self.fail(f"{sk} lists shard {listed} of {room}, its row in {shard} says otherwise")
        counter = self.table.items.get((f"R#{room}", "R"))
        if new is not None and number(counter, "shards") <= int(shard):
            self.fail(f"{sk} is in shard {shard} of {room}, where no fan-out looks")
        return {f"R#{room}"}

    def _check(self, pk: str) -> None:
        item = self.table.items.get((pk, pk[0]))
        if pk[0] == "R":
            return self._check_room(pk.removeprefix("R#"), number(item, "members"))
        taken = set().union(*map(slots_of, self.table.partitions.get(pk, {}).values()))
        limit = self.bounds.per_user if pk[0] == "U" else self.bounds.per_ip
        if not taken >= self.open[pk] and pk not in self.adrift:
            self.fail(f"I2: {self.open[pk] - taken} are live without a slot of {pk}")
        if max(len(taken), len(self.open[pk])) > limit:
            self.fail(f"I1: {pk} has {taken | self.open[pk]}, its limit is {limit}")
        return None

    def _check_room(self, room: str, counted: int) -> None:
        members = self.members[room]
        if members > self.bounds.room_capacity:
            self.fail(f"I1: {room} has {members} members, it holds {self.bounds.room_capacity}")
        if counted < members and counted < self.unexpired(room):
            self.fail(f"I1: {room} counts {counted} members and has {members}")
        if counted > self.bounds.room_capacity:
            self.fail(f"I1: {room} counts {counted} members, above its capacity")

    def _is_over(self, item: Item) -> bool:
        """Whether an item's time is up, by a clock that may be ahead."""
        return number(item, "expires_at") * 1_000_000 < self.now_us() + CLOCK_US_MAX

    def unexpired(self, room: str) -> int:
        """Members whose time is not up: the others count no longer, whether TTL came by or not."""
        now_s = self.now_us() // 1_000_000
        return sum(
            int(item["expires_at"]["N"]) > now_s
            for (pk, sk), item in self.table.items.items()
            if sk != "R" and pk.startswith(f"R#{room}#")
        )

    def end(self, connection_id: str) -> None:
        """A `$disconnect` was answered: from now on the connection holds nothing."""
        self.ended.add(connection_id)
        item = self.table.items.get(connection_key(connection_id))
        if is_live(item):
            self.fail(f"{connection_id} is live though its $disconnect was answered")

    def copy(
        self,
        table: Table,
        bounds: Bounds,
        fail: Callable[[str], None],
        now_us: Callable[[], int],
    ) -> "Ledger":
        twin = Ledger(table, bounds, fail, now_us)
        for holder, connections in self.open.items():
            twin.open[holder] = set(connections)
        twin.members, twin.ended = Counter(self.members), set(self.ended)
        return twin
