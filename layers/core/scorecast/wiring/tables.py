"""The tables, and the repositories for what they store."""

from functools import cache
from typing import TYPE_CHECKING

from scorecast.runtime import settings as of
from scorecast.wiring import clients, host, queues

if TYPE_CHECKING:
    from scorecast.aws.dynamodb.connections import Connections
    from scorecast.aws.dynamodb.history import History
    from scorecast.aws.dynamodb.listings import Listings
    from scorecast.aws.dynamodb.matches import Matches
    from scorecast.aws.dynamodb.memberships import Memberships
    from scorecast.aws.dynamodb.moves import Moves
    from scorecast.aws.dynamodb.occupancy import Occupancy
    from scorecast.aws.dynamodb.rate_limits import RateLimiter
    from scorecast.aws.dynamodb.registry import Registry
    from scorecast.aws.dynamodb.restrictions import Restrictions
    from scorecast.aws.dynamodb.scores import Scores
    from scorecast.aws.dynamodb.slots import Slots
    from scorecast.aws.dynamodb.structures import Structures
    from scorecast.aws.dynamodb.table import Table
    from scorecast.aws.dynamodb.throttle_level import ThrottleLevel
    from scorecast.aws.dynamodb.tickets import Tickets
    from scorecast.aws.dynamodb.tournament_removal import TournamentRemoval
    from scorecast.aws.dynamodb.tournament_versions import TournamentVersions
    from scorecast.aws.dynamodb.undelivered import Undelivered


def _table(name: str) -> "Table":
    from scorecast.aws.dynamodb.table import Table

    return Table(name, clients.dynamodb(2), lambda: clients.dynamodb(1), host.system())


@cache
def advice(table_name: str) -> "Table":
    """A table without retries, for reads that only give advice and must not delay a score."""
    from scorecast.aws.dynamodb.table import Table

    return Table(table_name, clients.dynamodb(1), lambda: clients.dynamodb(1), host.system())


@cache
def connections_table(settings: of.ConnectionsSettings) -> "Table":
    return _table(settings.connections_table)


@cache
def matches_table(settings: of.MatchesSettings) -> "Table":
    return _table(settings.matches_table)


@cache
def occupancy(settings: of.RegistrySettings) -> "Occupancy":
    from scorecast.aws.dynamodb.occupancy import Occupancy

    return Occupancy(connections_table(settings), queues.sweep_queue(settings), host.system())


@cache
def connections(settings: of.ConnectionsSettings) -> "Connections":
    from scorecast.aws.dynamodb.connections import Connections

    return Connections(connections_table(settings), host.system())


@cache
def slots(settings: of.ConnectionsSettings) -> "Slots":
    from scorecast.aws.dynamodb.slots import Slots

    return Slots(connections_table(settings))


@cache
def registry(settings: of.RegistrySettings) -> "Registry":
    from scorecast.aws.dynamodb.registry import Registry

    return Registry(
        connections_table(settings), slots(settings), occupancy(settings), host.system()
    )


@cache
def memberships(settings: of.RegistrySettings) -> "Memberships":
    from scorecast.aws.dynamodb.memberships import Memberships

    return Memberships(connections_table(settings), occupancy(settings), host.system())


@cache
def restrictions(settings: of.ConnectionsSettings) -> "Restrictions":
    from scorecast.aws.dynamodb.restrictions import Restrictions

    return Restrictions(connections_table(settings), host.system())


@cache
def undelivered(settings: of.ConnectionsSettings) -> "Undelivered":
    from scorecast.aws.dynamodb.undelivered import Undelivered

    return Undelivered(connections_table(settings), host.system())


@cache
def tickets(settings: of.ConnectionsSettings) -> "Tickets":
    from scorecast.aws.dynamodb.tickets import Tickets

    return Tickets(connections_table(settings), host.system())


@cache
def rate_limiter(settings: of.ConnectionsSettings) -> "RateLimiter":
    from scorecast.aws.dynamodb.rate_limits import RateLimiter

    return RateLimiter(connections_table(settings), host.system())


@cache
def matches(settings: of.MatchesSettings) -> "Matches":
    from scorecast.aws.dynamodb.matches import Matches

    return Matches(matches_table(settings), host.system())


@cache
def listings(settings: of.MatchesSettings) -> "Listings":
    from scorecast.aws.dynamodb.listings import Listings

    return Listings(matches_table(settings), host.system())


@cache
def tournament_removal(settings: of.MatchCommandsSettings) -> "TournamentRemoval":
    from scorecast.aws.dynamodb.tournament_removal import TournamentRemoval

    return TournamentRemoval(
        matches_table(settings), listings(settings), host.system(), settings.event_log_days
    )


@cache
def moves(settings: of.MatchesSettings) -> "Moves":
    from scorecast.aws.dynamodb.moves import Moves

    return Moves(matches_table(settings), host.system())


@cache
def structures(settings: of.MatchesSettings) -> "Structures":
    from scorecast.aws.dynamodb.structures import Structures

    return Structures(matches_table(settings))


@cache
def tournament_versions(settings: of.MatchesSettings) -> "TournamentVersions":
    from scorecast.aws.dynamodb.tournament_versions import TournamentVersions

    return TournamentVersions(matches_table(settings))


@cache
def scores(settings: of.MatchesSettings) -> "Scores":
    from scorecast.aws.dynamodb.scores import Scores

    return Scores(matches_table(settings), host.system())


@cache
def throttle_level(settings: of.MatchesSettings) -> "ThrottleLevel":
    from scorecast.aws.dynamodb.throttle_level import ThrottleLevel

    return ThrottleLevel(advice(settings.matches_table), host.system())


@cache
def history(settings: of.HistoryTableSettings) -> "History":
    from scorecast.aws.dynamodb.history import History

    return History(_table(settings.history_table), host.system())
