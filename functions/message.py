"""$default: one frame of a client; its answer is the route's response."""

from typing import Any

from scorecast import wiring
from scorecast.app.dispatch import Sender
from scorecast.app.error_boundary import websocket_route
from scorecast.runtime import settings
from scorecast.runtime.telemetry import log


@websocket_route
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    dispatcher = wiring.dispatcher(wiring.settings(settings.MessageSettings))
    answer = dispatcher.answer(event.get("body") or "", _speaker(event["requestContext"]))
    log().debug("answered")
    return {"statusCode": 200} if answer is None else {"statusCode": 200, "body": answer}


def _speaker(context: dict[str, Any]) -> Sender:
    return Sender(
        connection_id=context["connectionId"],
        user_id=context["authorizer"].get("user_id"),
        ip_hash=context["authorizer"]["ip_hash"],
        request_id=context["requestId"],
        received_at_ms=context["requestTimeEpoch"],
    )
