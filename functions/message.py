"""$default: one message of a client; the reply is the route's response."""

from typing import Any

from scorecast.app.error_boundary import websocket_route
from scorecast.app.session_checks import Sender
from scorecast.runtime import settings
from scorecast.runtime.telemetry import log
from scorecast.wiring import host, sessions


@websocket_route
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    dispatcher = sessions.dispatcher(host.settings(settings.MessageSettings))
    reply = dispatcher.dispatch(event.get("body") or "", _sender(event["requestContext"]))
    log().debug("dispatched")
    return {"statusCode": 200} if reply is None else {"statusCode": 200, "body": reply}


def _sender(context: dict[str, Any]) -> Sender:
    return Sender(
        connection_id=context["connectionId"],
        user_id=context["authorizer"].get("user_id"),
        ip_hash=context["authorizer"]["ip_hash"],
        request_id=context["requestId"],
        received_at_ms=context["requestTimeEpoch"],
    )
