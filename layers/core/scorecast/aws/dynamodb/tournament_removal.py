"""Tournaments that are hidden from lists, or deleted."""

from dataclasses import dataclass
from typing import Final

from scorecast.aws.dynamodb.listings import Listings
from scorecast.aws.dynamodb.match_keys import STAYS, TOURNAMENT_SK, listed_as, tournament_pk
from scorecast.aws.dynamodb.outcomes import Committed
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.tournament_versions import advanced
from scorecast.aws.dynamodb.writes import Update
from scorecast.domain.matches.tournament import ARCHIVED, Tournament
from scorecast.runtime.system import System

_SECONDS_PER_DAY: Final = 24 * 60 * 60
# A tournament that was changed, or is moving, is read again before it is hidden or deleted.
_AS_READ: Final = (
    "tournament_state = :read_state AND sequence_number = :read_sequence"
    f" AND attribute_not_exists(is_deleted) AND {STAYS}"
)


@dataclass(frozen=True, slots=True)
class TournamentRemoval:
    table: Table
    listings: Listings
    system: System
    log_days: int

    def archive(self, tournament: Tournament, *, is_archived: bool) -> bool:
        """Move a tournament to the list of archived ones, or back. False: read it again."""
        listed = ARCHIVED if is_archived else tournament.state
        change = self._update(
            tournament,
            "SET listed_as = :listed_as, is_archived = :archived",
            {":listed_as": listed_as(listed), ":archived": is_archived},
        )
        return isinstance(self.table.transact(change, advanced(tournament.id)), Committed)

    def delete(self, tournament: Tournament) -> bool | None:
        """Delete a tournament without matches. None: it has some. False: read it again."""
        if not self.listings.is_empty(tournament.id):
            return None
        change = self._update(
            tournament,
            "SET is_deleted = :true, expires_at = :expires_at REMOVE listed_as, listed_key",
            {":true": True, ":expires_at": self._expires_at()},
        )
        if not isinstance(self.table.transact(change, advanced(tournament.id)), Committed):
            return False
        # A match may have been registered between the two steps. A match that is registered from
        # now on finds no tournament, and is withdrawn by its own registration.
        if self.listings.is_empty(tournament.id):
            return True
        self._undelete(tournament)
        return None

    def _undelete(self, tournament: Tournament) -> None:
        listed = ARCHIVED if tournament.is_archived else tournament.state
        undelete = Update(
            tournament_pk(tournament.id),
            TOURNAMENT_SK,
            expression="SET listed_as = :listed_as, listed_key = :id REMOVE is_deleted, expires_at",
            # It may have been registered again meanwhile: then there is nothing to take back.
            condition="is_deleted = :true",
            values={":listed_as": listed_as(listed), ":id": tournament.id, ":true": True},
        )
        self.table.update(undelete)

    def _update(self, tournament: Tournament, expression: str, values: dict[str, object]) -> Update:
        read = {":read_state": tournament.state, ":read_sequence": tournament.sequence}
        return Update(
            tournament_pk(tournament.id),
            TOURNAMENT_SK,
            expression=expression,
            condition=_AS_READ,
            values=values | read,
        )

    def _expires_at(self) -> int:
        return self.system.now_ms() // 1_000 + self.log_days * _SECONDS_PER_DAY
