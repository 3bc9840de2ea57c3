"""Changes of a tournament that moves, or has moved, to another cell."""

from dataclasses import dataclass

from scorecast.aws.dynamodb.matches import Matches
from scorecast.aws.dynamodb.moves import Moves
from scorecast.domain.matches.match import Match
from scorecast.domain.matches.move import moved, unchangeable
from scorecast.domain.matches.tournament import Tournament
from scorecast.protocol.errors import Rejection
from scorecast.runtime.system import System


@dataclass(frozen=True, slots=True)
class TournamentMoves:
    matches: Matches
    moves: Moves
    system: System

    def admit_change(self, tournament: Tournament) -> Rejection | None:
        """The rejection of changes to a tournament that is moving or has moved; None if it can be
        changed here."""
        move = tournament.move
        if move is None:
            return None
        is_given_up = move.is_given_up(now_ms=self.system.now_ms())
        if is_given_up and self.moves.give_up(tournament.id, move.number):
            return None
        # If the move was committed meanwhile, the next attempt finds that.
        return unchangeable(tournament.id, move)

    def unfreeze(self, match: Match) -> Rejection | None:
        """Take off a mark that no move stands behind, so that a change can be tried again.

        A rejection if one does.
        """
        tournament = self.matches.tournament(match.tournament_id)
        rejection = None if tournament is None else self.admit_change(tournament)
        if rejection is None and match.frozen_by is not None:
            self.moves.release(match)
        return rejection

    def moved(self, match: Match) -> Rejection | None:
        """The rejection of a read of a match; it reads the tournament if that has ever moved."""
        if match.frozen_by is None:
            return None
        tournament = self.matches.tournament(match.tournament_id)
        return None if tournament is None else moved(tournament.id, tournament.move)
