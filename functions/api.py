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
    settings: ApiSettings = wiring.settings(ApiSettings)
    return settings


SERVICES = Services(
    settings=_settings,
    verifier=lambda: wiring.verifier(_settings()),
    rate_limiter=lambda: wiring.rate_limiter(_settings()),
    matches=lambda: wiring.matches(_settings()),
    history=lambda: wiring.history(_settings()),
    listings=lambda: wiring.listings(_settings()),
    structures=lambda: wiring.structures(_settings()),
    tournament_moves=lambda: wiring.tournament_moves(_settings()),
    tournament_removal=lambda: wiring.tournament_removal(_settings()),
    tournament_versions=lambda: wiring.tournament_versions(_settings()),
    match_commands=lambda: wiring.match_commands(_settings()),
    match_registration=lambda: wiring.match_registration(_settings()),
    slots=lambda: wiring.slots(_settings()),
    restrictions=lambda: wiring.restrictions(_settings()),
    occupancy=lambda: wiring.occupancy(_settings()),
    tickets=lambda: wiring.tickets(_settings()),
    expected_limit=lambda: wiring.expected_limit(_settings()),
    disconnector=lambda: wiring.disconnector(_settings()),
)
