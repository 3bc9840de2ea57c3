"""Copies the history of matches that have moved, after the move, since nothing waits for it."""

import json
from collections.abc import Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from infra.move.cell import Cell
from scorecast.aws.dynamodb.event_items import event_from
from scorecast.aws.dynamodb.history import place_key
from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.match_items import match_from
from scorecast.aws.dynamodb.match_keys import match_pk
from scorecast.domain.matches.history import Place
from scorecast.runtime.system import System

LAG_MS_MAX: Final = 10 * 60_000
"""Older events are in the history, unless an outage has delayed the stream."""
_SECONDS_MAX: Final = 60
_LOOK_AGAIN_MS: Final = 500


@dataclass(frozen=True, slots=True)
class HistoryCopy:
    source: Cell
    target: Cell
    system: System
    pool: Executor

    def copy_all(self, tournament_id: str, match_ids: Sequence[str]) -> bool:
        """Copy the history of a tournament's matches. False: some entries are not there yet, so run
        it again."""
        missing = self.target.moves.missing_history(tournament_id)
        is_whole = all(list(self.pool.map(self.copy, match_ids)))
        if is_whole and missing is not None:
            self.target.moves.history_copied(tournament_id, missing.number)
        return is_whole

    def copy(self, match_id: str) -> bool:
        """Copy a match's history. False: the newest entries have not arrived in the source."""
        wanted = set(self._newest(match_id))
        deadline_ms = self.system.now_ms() + _SECONDS_MAX * 1_000
        while True:
            items = [
                item for page in self.source.history.query(match_pk(match_id)) for item in page
            ]
            is_whole = wanted <= {item["sk"] for item in items}
            if is_whole or self.system.now_ms() > deadline_ms:
                self.target.history.put_all(items)
                return is_whole
            self.system.sleep_ms(_LOOK_AGAIN_MS)

    def _newest(self, match_id: str) -> Iterator[str]:
        """Keys of the entries that may still be in the stream of the source."""
        since_ms = self.system.now_ms() - LAG_MS_MAX
        for item in self.source.moves.items(match_pk(match_id)):
            place = _place_of(item, since_ms)
            if place is not None:
                yield place_key(place)


def _place_of(item: Item, since_ms: int) -> Place | None:
    if item["sk"].startswith("E#") and "copied_by" not in item:
        event = event_from(item)
        at_ms = json.loads(item["event_data"]).get("server_time", 0)
        return Place(event.revision, event.sequence) if at_ms > since_ms else None
    if item["sk"] == "M":
        score = match_from(item).score
        is_recent = score.updated_at_ms is not None and score.updated_at_ms > since_ms
        return Place(score.revision) if score.revision and is_recent else None
    return None
