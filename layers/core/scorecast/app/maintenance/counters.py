"""Compare counters with what they count: repair a certain surplus, report a deficit.

A deficit would admit too many. By design there is none, so one that is seen raises an alarm.
"""

from dataclasses import dataclass

from scorecast.aws.dynamodb.table import Item, Table, Update
from scorecast.aws.sqs.sweep_queue import Reconcile, SweepQueue
from scorecast.domain.drift import Observation, Overcounted, Suspected, compare
from scorecast.protocol.limits import RECONCILED_MAX
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count, log

_INDEXES = {"user": ("by_user", "user_id"), "ip": ("by_ip", "ip_hash")}


@dataclass(frozen=True, slots=True)
class Reconciliation:
    table: Table
    sweep_queue: SweepQueue
    system: System

    def reconcile(self, task: Reconcile) -> None:
        """Compare some counters of one kind, and leave the rest to a task of its own."""
        pks = self._counters(task)
        for pk in pks[:RECONCILED_MAX]:
            self._compare(pk, task.counts)
        if len(pks) > RECONCILED_MAX:
            self.sweep_queue.put(Reconcile(task.counts, after=pks[RECONCILED_MAX - 1]))

    def _counters(self, task: Reconcile) -> list[str]:
        found: list[str] = []
        pages = self.table.query_index(
            "by_counter", "counts", task.counts, after=("pk", task.after)
        )
        for page in pages:
            found += [item["pk"] for item in page]
            if len(found) > RECONCILED_MAX:
                break
        return found

    def _compare(self, pk: str, counts: str) -> None:
        row = self.table.get(pk, pk[0])
        if row is None:
            return
        attribute = "members" if counts == "room" else "connections"
        counted = self._count(pk, counts, row)
        earlier = Observation(*row["surplus_seen"]) if "surplus_seen" in row else None
        finding = compare(
            row[attribute],
            counted,
            joins=row["joins"],
            earlier=earlier,
            now_ms=self.system.now_ms(),
        )
        if row[attribute] < counted and self._is_deficit(pk, counts, row):
            _report(counts, row[attribute] - counted)
        if isinstance(finding, Suspected):
            self._note(pk, finding)
        elif isinstance(finding, Overcounted):
            self._repair(pk, attribute, row, finding)
            _report(counts, finding.surplus)

    def _is_deficit(self, pk: str, counts: str, row: Item) -> bool:
        """Whether rows outnumber a counter although none was counted in meanwhile.

        Indexes lag, so this is certain only for rooms, whose rows are read consistently.
        """
        again = self.table.get(pk, pk[0])
        return counts == "room" and again is not None and again["joins"] == row["joins"]

    def _count(self, pk: str, counts: str, row: Item) -> int:
        """Count rows that have not expired; for a room they are read consistently."""
        if counts == "room":
            return sum(self._members(f"{pk}#{shard}") for shard in range(row["shards"]))
        index, attribute = _INDEXES[counts]
        pages = self.table.query_index(index, attribute, pk.partition("#")[2])
        return sum(len(page) for page in pages)

    def _members(self, shard_pk: str) -> int:
        now_s = self.system.now_ms() // 1_000
        return sum(
            item["expires_at"] > now_s for page in self.table.query(shard_pk) for item in page
        )

    def _note(self, pk: str, note: Suspected) -> None:
        if note.look is None:
            update = Update(pk, pk[0], expression="REMOVE surplus_seen")
        else:
            seen = [note.look.at_ms, note.look.joins]
            update = Update(
                pk, pk[0], expression="SET surplus_seen = :seen", values={":seen": seen}
            )
        self.table.update(update)

    def _repair(self, pk: str, attribute: str, row: Item, repair: Overcounted) -> None:
        """Lower the counter, if nothing has been counted in or out since it was read."""
        self.table.update(
            Update(
                pk,
                pk[0],
                expression="SET #counter = #counter - :surplus REMOVE surplus_seen",
                condition="#counter = :read AND joins = :joins",
                names={"#counter": attribute},
                values={
                    ":surplus": repair.surplus,
                    ":read": row[attribute],
                    ":joins": row["joins"],
                },
            )
        )


def _report(counts: str, drift: int) -> None:
    count(CounterDrift=drift)
    log().warning("counter drift", extra={"counts": counts, "drift": drift})
