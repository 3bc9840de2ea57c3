"""What is in the matches table before a test begins."""

from scorecast.aws.dynamodb.match_items import new_match, pointer
from scorecast.aws.dynamodb.table import Put, Table
from scorecast.domain.matches.match import Match


def put_match(table: Table, match: Match) -> None:
    """A match and its place in its tournament's list, without the event of a registration."""
    table.transact(Put(new_match(match)), Put(pointer(match)))
