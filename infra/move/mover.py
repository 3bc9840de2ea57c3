"""The steps that bring a tournament to another cell. Each may be repeated, by another process too.

Until `commit` the tournament stays where it is if this process ends: the lease of its freeze runs
out. After `commit` it lives in the other cell, and both cells do by themselves what is left: the
other one opens it, within seconds, as soon as it has asked. It is opened from here because that is
sooner; so no signal ends the process in between, and both steps are insisted on.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import Executor
from dataclasses import dataclass
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from infra.move.cell import MATCHES_AT_ONCE, Cell
from infra.move.signals import held_back
from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.match_keys import (
    HISTORY_SK,
    MATCH_SK,
    MOVE_SK,
    TOURNAMENT_SK,
    match_pk,
    tournament_pk,
)
from scorecast.aws.dynamodb.table import Contention
from scorecast.aws.dynamodb.tournament_items import tournament_from
from scorecast.aws.sqs.sweep_queue import CompleteMove
from scorecast.domain.matches.match import Match
from scorecast.domain.matches.move import Move, Phase
from scorecast.runtime.system import System

SETTLE_SECONDS_MAX: Final = 30
"""How long pending messages may take to be published before the move is given up."""
_LOOK_AGAIN_MS: Final = 100
INSIST_SECONDS_MAX: Final = 120
"""How long a step is retried while no cell accepts anything."""
_TRY_AGAIN_MS: Final = 500
_OF_THE_CELL: Final = (TOURNAMENT_SK, MOVE_SK, HISTORY_SK)
"""Items that are not copied as they are."""


class NotMoved(Exception):
    """The tournament was not moved. The message states why."""


@dataclass(frozen=True, slots=True)
class Mover:
    source: Cell
    target: Cell
    system: System
    pool: Executor
    drain_seconds: int
    report: Callable[[str], None]

    def move(self, tournament_id: str) -> list[str]:
        """Move a tournament; the ids of its matches. Raises NotMoved."""
        begun_ms, number = self.system.now_ms(), self._number(tournament_id)
        if not self._has_left(tournament_id, number):
            self._copy_frozen(tournament_id, number)
        with held_back():
            left_ms = self.system.now_ms()
            self._insist(lambda: self._commit(tournament_id, number))
            self._insist(lambda: self._open(tournament_id, number))
            open_ms = self.system.now_ms()
        self.report(
            f"{tournament_id}: open in {self.target.name} after {open_ms - begun_ms} ms,"
            f" {open_ms - left_ms} ms of which between commit and open"
        )
        for cell in (self.source, self.target):
            cell.sweep_queue.put(CompleteMove(tournament_id))
        return self.target.moves.match_ids(tournament_id)

    def _has_left(self, tournament_id: str, number: int) -> bool:
        move = self._move_at(self.source, tournament_id)
        return move is not None and move.phase is Phase.LEFT and move.number == number

    def _number(self, tournament_id: str) -> int:
        """The number of the move to end, if it is committed, or that of this mover."""
        stored = self.source.moves.stored(tournament_id)
        if stored is None or stored.get("is_deleted"):
            raise NotMoved(f"{self.source.name} has no tournament {tournament_id}.")
        move = tournament_from(stored).move
        if move is not None and not self._may_go_on(move):
            raise NotMoved(f"{tournament_id} is {move.phase} {self.source.name} already: {move}.")
        if move is not None and move.phase is Phase.LEFT:
            return move.number
        other = self.target.moves.stored(tournament_id) or {}
        return 1 + max(int(each.get("move_number", 0)) for each in (stored, other))

    def _may_go_on(self, move: Move) -> bool:
        """Whether to take over another mover's move: the same move, or one that was given up."""
        if move.is_given_up(now_ms=self.system.now_ms()):
            return True
        return move.phase is not Phase.ARRIVING and move.endpoint == self.target.endpoint

    def _copy_frozen(self, tournament_id: str, number: int) -> None:
        """Freeze and copy; after an error, everything is as it was before."""
        source, endpoint = self.source.moves, self.target.endpoint
        if not source.begin(tournament_id, number, endpoint, drain_seconds=self.drain_seconds):
            raise NotMoved(f"{tournament_id} cannot leave: another move has begun.")
        try:
            self.report(f"{tournament_id}: frozen in {self.source.name}")
            self._copy(tournament_id, number)
        except BaseException:
            source.give_up(tournament_id, number)
            raise

    def _commit(self, tournament_id: str, number: int) -> None:
        is_committed = self.source.moves.commit(tournament_id, number)
        if not is_committed and not self._has_left(tournament_id, number):
            raise _overtaken(tournament_id)

    def _insist(self, step: Callable[[], None]) -> None:
        """Repeat an idempotent step until it succeeds."""
        deadline_ms = self.system.now_ms() + INSIST_SECONDS_MAX * 1_000
        while True:
            try:
                return step()
            except (BotoCoreError, ClientError, Contention) as error:
                if self.system.now_ms() > deadline_ms:
                    raise
                self.report(f"{error} Trying again: no cell accepts scores until this is done.")
                self.system.sleep_ms(_TRY_AGAIN_MS)

    def _renew(self, tournament_id: str, number: int) -> None:
        if not self.source.moves.renew(tournament_id, number):
            raise _overtaken(tournament_id)

    def _copy(self, tournament_id: str, number: int) -> None:
        item = self._settled_tournament(tournament_id, number)
        match_ids = self.source.moves.match_ids(tournament_id)
        self._settle(tournament_id, match_ids, number)
        taken = NotMoved(f"{self.target.name} has another tournament or match with the same id.")
        if not self.target.moves.arrive(item, number, self.source.endpoint):
            raise taken
        stale = self._stale(tournament_id, match_ids)
        if not self.target.moves.clear(tournament_id, number, stale):
            raise taken
        for items in self._partitions(tournament_id, match_ids):
            if not self.target.moves.copy(tournament_id, number, items):
                raise taken
            self._renew(tournament_id, number)

    def _settled_tournament(self, tournament_id: str, number: int) -> Item:
        """The tournament's item once none of its messages is pending."""
        deadline_ms = self.system.now_ms() + SETTLE_SECONDS_MAX * 1_000
        while True:
            item = self.source.moves.stored(tournament_id) or {}
            if "pending" not in item and "unsent" not in item:
                return item
            self._look_again(tournament_id, number, deadline_ms)

    def _settle(self, tournament_id: str, match_ids: Iterable[str], number: int) -> None:
        """Mark all matches, until none of their messages is pending."""
        deadline_ms, left = self.system.now_ms() + SETTLE_SECONDS_MAX * 1_000, list(match_ids)
        while True:
            marked = self._side_by_side(lambda each: self.source.moves.mark(each, number), left)
            left = [match.id for match in marked if match is not None and _is_pending(match)]
            if not left:
                return
            self._look_again(tournament_id, number, deadline_ms)

    def _look_again(self, tournament_id: str, number: int, deadline_ms: int) -> None:
        if self.system.now_ms() > deadline_ms:
            raise NotMoved(f"{tournament_id} still has pending messages: is `flush` running?")
        self._renew(tournament_id, number)
        self.system.sleep_ms(_LOOK_AGAIN_MS)

    def _partitions(self, tournament_id: str, match_ids: Iterable[str]) -> Iterable[list[Item]]:
        """A tournament's items except its own, then those of some matches at a time.

        A match's own item is the last of its partition and goes first: it shows whether the id is
        taken.
        """
        own = self.source.moves.items(tournament_pk(tournament_id))
        yield [item for item in own if item["sk"] not in _OF_THE_CELL]
        ids = list(match_ids)
        for start in range(0, len(ids), MATCHES_AT_ONCE):
            some = ids[start : start + MATCHES_AT_ONCE]
            found = self._side_by_side(lambda each: self.source.moves.items(match_pk(each)), some)
            yield [item for items in found for item in reversed(items)]

    def _stale(self, tournament_id: str, match_ids: Iterable[str]) -> list[tuple[str, str]]:
        """Keys of items that an earlier stay has left in the target and that no longer exist in the
        source."""
        known = set(match_ids)
        pointers = self.target.moves.pointers(tournament_id)
        gone = {id_ for id_ in pointers.values() if id_ not in known}
        return [(tournament_pk(tournament_id), sk) for sk in pointers] + [
            (match_pk(each), MATCH_SK) for each in gone
        ]

    def _open(self, tournament_id: str, number: int) -> None:
        """Open the tournament in the target, unless that has been done."""
        stored = self.target.moves.stored(tournament_id)
        move = self._move_at(self.target, tournament_id)
        if stored is not None and move is not None and move.number == number:
            self.target.moves.open(tournament_from(stored), number)

    def _move_at(self, cell: Cell, tournament_id: str) -> Move | None:
        stored = cell.moves.stored(tournament_id)
        return None if stored is None else tournament_from(stored).move

    def _side_by_side[Asked, Found](
        self, ask: Callable[[Asked], Found], each: Iterable[Asked]
    ) -> list[Found]:
        return list(self.pool.map(ask, each))


def _overtaken(tournament_id: str) -> NotMoved:
    return NotMoved(
        f"{tournament_id} is no longer moved from here: it took too long and was given up, or was"
        " started again elsewhere."
    )


def _is_pending(match: Match) -> bool:
    return match.window is not None or bool(match.unsent) or match.pending_since_ms is not None
