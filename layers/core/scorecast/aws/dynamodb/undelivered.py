"""Messages whose reposts have all failed so far, stored until the sweep starts them again."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.writes import Put
from scorecast.aws.sqs.sweep_queue import Repost, SweepTask, task_of, text_of
from scorecast.protocol.limits import UNDELIVERED_SECONDS
from scorecast.runtime.system import System

_PK: Final = "U#undelivered"


@dataclass(frozen=True, slots=True)
class Undelivered:
    table: Table
    system: System

    def keep(self, repost: Repost) -> None:
        """Store a repost. One that has been tried for too long is given up."""
        now_ms = self.system.now_ms()
        if now_ms - repost.begun_at_ms > UNDELIVERED_SECONDS * 1_000:
            return
        self.table.put(
            Put(
                {
                    "pk": _PK,
                    "sk": self.system.new_id(),
                    "task": text_of(repost),
                    "expires_at": now_ms // 1_000 + UNDELIVERED_SECONDS,
                }
            )
        )

    def kept(self) -> Iterator[tuple[str, SweepTask]]:
        """Each with the key that `forget` wants."""
        for page in self.table.query(_PK):
            for item in page:
                yield item["sk"], task_of(item["task"])

    def forget(self, key: str) -> None:
        self.table.take(_PK, key)
