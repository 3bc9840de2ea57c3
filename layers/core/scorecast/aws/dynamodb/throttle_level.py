"""Whether API Gateway has throttled fan-outs lately: one row, since the quota is the account's."""

from dataclasses import dataclass

from scorecast.aws.dynamodb.table import ConditionNotMet, Table, Update
from scorecast.protocol.limits import THROTTLE_LEVEL_MAX, THROTTLE_LEVEL_SECONDS
from scorecast.runtime.system import System

_PK, _SK = "P#posts", "P"


@dataclass(frozen=True, slots=True)
class ThrottleLevel:
    table: Table
    system: System

    def level(self) -> int:
        """How many times windows are doubled now; 0: not at all."""
        row = self.table.get(_PK, _SK)
        if row is None or row["until_ms"] <= self.system.now_ms():
            return 0
        level: int = row["level"]
        return level

    def raise_level(self) -> None:
        """Widen all windows for a while, and once more if they have been widened already.

        Fan-outs that ran at the same time raise it once: not before the last raise has settled.
        """
        now_ms = self.system.now_ms()
        until_ms = now_ms + THROTTLE_LEVEL_SECONDS * 1_000
        higher = Update(
            _PK,
            _SK,
            expression="SET #level = #level + :one, until_ms = :until, set_at_ms = :now",
            condition="until_ms > :now AND #level < :most AND set_at_ms < :settled",
            names={"#level": "level"},
            values={
                ":one": 1,
                ":until": until_ms,
                ":now": now_ms,
                ":most": THROTTLE_LEVEL_MAX,
                ":settled": now_ms - THROTTLE_LEVEL_SECONDS * 100,
            },
        )
        if isinstance(self.table.update(higher), ConditionNotMet):
            self._set_anew(now_ms, until_ms)

    def _set_anew(self, now_ms: int, until_ms: int) -> None:
        """From none to the first level or, while a level lasts, to a later end."""
        first = Update(
            _PK,
            _SK,
            expression="SET #level = :one, until_ms = :until, set_at_ms = :now",
            condition="attribute_not_exists(pk) OR until_ms <= :now",
            names={"#level": "level"},
            values={":one": 1, ":until": until_ms, ":now": now_ms},
        )
        if isinstance(self.table.update(first), ConditionNotMet):
            self.table.update(
                Update(_PK, _SK, expression="SET until_ms = :until", values={":until": until_ms})
            )
