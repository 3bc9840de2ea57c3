"""The HTTP API."""

from typing import Any

from scorecast.http import resolver
from scorecast.http.services import Services
from scorecast.runtime.settings import ApiSettings
from scorecast.runtime.telemetry import observed
from scorecast.wiring import clients, host, reports, sessions, tables


@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    return resolver.resolve(event, SERVICES)


def _settings() -> ApiSettings:
    settings: ApiSettings = host.settings(ApiSettings)
    return settings


SERVICES = Services(
    settings=_settings,
    verifier=lambda: clients.verifier(_settings()),
    rate_limiter=lambda: tables.rate_limiter(_settings()),
    matches=lambda: tables.matches(_settings()),
    history=lambda: tables.history(_settings()),
    listings=lambda: tables.listings(_settings()),
    structures=lambda: tables.structures(_settings()),
    tournament_moves=lambda: reports.tournament_moves(_settings()),
    tournament_removal=lambda: tables.tournament_removal(_settings()),
    tournament_versions=lambda: tables.tournament_versions(_settings()),
    match_commands=lambda: reports.match_commands(_settings()),
    match_registration=lambda: reports.match_registration(_settings()),
    slots=lambda: tables.slots(_settings()),
    restrictions=lambda: tables.restrictions(_settings()),
    occupancy=lambda: tables.occupancy(_settings()),
    tickets=lambda: tables.tickets(_settings()),
    expected_limit=lambda: sessions.expected_limit(_settings()),
    disconnector=lambda: sessions.disconnector(_settings()),
)
