"""Whether API Gateway has recently throttled posts because of the quota: one item for the single
quota.

Seen in one room only, it may be that room's own load, so only that room's windows widen. Seen in a
second room meanwhile, it is the account's, and all windows widen.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from scorecast.aws.dynamodb.outcomes import ConditionNotMet
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.writes import Update
from scorecast.domain.rooms import Room
from scorecast.protocol.limits import (
    QUOTA_POSTS_MANY,
    THROTTLE_LEVEL_MAX,
    THROTTLE_LEVEL_SECONDS,
)
from scorecast.runtime.system import System

_PK: Final = "P#posts"
_SK: Final = "P"
_ALL: Final = "*"
_SETTLE_MS: Final = THROTTLE_LEVEL_SECONDS * 100
"""Concurrent fan-outs count once."""


@dataclass(frozen=True, slots=True)
class ThrottleLevel:
    table: Table
    system: System

    def level(self, rooms: Iterable[Room]) -> int:
        """How many times the windows of a match in these rooms are doubled; 0: not at all."""
        item = self.table.get(_PK, _SK)
        if item is None or item["until_ms"] <= self.system.now_ms():
            return 0
        concerned = {_ALL, *(room.key for room in rooms)}
        level: int = item["level"] if item["room"] in concerned else 0
        return level

    def note(self, room: Room, *, posts: int) -> None:
        """Record that the quota has throttled posts of a fan-out to `room`."""
        now_ms = self.system.now_ms()
        for update in (
            self._raise(room, now_ms),
            self._share(room, now_ms),
            self._begin(room, now_ms, level=1 if posts >= QUOTA_POSTS_MANY else 0),
            self._update(now_ms, "SET until_ms = :until", "until_ms > :now", {}),
        ):
            if not isinstance(self.table.update(update), ConditionNotMet):
                return

    def _raise(self, room: Room, now_ms: int) -> Update:
        """The room, or the account, is throttled although its windows have been widened."""
        return self._update(
            now_ms,
            "SET #level = #level + :one, until_ms = :until, set_at_ms = :now",
            # Not again before the last change has taken effect: fan-outs in flight would raise it
            # at once.
            "until_ms > :now AND #level < :most AND set_at_ms < :settled"
            " AND (room = :room OR room = :all)",
            {":one": 1, ":most": THROTTLE_LEVEL_MAX, ":settled": now_ms - _SETTLE_MS}
            | {":room": room.key, ":all": _ALL},
        )

    def _share(self, room: Room, now_ms: int) -> Update:
        """A second room is throttled, so the cause is the account's quota."""
        return self._update(
            now_ms,
            "SET #level = #level + :one, room = :all, until_ms = :until, set_at_ms = :now",
            "until_ms > :now AND #level < :most AND room <> :room AND room <> :all",
            {":one": 1, ":most": THROTTLE_LEVEL_MAX, ":room": room.key, ":all": _ALL},
        )

    def _begin(self, room: Room, now_ms: int, *, level: int) -> Update:
        return self._update(
            now_ms,
            "SET #level = :level, room = :room, until_ms = :until, set_at_ms = :now",
            "attribute_not_exists(pk) OR until_ms <= :now",
            {":level": level, ":room": room.key},
        )

    def _update(
        self, now_ms: int, expression: str, condition: str, values: dict[str, object]
    ) -> Update:
        until_ms = now_ms + THROTTLE_LEVEL_SECONDS * 1_000
        return Update(
            _PK,
            _SK,
            expression=expression,
            condition=condition,
            names={"#level": "level"} if "#level" in expression + condition else None,
            values=values | {":now": now_ms, ":until": until_ms},
        )
