"""A number for each tournament that changes with everything in its snapshot, matches included.

It is an item of its own, so that one small read shows whether a client's copy is still current,
and so that the scores of many matches do not rewrite the tournament's item.
"""

from dataclasses import dataclass

from scorecast.aws.dynamodb.match_keys import tournament_pk
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.writes import Update
from scorecast.protocol.limits import CONTENTION_MS_MAX, VERSION_MS_MAX

_SK = "V"


@dataclass(frozen=True, slots=True)
class TournamentVersions:
    table: Table

    def current(self, tournament_id: str) -> int | None:
        """Read it before the snapshot, which is then at least as new as the version."""
        item = self.table.get(tournament_pk(tournament_id), _SK)
        return None if item is None else int(item["version"])

    def advance(self, tournament_id: str, *, once: bool = False) -> None:
        """After a change, and not in its transaction: the matches of a tournament would conflict.

        A caller repeats it until it has worked, so no change goes unseen. With `once` it soon gives
        up, for one whose posts wait.
        """
        within_ms = VERSION_MS_MAX if once else CONTENTION_MS_MAX
        self.table.update(advanced(tournament_id), once=once, within_ms=within_ms)


def advanced(tournament_id: str, *, current: int | None = None) -> Update:
    """The next version, on condition that the current one is as expected if that is given."""
    expected = {} if current is None else {":current": current}
    return Update(
        tournament_pk(tournament_id),
        _SK,
        expression="ADD version :one",
        # `If-Match` on a tournament: the version changes with everything in its snapshot.
        condition="version = :current" if expected else "",
        values={":one": 1, **expected},
    )
