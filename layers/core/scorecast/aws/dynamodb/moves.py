"""The steps of a tournament's move between cells, each one conditional write.

The tournament's item decides: every step of a move is on condition of the move's number and phase.
A second item lists the move until the cell has done its part, and a third one lists an arrived
tournament until its history has been copied. Its matches carry a mark (`frozen_by`) that closes
them to writes that read the tournament before. A mark is void if the tournament's item has no move
for it; a function that finds such a mark removes it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.match_items import match_from
from scorecast.aws.dynamodb.match_keys import (
    HISTORY_SK,
    INCOMPLETE_MOVES,
    LISTED,
    MATCH_SK,
    MISSING_HISTORIES,
    MOVE_SK,
    POINTER_HIGH,
    POINTER_LOW,
    TOURNAMENT_SK,
    listed_as,
    listed_match,
    match_id_of,
    match_pk,
    tournament_pk,
)
from scorecast.aws.dynamodb.outcomes import Committed, Written
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.tournament_versions import advanced
from scorecast.aws.dynamodb.writes import Action, Delete, Put, Update
from scorecast.domain.matches.match import Match
from scorecast.domain.matches.move import Phase
from scorecast.domain.matches.tournament import ARCHIVED, Tournament
from scorecast.protocol.cells import Endpoint
from scorecast.protocol.limits import MOVE_ITEMS_MAX, MOVE_LEASE_SECONDS
from scorecast.protocol.states import SCORING
from scorecast.runtime.system import System

# Each step is valid only for the move that it belongs to: a mover that wakes up late changes
# nothing.
_IN_PHASE: Final = "move_phase = :phase AND move_number = :number"
_NEWER: Final = "attribute_not_exists(move_number) OR move_number < :number"
_REMOVE_MOVE: Final = (
    "REMOVE move_phase, move_socket_url, move_http_url, move_lease_until_ms, move_drain_seconds"
)
_LISTING: Final = ("listed_as", "listed_key")
_OF_THE_CELL: Final = frozenset(
    {*_LISTING, "pending", "pending_since_ms", "move_phase", "move_socket_url", "move_http_url"}
    | {"move_lease_until_ms", "move_drain_seconds", "frozen_by", "copied_by"}
)
"""Attributes that belong to the cell that an item is in; they are not copied."""
# A tournament may return to a cell that it has left, and a move may be continued by a later mover.
_MAY_ARRIVE: Final = (
    "attribute_not_exists(pk) OR move_phase = :left AND move_number < :number"
    " OR move_phase = :arriving AND move_number <= :number"
)
# A match of another tournament, or one that is not part of a move, keeps its id.
_MAY_BE_REPLACED: Final = (
    "attribute_not_exists(pk) OR tournament_id = :tournament AND frozen_by <= :number"
)


_LISTS: Final = {MOVE_SK: INCOMPLETE_MOVES, HISTORY_SK: MISSING_HISTORIES}
"""The lists of the items that record remaining work of a tournament."""


@dataclass(frozen=True, slots=True)
class LeftToDo:
    """The number of a move with remaining work in a cell, and since when."""

    number: int
    since_ms: int


@dataclass(frozen=True, slots=True)
class Moves:
    table: Table
    system: System

    # In the old cell

    def begin(
        self, tournament_id: str, number: int, endpoint: Endpoint, *, drain_seconds: int
    ) -> bool:
        """From now on the tournament accepts nothing, as long as the lease is renewed.

        The number is this mover's alone. A mover that was at work before goes no further, as its
        number is lower. False: there is no such tournament, or a mover with this number or a
        higher one.
        """
        values = self._values(number, Phase.LEAVING) | {
            ":socket_url": endpoint["socket_url"],
            ":http_url": endpoint["http_url"],
            ":drain": drain_seconds,
            ":until": self._lease_until_ms(),
        }
        begun = self._of_tournament(
            tournament_id,
            "SET move_number = :number, move_phase = :phase, move_socket_url = :socket_url,"
            " move_http_url = :http_url, move_drain_seconds = :drain, move_lease_until_ms = :until",
            # A higher number fences off every earlier mover: its later writes fail.
            "attribute_exists(pk) AND attribute_not_exists(is_deleted)"
            f" AND (attribute_not_exists(move_phase) OR move_phase = :phase) AND ({_NEWER})",
            values,
        )
        listed = self._list(tournament_id, MOVE_SK, number)
        return isinstance(self.table.transact(begun, listed), Committed)

    def renew(self, tournament_id: str, number: int) -> bool:
        """Renew the lease. False: the move was given up, or another mover has taken it over."""
        renewed = self._of_tournament(
            tournament_id,
            "SET move_lease_until_ms = :until",
            _IN_PHASE,
            self._values(number, Phase.LEAVING) | {":until": self._lease_until_ms()},
        )
        return isinstance(self.table.update(renewed), Written)

    def _lease_until_ms(self) -> int:
        return self.system.now_ms() + MOVE_LEASE_SECONDS * 1_000

    def give_up(self, tournament_id: str, number: int) -> bool:
        """End a move before it is committed: the tournament stays. False: there is no such move."""
        outcome = self.table.update(
            self._of_tournament(
                tournament_id, _REMOVE_MOVE, _IN_PHASE, self._values(number, Phase.LEAVING)
            )
        )
        return isinstance(outcome, Written)

    def mark(self, match_id: str, number: int) -> Match | None:
        """Close a match to what has read its tournament before; as it is then. None: no such match.

        What is pending is still published, so look again until nothing is.
        """
        outcome = self.table.update(
            Update(
                match_pk(match_id),
                MATCH_SK,
                expression="SET frozen_by = :number",
                # A mover that was presumed dead must not replace the mark of a later one.
                condition="attribute_exists(pk)"
                " AND (attribute_not_exists(frozen_by) OR frozen_by <= :number)",
                values={":number": number},
            )
        )
        return match_from(outcome.item) if isinstance(outcome, Written) else None

    def commit(self, tournament_id: str, number: int) -> bool:
        """Hand the tournament over to the other cell. This single write decides; False: it
        stays."""
        left = self._of_tournament(
            tournament_id,
            "SET move_phase = :left REMOVE listed_as, listed_key, move_lease_until_ms",
            _IN_PHASE,
            self._values(number, Phase.LEAVING) | {":left": Phase.LEFT},
        )
        return isinstance(self.table.transact(left, advanced(tournament_id)), Committed)

    def unlist(self, match_id: str, number: int) -> None:
        """Remove a match that has left from the list of live matches."""
        self.table.update(
            Update(
                match_pk(match_id),
                MATCH_SK,
                expression="REMOVE listed_as, listed_key",
                # A later move, or a return, has another number, and lists the match itself.
                condition="frozen_by = :number",
                values={":number": number},
            )
        )

    # In the new cell

    def arrive(self, tournament: Item, number: int, source: Endpoint) -> bool:
        """Store the tournament's own item, not yet open. False: the id is taken here.

        `source` is the cell that it leaves, which can be asked what has become of the move.
        """
        item = _copied(tournament) | {
            "move_number": number,
            "move_phase": Phase.ARRIVING,
            "move_socket_url": source["socket_url"],
            "move_http_url": source["http_url"],
        }
        values: Item = {
            ":number": number,
            ":left": Phase.LEFT,
            ":arriving": Phase.ARRIVING,
        }
        listed = [self._list(_tournament_id_of(tournament), sk, number) for sk in _LISTS]
        return isinstance(self.table.transact(Put(item, _MAY_ARRIVE, values), *listed), Committed)

    def copy(self, tournament_id: str, number: int, items: Sequence[Item]) -> bool:
        """Store items of an arriving tournament. False: it is not arriving, or an id is taken
        here."""
        return all(
            isinstance(self.table.transact(*actions), Committed)
            for actions in self._copies(tournament_id, number, items)
        )

    def _copies(
        self, tournament_id: str, number: int, items: Sequence[Item]
    ) -> Iterator[list[Action]]:
        check = self._check(tournament_id, number)
        puts = [_copy(item, tournament_id, number) for item in items]
        for start in range(0, len(puts), MOVE_ITEMS_MAX):
            yield [check, *puts[start : start + MOVE_ITEMS_MAX]]

    def _check(self, tournament_id: str, number: int) -> Update:
        """Whether the tournament still arrives, as part of a transaction.

        A mover that was taken for dead may wake up: it changes nothing once this cell is open.
        """
        return self._of_tournament(
            tournament_id,
            "SET move_number = :number",
            _IN_PHASE,
            self._values(number, Phase.ARRIVING),
        )

    def clear(self, tournament_id: str, number: int, keys: Sequence[tuple[str, str]]) -> bool:
        """Delete items that an earlier stay has left here. False: the tournament is not
        arriving."""
        check = self._check(tournament_id, number)
        return all(
            isinstance(
                self.table.transact(
                    check, *(Delete(*key) for key in keys[start : start + MOVE_ITEMS_MAX])
                ),
                Committed,
            )
            for start in range(0, len(keys), MOVE_ITEMS_MAX)
        )

    def open(self, tournament: Tournament, number: int) -> bool:
        """Open the tournament here. To be called only after `commit` in the other cell."""
        listed = ARCHIVED if tournament.is_archived else tournament.state
        here = self._of_tournament(
            tournament.id,
            f"SET listed_as = :listed_as, listed_key = :id {_REMOVE_MOVE}",
            _IN_PHASE,
            self._values(number, Phase.ARRIVING)
            | {":listed_as": listed_as(listed), ":id": tournament.id},
        )
        return isinstance(self.table.transact(here, advanced(tournament.id)), Committed)

    def turn_away(self, tournament_id: str, number: int) -> bool:
        """Refer to the old cell, where the tournament stays. To be called only after `give_up`
        there."""
        away = self._of_tournament(
            tournament_id,
            "SET move_phase = :left",
            _IN_PHASE,
            self._values(number, Phase.ARRIVING) | {":left": Phase.LEFT},
        )
        histories = self._delist(tournament_id, HISTORY_SK, number)
        return isinstance(self.table.transact(away, histories), Committed)

    def history_copied(self, tournament_id: str, number: int) -> None:
        self.table.update(self._delist(tournament_id, HISTORY_SK, number))

    # In both cells

    def incomplete(self) -> list[str]:
        """The tournaments with a move that is not complete in this cell; some seconds late."""
        return self._listed(MOVE_SK)

    def without_history(self) -> list[str]:
        """The tournaments whose histories have not been copied to this cell; some seconds late."""
        return self._listed(HISTORY_SK)

    def _listed(self, sk: str) -> list[str]:
        pages = self.table.query_index(LISTED, "listed_as", _LISTS[sk])
        return [str(item["listed_key"]) for page in pages for item in page]

    def left_to_do(self, tournament_id: str) -> LeftToDo | None:
        return self._left(tournament_id, MOVE_SK)

    def missing_history(self, tournament_id: str) -> LeftToDo | None:
        return self._left(tournament_id, HISTORY_SK)

    def _left(self, tournament_id: str, sk: str) -> LeftToDo | None:
        item = self.table.get(tournament_pk(tournament_id), sk)
        if item is None or "listed_as" not in item:
            return None
        return LeftToDo(int(item["move_number"]), int(item["since_ms"]))

    def completed(self, tournament_id: str, number: int) -> None:
        """Record that this cell has done its part of a move, though perhaps not of a later one."""
        self.table.update(self._delist(tournament_id, MOVE_SK, number))

    def _list(self, tournament_id: str, sk: str, number: int) -> Update:
        """List remaining work, as part of the transaction that begins a move here."""
        return Update(
            tournament_pk(tournament_id),
            sk,
            expression="SET move_number = :number, since_ms = :now, listed_as = :listed_as,"
            " listed_key = :id",
            condition="",
            values={
                ":number": number,
                ":now": self.system.now_ms(),
                ":listed_as": _LISTS[sk],
                ":id": tournament_id,
            },
        )

    def _delist(self, tournament_id: str, sk: str, number: int) -> Update:
        return Update(
            tournament_pk(tournament_id),
            sk,
            expression="REMOVE listed_as, listed_key",
            # A later move may have begun meanwhile, which must stay listed.
            condition="move_number = :number",
            values={":number": number},
        )

    def release(self, match: Match) -> None:
        """Remove a mark that has no move, and list the match if it is live."""
        listed = listed_match(match) if match.state in SCORING else {}
        sets = ", ".join(f"{name} = :{name}" for name in listed)
        self.table.update(
            Update(
                match_pk(match.id),
                MATCH_SK,
                expression=f"{f'SET {sets} ' if sets else ''}REMOVE frozen_by",
                # A mover may have marked it again meanwhile, with a higher number.
                condition="frozen_by = :number",
                values={":number": match.frozen_by}
                | {f":{name}": value for name, value in listed.items()},
            )
        )

    def stored(self, tournament_id: str) -> Item | None:
        """The tournament's item, in any phase."""
        return self.table.get(tournament_pk(tournament_id), TOURNAMENT_SK)

    def match(self, match_id: str) -> Match | None:
        item = self.table.get(match_pk(match_id), MATCH_SK)
        return match_from(item) if item else None

    def match_ids(self, tournament_id: str) -> list[str]:
        return list(self.pointers(tournament_id).values())

    def pointers(self, tournament_id: str) -> dict[str, str]:
        """The sort keys that list a tournament's matches, and the matches' ids."""
        pages = self.table.query(tournament_pk(tournament_id), low=POINTER_LOW, high=POINTER_HIGH)
        return {str(item["sk"]): match_id_of(item) for page in pages for item in page}

    def items(self, pk: str) -> list[Item]:
        """Everything in a partition."""
        return [item for page in self.table.query(pk) for item in page]

    def _of_tournament(
        self, tournament_id: str, expression: str, condition: str, values: Item
    ) -> Update:
        return Update(
            tournament_pk(tournament_id),
            TOURNAMENT_SK,
            expression=expression,
            condition=condition,
            values=values,
        )

    def _values(self, number: int, phase: Phase) -> Item:
        return {":number": number, ":phase": phase}


def _tournament_id_of(item: Item) -> str:
    return str(item["pk"]).removeprefix(tournament_pk(""))


def _copied(item: Item) -> Item:
    return {name: value for name, value in item.items() if name not in _OF_THE_CELL}


def _copy(item: Item, tournament_id: str, number: int) -> Put:
    """An item in its new cell. A match replaces only a copy that an earlier move has left there."""
    if item["sk"] != MATCH_SK or not item["pk"].startswith(match_pk("")):
        return Put(_copied(item) | {"copied_by": number}, condition="")
    values = {":tournament": tournament_id, ":number": number}
    return Put(_copied(item) | {"frozen_by": number}, _MAY_BE_REPLACED, values)
