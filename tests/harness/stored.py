"""What is in the matches table before a test begins."""

from scorecast.aws.dynamodb.match_items import new_match
from scorecast.aws.dynamodb.match_keys import pointer
from scorecast.aws.dynamodb.table import Table
from scorecast.aws.dynamodb.writes import Put
from scorecast.domain.matches.match import Match


def put_match(table: Table, match: Match) -> None:
    """A match and its place in its tournament's list, without the event of a registration."""
    table.transact(Put(new_match(match)), Put(pointer(match)))
