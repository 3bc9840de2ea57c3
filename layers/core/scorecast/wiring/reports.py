"""Use cases of a match: registration, reports, the move of its tournament."""

from functools import cache
from typing import TYPE_CHECKING

from scorecast.runtime import settings as of
from scorecast.wiring import host, queues, tables

if TYPE_CHECKING:
    from scorecast.app.moves import TournamentMoves
    from scorecast.app.register import MatchRegistration
    from scorecast.app.report import MatchCommands


@cache
def match_commands(settings: of.MatchCommandsSettings) -> "MatchCommands":
    from scorecast.app.report import MatchCommands
    from scorecast.aws.dynamodb.idempotency import StoredReplies

    return MatchCommands(
        tables.matches(settings),
        tables.listings(settings),
        tables.scores(settings),
        StoredReplies(tables.matches_table(settings), host.system()),
        tournament_moves(settings),
        queues.flush_queue(settings),
        host.system(),
        settings.event_log_days,
    )


@cache
def tournament_moves(settings: of.MatchesSettings) -> "TournamentMoves":
    from scorecast.app.moves import TournamentMoves

    return TournamentMoves(
        tables.matches(settings),
        tables.moves(settings),
        host.system(),
    )


@cache
def match_registration(settings: of.MatchCommandsSettings) -> "MatchRegistration":
    from scorecast.app.register import MatchRegistration
    from scorecast.aws.dynamodb.registrations import Registrations

    return MatchRegistration(
        tables.matches(settings),
        Registrations(tables.matches_table(settings), host.system(), settings.event_log_days),
        tournament_moves(settings),
        tables.tournament_versions(settings),
        queues.flush_queue(settings),
        host.system(),
    )
