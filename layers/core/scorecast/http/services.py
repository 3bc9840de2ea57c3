"""The parts that routes use. Each is created when a request first needs it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scorecast.domain.connections.identity import Identity
from scorecast.http.request import Request

if TYPE_CHECKING:
    from scorecast.app.disconnect import Disconnector
    from scorecast.app.expected_limit import ExpectedLimit
    from scorecast.app.moves import TournamentMoves
    from scorecast.app.register import MatchRegistration
    from scorecast.app.report import MatchCommands
    from scorecast.aws.dynamodb.history import History
    from scorecast.aws.dynamodb.listings import Listings
    from scorecast.aws.dynamodb.matches import Matches
    from scorecast.aws.dynamodb.occupancy import Occupancy
    from scorecast.aws.dynamodb.rate_limits import RateLimiter
    from scorecast.aws.dynamodb.restrictions import Restrictions
    from scorecast.aws.dynamodb.slots import Slots
    from scorecast.aws.dynamodb.structures import Structures
    from scorecast.aws.dynamodb.tickets import Tickets
    from scorecast.aws.dynamodb.tournament_removal import TournamentRemoval
    from scorecast.aws.dynamodb.tournament_versions import TournamentVersions
    from scorecast.aws.jwks import Verifier
    from scorecast.runtime.settings import ApiSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    settings: "Callable[[], ApiSettings]"
    verifier: "Callable[[], Verifier]"
    rate_limiter: "Callable[[], RateLimiter]"
    matches: "Callable[[], Matches]"
    history: "Callable[[], History]"
    listings: "Callable[[], Listings]"
    structures: "Callable[[], Structures]"
    tournament_moves: "Callable[[], TournamentMoves]"
    tournament_removal: "Callable[[], TournamentRemoval]"
    tournament_versions: "Callable[[], TournamentVersions]"
    match_commands: "Callable[[], MatchCommands]"
    match_registration: "Callable[[], MatchRegistration]"
    restrictions: "Callable[[], Restrictions]"
    occupancy: "Callable[[], Occupancy]"
    tickets: "Callable[[], Tickets]"
    expected_limit: "Callable[[], ExpectedLimit]"
    disconnector: "Callable[[], Disconnector]"
    slots: "Callable[[], Slots]"


@dataclass(frozen=True, slots=True)
class Call:
    """A request, its sender, and the services for it."""

    request: Request
    identity: Identity
    services: Services
