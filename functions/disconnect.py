"""$disconnect: release everything that a connection held, once, however often it is called."""

from typing import Any

from scorecast.app.error_boundary import websocket_route
from scorecast.runtime import settings
from scorecast.runtime.telemetry import count
from scorecast.wiring import host, tables


@websocket_route
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    registry = tables.registry(host.settings(settings.DisconnectSettings))
    context = event["requestContext"]
    released = registry.release(context["connectionId"], connected_at_ms=context.get("connectedAt"))
    count(ConnectionsReleased=int(released))
    return {"statusCode": 200}
