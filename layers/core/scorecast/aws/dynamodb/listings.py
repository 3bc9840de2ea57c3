"""Lists of matches and tournaments, a page at a time.

A tournament's matches are listed by its pointers, in the order of kick-offs. Live matches and
tournaments are listed by an index, which is eventually consistent and holds only their keys.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from scorecast.aws.dynamodb.match_items import match_from
from scorecast.aws.dynamodb.match_keys import (
    IN_PLAY,
    LISTED,
    MATCH_SK,
    POINTER_HIGH,
    POINTER_LOW,
    TOURNAMENT_SK,
    UNSCHEDULED,
    listed_as,
    listed_at,
    match_id_of,
    match_pk,
    pointer_sk,
    tournament_pk,
)
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.tournament_items import tournament_from
from scorecast.domain.matches.match import Match
from scorecast.domain.matches.tournament import Tournament
from scorecast.protocol.limits import (
    LISTED_MATCHES_MAX,
    PAGE_ITEMS_MAX,
    ROOM_DAY_MS,
)
from scorecast.runtime.system import System

_AFTER: Final = " "
"""Appended to a key, it sorts right after that key, and before every longer key with the same
prefix."""
_LAST: Final = "~"


@dataclass(frozen=True, slots=True)
class Page[Listed]:
    """A part of a list, and the key after which to continue; None at its end."""

    items: Sequence[Listed]
    last: str | None


@dataclass(frozen=True, slots=True)
class Listings:
    table: Table
    system: System

    def matches(
        self,
        tournament_id: str,
        *,
        after: str | None = None,
        begin: str | None = None,
        end: str | None = None,
        limit: int = PAGE_ITEMS_MAX,
    ) -> Page[Match]:
        """A tournament's matches by kick-off, then id, from `begin` on and before `end`."""
        low = f"{POINTER_LOW}{listed_at(begin) if begin else ''}"
        if after is not None:
            low = max(low, f"{POINTER_LOW}{after}{_AFTER}")
        high = f"{POINTER_LOW}{listed_at(end)}" if end else POINTER_HIGH
        if begin is not None and end is None:
            high = f"{POINTER_LOW}{UNSCHEDULED}"
        if low > high:
            return Page((), None)
        items = self.table.first(tournament_pk(tournament_id), low=low, high=high, limit=limit + 1)
        last = str(items[limit - 1]["sk"]).removeprefix(POINTER_LOW) if len(items) > limit else None
        return Page(self._read([match_id_of(item) for item in items[:limit]]), last)

    def in_play(
        self, tournament_id: str | None = None, *, after: str | None = None, limit: int
    ) -> Page[Match]:
        """Live, paused and disputed matches, of one tournament or of all, by tournament and id."""
        own = "" if tournament_id is None else f"{tournament_id}#"
        items = self.table.first_of_index(
            LISTED,
            "listed_as",
            IN_PLAY,
            key="listed_key",
            low=own or _AFTER if after is None else f"{after}{_AFTER}",
            high=f"{own}{_LAST}",
            limit=limit + 1,
        )
        ids = [str(item["pk"]).removeprefix("M#") for item in items[:limit]]
        last = str(items[limit - 1]["listed_key"]) if len(items) > limit else None
        return Page(sorted(self._read(ids), key=_by_tournament), last)

    def tournaments(self, state: str, *, after: str | None, limit: int) -> Page[Tournament]:
        """Tournaments of a state, by their ids."""
        items = self.table.first_of_index(
            LISTED,
            "listed_as",
            listed_as(state),
            key="listed_key",
            low=_AFTER if after is None else f"{after}{_AFTER}",
            high=_LAST,
            limit=limit + 1,
        )
        ids = [str(item["listed_key"]) for item in items[:limit]]
        found = self.table.get_all([(tournament_pk(each), TOURNAMENT_SK) for each in ids])
        stored = sorted(map(tournament_from, found), key=lambda tournament: tournament.id)
        listed = [tournament for tournament in stored if not tournament.is_deleted]
        return Page(listed, ids[-1] if len(items) > limit else None)

    def of_room(self, tournament_id: str) -> tuple[Sequence[Match], bool]:
        """The matches in the snapshot of a tournament's room, and whether these are all.

        Of a tournament with too many: the live ones, and the next ones from yesterday on.
        """
        page = self.matches(tournament_id, limit=LISTED_MATCHES_MAX)
        if page.last is None:
            return page.items, True
        playing = self.in_play(tournament_id, limit=PAGE_ITEMS_MAX).items
        near = self.matches(tournament_id, begin=self._yesterday()).items
        known = {match.id: match for match in (*near, *playing)}
        return sorted(known.values(), key=pointer_sk), False

    def is_empty(self, tournament_id: str) -> bool:
        pk = tournament_pk(tournament_id)
        return not self.table.first(pk, low=POINTER_LOW, high=POINTER_HIGH, limit=1)

    def _yesterday(self) -> str:
        at_s = (self.system.now_ms() - ROOM_DAY_MS) / 1_000
        return datetime.fromtimestamp(at_s, UTC).isoformat()

    def _read(self, ids: Sequence[str]) -> list[Match]:
        items = self.table.get_all([(match_pk(each), MATCH_SK) for each in ids])
        stored = {match.id: match for match in map(match_from, items) if not match.is_deleted}
        # one that was deleted between the two reads is no longer listed
        return [stored[each] for each in ids if each in stored]


def _by_tournament(match: Match) -> tuple[str, str]:
    return match.tournament_id, match.id
