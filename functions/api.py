"""The HTTP API."""

from typing import Any

from scorecast import wiring
from scorecast.http import resolver
from scorecast.http.services import Services
from scorecast.runtime.settings import ApiSettings
from scorecast.runtime.telemetry import observed


@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    return resolver.resolve(event, SERVICES)


def _settings() -> ApiSettings:
    settings: ApiSettings = wiring.host.settings(ApiSettings)
    return settings


SERVICES = Services(
    settings=_settings,
    verifier=lambda: wiring.clients.verifier(_settings()),
    rate_limiter=lambda: wiring.tables.rate_limiter(_settings()),
    matches=lambda: wiring.tables.matches(_settings()),
    history=lambda: wiring.tables.history(_settings()),
    listings=lambda: wiring.tables.listings(_settings()),
    structures=lambda: wiring.tables.structures(_settings()),
    tournament_moves=lambda: wiring.reports.tournament_moves(_settings()),
    tournament_removal=lambda: wiring.tables.tournament_removal(_settings()),
    tournament_versions=lambda: wiring.tables.tournament_versions(_settings()),
    match_commands=lambda: wiring.reports.match_commands(_settings()),
    match_registration=lambda: wiring.reports.match_registration(_settings()),
    slots=lambda: wiring.tables.slots(_settings()),
    restrictions=lambda: wiring.tables.restrictions(_settings()),
    occupancy=lambda: wiring.tables.occupancy(_settings()),
    tickets=lambda: wiring.tables.tickets(_settings()),
    expected_limit=lambda: wiring.sessions.expected_limit(_settings()),
    disconnector=lambda: wiring.sessions.disconnector(_settings()),
)
