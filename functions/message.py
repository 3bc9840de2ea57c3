"""$default: one frame of a client; its answer is the route's response."""

from typing import Any

from scorecast import wiring
from scorecast.app.dispatch import Speaker
from scorecast.app.error_boundary import socket_route
from scorecast.runtime import settings
from scorecast.runtime.telemetry import log


@socket_route
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    conversation = wiring.conversation(wiring.settings(settings.Message))
    answer = conversation.answer(event.get("body") or "", _speaker(event["requestContext"]))
    log().debug("answered")
    return {"statusCode": 200} if answer is None else {"statusCode": 200, "body": answer}


def _speaker(context: dict[str, Any]) -> Speaker:
    return Speaker(
        connection_id=context["connectionId"],
        user_id=context["authorizer"].get("user_id"),
        ip_hash=context["authorizer"]["ip_hash"],
        request_id=context["requestId"],
        received_at_ms=context["requestTimeEpoch"],
    )
