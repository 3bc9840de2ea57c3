"""Where the handlers are wired to an engine instead of AWS."""

from typing import Any, Final

import pytest
from botocore.client import BaseClient

from scorecast.wiring import clients, host
from tests.harness.botocore_time import make_virtual
from tests.harness.calls import Counted
from tests.harness.engine import EngineHarness
from tests.harness.environment import PARAMETERS, RESOURCES, UNLIMITED_MESSAGES
from tests.harness.timeline import TakingTurns

ENVIRONMENT: Final = PARAMETERS | UNLIMITED_MESSAGES | RESOURCES


def wire(engine: EngineHarness, patch: pytest.MonkeyPatch, gateway: Any = None) -> None:
    """Have the handlers' calls go to the engine's queues, its database and its gateway."""
    made = clients.gateway.__wrapped__
    pool = TakingTurns(engine.timeline)
    counted: dict[str, Counted] = {}

    def connections(endpoint: str) -> Counted:
        if endpoint not in counted:
            counted[endpoint] = Counted(gateway or made(endpoint), engine.calls)
        return counted[endpoint]

    def call(client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        return engine.call(client, operation, request)

    for name, value in engine.environment.items():
        patch.setenv(name, value)
    patch.setattr(host, "system", lambda: engine.timeline)
    patch.setattr(host, "pool", lambda: pool)
    patch.setattr(clients, "gateway", connections)
    make_virtual(engine.timeline, patch)
    patch.setattr(BaseClient, "_make_api_call", call)
