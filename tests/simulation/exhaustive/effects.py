"""What one turn touches. Two turns whose effects do not conflict may be swapped."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from scorecast.aws.dynamodb.connection_items import connection_key
from tests.simulation.dynamodb import Request, Table, Written

type Place = tuple[str, ...]


@dataclass(slots=True)
class Effect:
    """Places read and written. The wide ones are partitions of tables and of indexes: writes to
    different items of a partition can be swapped, but not with a query of it."""

    reads: set[Place] = field(default_factory=set)
    writes: set[Place] = field(default_factory=set)
    wide_reads: set[Place] = field(default_factory=set)
    wide_writes: set[Place] = field(default_factory=set)

    def conflicts(self, other: "Effect") -> bool:
        return not (
            self.writes.isdisjoint(other.writes)
            and self.writes.isdisjoint(other.reads)
            and self.reads.isdisjoint(other.writes)
            and self.wide_writes.isdisjoint(other.wide_reads)
            and self.wide_reads.isdisjoint(other.wide_writes)
        )

    def note_request(self, operation: str, request: Request) -> None:
        """What a DynamoDB request looks at, be it to read it or to check a condition on it."""
        match operation:
            case "Query":
                self.wide_reads.add(_queried(request))
            case "BatchGetItem":
                for table, asked in request["RequestItems"].items():
                    self.reads.update(_item(table, key) for key in asked["Keys"])
            case "TransactWriteItems":
                for action in request["TransactItems"]:
                    ((kind, one),) = action.items()
                    self.note_request(kind, one)
            case _:
                key = request.get("Key") or request["Item"]
                self.reads.add(_item(request["TableName"], key))

    def note_writes(self, written: Iterable[Written], tables: dict[str, Table]) -> None:
        for name, (pk, sk), old, new in written:
            if old == new:
                continue
            self.writes.add((name, pk, sk))
            self.wide_writes.add((name, pk))
            for index in tables[name].indexes.values():
                for item in (old, new):
                    if item is not None and index.hash_key in item:
                        self.wide_writes.add((name, index.hash_key, item[index.hash_key]["S"]))
            if name == "connections" and pk.startswith("C#"):
                # The ledger looks whether a connection that is let go is open.
                self.reads.add(socket(sk))


def socket(connection_id: str) -> Place:
    return "socket", connection_id


def item_of(connection_id: str) -> Place:
    return "connections", *connection_key(connection_id)


def _item(table: str, key: Request) -> Place:
    return table, key["pk"]["S"], key["sk"]["S"]


def _queried(request: Request) -> Place:
    values = request["ExpressionAttributeValues"]
    if "IndexName" in request:
        names = request["ExpressionAttributeNames"]
        return request["TableName"], names["#attribute"], values[":value"]["S"]
    return request["TableName"], values[":pk"]["S"]
