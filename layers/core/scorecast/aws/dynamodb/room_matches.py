"""The matches that a tournament's room shows, read again only when its version has changed."""

from collections.abc import Sequence
from functools import lru_cache

from scorecast.aws.dynamodb.listings import Listings
from scorecast.aws.dynamodb.tournament_versions import TournamentVersions
from scorecast.domain.matches.match import Match
from scorecast.protocol.limits import ROOM_MATCHES_KEPT_MAX, ROOM_MATCHES_MS
from scorecast.runtime.system import System


class RoomMatches:
    """Cached in the memory of a warm function: during many joins, each reads a version but no
    list."""

    def __init__(self, listings: Listings, versions: TournamentVersions, system: System) -> None:
        self._versions = versions
        self._system = system

        @lru_cache(ROOM_MATCHES_KEPT_MAX)
        def read(
            tournament_id: str, _version: int | None, _period: int
        ) -> tuple[Sequence[Match], bool]:
            return listings.of_room(tournament_id)

        self._read = read

    def of(self, tournament_id: str) -> tuple[Sequence[Match], bool]:
        """The matches, at least as new as the version now, and whether these are all.

        A publication advances the version before it reads the room's members. So a client that has
        joined either gets that message, or reads a version that no cached list has.
        """
        # Only for a period, since live matches are listed by an index, which may lag behind the
        # version.
        period = self._system.now_ms() // ROOM_MATCHES_MS
        return self._read(tournament_id, self._versions.current(tournament_id), period)
