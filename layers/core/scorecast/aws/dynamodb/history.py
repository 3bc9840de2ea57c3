"""The history table: an item for each accepted score and each decisive event, for a year.

A table of its own, so that its writes use no capacity of a match's partition in the matches table,
and do not appear in its stream.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.match_keys import match_pk
from scorecast.aws.dynamodb.table import Table
from scorecast.domain.matches.history import Entry, Place
from scorecast.protocol.limits import HISTORY_READ_MAX
from scorecast.protocol.strict_json import compact
from scorecast.runtime.system import System

_SECONDS_PER_DAY: Final = 24 * 60 * 60
_DIGITS: Final = 12


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """An entry as it is read back: `json` is its type and data."""

    place: Place
    json: str

    def parsed(self) -> dict[str, Any]:
        entry: dict[str, Any] = json.loads(self.json)
        return entry


@dataclass(frozen=True, slots=True)
class HistoryPage:
    """`last` is the place after which to continue; None at the end."""

    entries: list[StoredEntry]
    last: Place | None


@dataclass(frozen=True, slots=True)
class History:
    table: Table
    system: System

    def put(self, entries: Sequence[Entry], *, days: int) -> None:
        """Store entries. An entry that is already stored is written again, unchanged."""
        items = {(entry.match_id, entry.place): _item(entry, days) for entry in entries}
        self.table.put_all(list(items.values()))

    def page(
        self, match_id: str, *, after: Place | None, limit: int, bytes_max: int
    ) -> HistoryPage:
        """Up to `limit` entries after a place, in order; expired ones are left out.

        Above `bytes_max` no more are read, since they would be paid for but not sent.
        """
        sk = "" if after is None else place_key(after)
        items: list[Item] = []
        is_last, read_bytes = False, 0
        while not is_last and len(items) < limit and read_bytes < bytes_max:
            asked = min(HISTORY_READ_MAX, limit - len(items))
            some, is_last = self.table.page(match_pk(match_id), after=sk, limit=asked)
            items += some
            read_bytes += sum(len(item["entry"].encode()) for item in some)
            sk = items[-1]["sk"] if items else sk
        now_s = self.system.now_ms() // 1_000
        entries = [
            StoredEntry(_place(item["sk"]), item["entry"])
            for item in items
            if item["expires_at"] > now_s
        ]
        return HistoryPage(entries, None if is_last else _place(items[-1]["sk"]))


def _item(entry: Entry, days: int) -> Item:
    return {
        "pk": match_pk(entry.match_id),
        "sk": place_key(entry.place),
        "entry": compact({"type": entry.type, "data": entry.data}),
        # from the time of the event, not from now, so that a repeated entry is the same item
        "expires_at": entry.at_ms // 1_000 + days * _SECONDS_PER_DAY,
    }


def place_key(place: Place) -> str:
    return f"{place.revision:0{_DIGITS}d}.{place.sequence:0{_DIGITS}d}"


def _place(sk: str) -> Place:
    revision, _, sequence = sk.partition(".")
    return Place(int(revision), int(sequence))
