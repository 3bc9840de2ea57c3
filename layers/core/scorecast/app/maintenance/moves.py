"""What is left to do once a tournament's move is decided: each cell does its own part by itself.

Whoever moves the tournament may be gone by then. The cell that it leaves has decided; the one that
it comes to asks that cell.
"""

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import dataclass

from scorecast.app.maintenance.departures import Departures
from scorecast.aws.cell_directory import CellDirectory
from scorecast.aws.dynamodb.moves import LeftToDo, Moves
from scorecast.aws.dynamodb.tournament_items import tournament_from
from scorecast.aws.sqs.sweep_queue import CompleteMove, SweepQueue
from scorecast.domain.matches.move import Decision, Move, Phase, decision
from scorecast.domain.matches.tournament import Tournament
from scorecast.protocol.limits import MOVE_STUCK_SECONDS
from scorecast.runtime.system import System
from scorecast.runtime.telemetry import count


@dataclass(frozen=True, slots=True)
class MoveCompletion:
    moves: Moves
    departures: Departures
    directory: CellDirectory
    sweep_queue: SweepQueue
    pool: Executor
    system: System

    def requeue(self) -> None:
        """Continue every move that is not complete here, and count histories that are not being
        copied."""
        for tournament_id in self.moves.incomplete():
            self.sweep_queue.put(CompleteMove(tournament_id))
        for tournament_id in self.moves.without_history():
            missing = self.moves.missing_history(tournament_id)
            if missing is not None and self._is_overdue(missing):
                count(HistoriesMissing=1)

    def _is_overdue(self, left: LeftToDo) -> bool:
        return self.system.now_ms() - left.since_ms > MOVE_STUCK_SECONDS * 1_000

    def complete(self, tournament_id: str) -> None:
        """Do what is left of a tournament's move; nothing while it is undecided. May be repeated.

        The tournament is read after the number of what is left, and is at least as new.
        """
        left = self.moves.left_to_do(tournament_id)
        tournament = self._decided(tournament_id)
        if left is None or tournament is None:
            return
        if tournament.move is None:
            self._release(left.number, self.moves.match_ids(tournament_id))
        elif tournament.move.phase is Phase.LEFT:
            self._depart(tournament.move, tournament_id)
        else:
            return count(MovesStuck=1) if self._is_overdue(left) else None
        return self.moves.completed(tournament_id, left.number)

    def _decided(self, tournament_id: str) -> Tournament | None:
        """The tournament after its move is decided, if it can be."""
        tournament = self._tournament(tournament_id)
        if tournament is None or tournament.move is None:
            return tournament
        if tournament.move.is_given_up(now_ms=self.system.now_ms()):
            self.moves.give_up(tournament_id, tournament.move.number)
        elif tournament.move.phase is Phase.ARRIVING:
            self._settle_arrival(tournament, tournament.move)
        return self._tournament(tournament_id)

    def _tournament(self, tournament_id: str) -> Tournament | None:
        stored = self.moves.stored(tournament_id)
        return None if stored is None else tournament_from(stored)

    def _settle_arrival(self, tournament: Tournament, move: Move) -> None:
        """Open the tournament here or turn it away, as the cell that it comes from has decided."""
        source = self.directory.endpoint(move.endpoint["http_url"], tournament.id)
        decided = Decision.UNDECIDED if source is None else decision(move.number, source)
        if decided is Decision.COMMITTED:
            self.moves.open(tournament, move.number)
        elif decided is Decision.GIVEN_UP:
            self.moves.turn_away(tournament.id, move.number)

    def _release(self, number: int, match_ids: Iterable[str]) -> None:
        """Remove the marks of moves up to this one, which has ended."""

        def release(match_id: str) -> None:
            match = self.moves.match(match_id)
            if match is not None and match.frozen_by is not None and match.frozen_by <= number:
                self.moves.release(match)

        for _ in self.pool.map(release, match_ids):
            pass

    def _depart(self, move: Move, tournament_id: str) -> None:
        match_ids = self.moves.match_ids(tournament_id)
        self.departures.begin(tournament_id, match_ids, over_seconds=move.drain_seconds)
        for _ in self.pool.map(lambda each: self.moves.unlist(each, move.number), match_ids):
            pass
