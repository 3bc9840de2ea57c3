"""Counters of rooms and their members: a surplus is repaired once it is sure, a deficit at once.

A surplus keeps clients out, a deficit lets too many in.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.outcomes import ConditionNotMet
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.writes import Update
from scorecast.aws.sqs.sweep_queue import Reconcile, SweepQueue, portions
from scorecast.domain.drift import Observation, Overcounted, Suspected, Undercounted, compare
from scorecast.protocol.limits import RECONCILED_MAX
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count, log


@dataclass(frozen=True, slots=True)
class Reconciliation:
    table: Table
    sweep_queue: SweepQueue
    system: System

    def plan(self) -> None:
        """Put a task for each portion of the rooms.

        Portions run side by side: a task that puts the next one makes a chain, which Lambda stops
        after 16 invocations.
        """
        pages = self.table.query_index("by_counter", "counts", "room")
        pks = [item["pk"] for page in pages for item in page]
        for some in portions(pks, RECONCILED_MAX):
            self.sweep_queue.put(Reconcile(some))

    def reconcile(self, pks: Iterable[str]) -> None:
        for pk in pks:
            self._compare(pk)

    def _compare(self, pk: str) -> None:
        item = self.table.get(pk, pk[0])
        if item is None:
            return
        finding = compare(
            item["members"],
            self._count(pk, item),
            joins=item["joins"],
            looks=[Observation(*look) for look in item.get("looks", [])],
            now_ms=self.system.now_ms(),
        )
        match finding:
            case Suspected(looks):
                self._remember(pk, looks)
            case Overcounted(surplus):
                self._change(pk, item, by=-surplus)
                _report(surplus)
            case Undercounted(deficit):
                if self._change(pk, item, by=deficit):
                    _report(-deficit)

    def _count(self, pk: str, item: Item) -> int:
        """The members there are: items whose time is not up, consistently read."""
        return sum(self._members(f"{pk}#{shard}") for shard in range(item["shards"]))

    def _members(self, shard_pk: str) -> int:
        now_s = self.system.now_ms() // 1_000
        return sum(
            item["expires_at"] > now_s for page in self.table.query(shard_pk) for item in page
        )

    def _remember(self, pk: str, looks: Sequence[Observation]) -> None:
        if not looks:
            self.table.update(Update(pk, pk[0], expression="REMOVE looks"))
            return
        values = {":looks": [[look.at_ms, look.joins, look.surplus] for look in looks]}
        self.table.update(Update(pk, pk[0], expression="SET looks = :looks", values=values))

    def _change(self, pk: str, item: Item, *, by: int) -> bool:
        """Change the counter; False if a member was counted in or out since it was read."""
        outcome = self.table.update(
            Update(
                pk,
                pk[0],
                expression="SET members = members + :by REMOVE looks",
                # A member that was counted since the read is not in the comparison: compare again
                # later.
                condition="members = :read AND joins = :joins",
                values={":by": by, ":read": item["members"], ":joins": item["joins"]},
            )
        )
        return not isinstance(outcome, ConditionNotMet)


def _report(drift: int) -> None:
    count(CounterDrift=drift)
    log().warning("counter drift", extra={"counts": "room", "drift": drift})
