"""Where the handlers are wired to an engine instead of AWS."""

from typing import Any

import botocore.endpoint
import pytest
from botocore.client import BaseClient

from scorecast import wiring
from tests.engine.calls import Counted
from tests.engine.engine import Engine
from tests.engine.timeline import TakingTurns, Timeline
from tests.examples import SECRET
from tests.integration.conftest import _PARAMETERS
from tests.integration.connections_api import ConnectionsApi

_QUEUES = {
    f"{name}_QUEUE_URL": f"https://queue.test/{name.lower()}"
    for name in ("FLUSH", "FANOUT", "SWEEP")
}
_UNBOUNDED = {
    "MESSAGES_PER_SECOND_PER_USER": "1000",
    "MESSAGE_BURST_PER_USER": "100000",
    "MESSAGES_PER_SECOND_PER_IP": "1000",
    "MESSAGE_BURST_PER_IP": "100000",
}


ENVIRONMENT = _PARAMETERS | _UNBOUNDED | _QUEUES


class _BotocoresTime:
    """botocore waits between its retries: in virtual time."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def sleep(self, seconds: float) -> None:
        self._timeline.sleep_ms(seconds * 1_000)


def keep_secrets(api: ConnectionsApi) -> None:
    """Secrets Manager is not moto's part: the same small server answers for it."""
    for arn in ("arn:jwt", "arn:ip"):
        api.secrets[arn, "AWSCURRENT"] = SECRET


def forget() -> None:
    """Make everything anew that was wired before."""
    for made in vars(wiring).values():
        if hasattr(made, "cache_clear"):
            made.cache_clear()


def wire(engine: Engine, patch: pytest.MonkeyPatch, gateway: Any = None) -> None:
    """Have the handlers' calls go to the engine's queues, its database and its gateway."""
    made = wiring.gateway.__wrapped__
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
    patch.setattr(wiring, "system", lambda: engine.timeline)
    patch.setattr(wiring, "pool", lambda: pool)
    patch.setattr(wiring, "gateway", connections)
    patch.setattr(botocore.endpoint, "time", _BotocoresTime(engine.timeline))
    patch.setattr(BaseClient, "_make_api_call", call)
    with patch.context() as while_wired:
        host = engine.environment["GATEWAY_ENDPOINT"].rpartition("/")[0]
        while_wired.setenv("AWS_ENDPOINT_URL", host)
        wiring.secrets()
