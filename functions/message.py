"""$default: one frame of a client; its answer is the route's response."""

from typing import Any

from scorecast import protocol
from scorecast.aws import settings, wiring
from scorecast.aws.conversation import Speaker
from scorecast.aws.gateway import Gateway
from scorecast.aws.last_resort import socket_route
from scorecast.aws.telemetry import count, log
from scorecast.errors import Code, Goodbye, Refused
from scorecast.identity import from_context


@socket_route
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    read = wiring.settings(settings.Message)
    context, frame = event["requestContext"], event.get("body") or ""
    if len(frame.encode(errors="surrogatepass")) > read.message_bytes_max:
        show_out(context["connectionId"], wiring.gateway(read.gateway_endpoint))
        return {"statusCode": 200}
    answer = wiring.conversation(read).answer(
        frame,
        _speaker(context),
        request_id=context["requestId"],
        received_at_ms=context["requestTimeEpoch"],
    )
    log().debug("answered")
    return {"statusCode": 200} if answer is None else {"statusCode": 200, "body": answer}


def show_out(connection_id: str, gateway: Gateway) -> None:
    """An oversized frame ends its connection: a client that sends one will send it again."""
    count(FramesTooLarge=1)
    refused = Refused(Code.PAYLOAD_TOO_LARGE, "The frame is too large.")
    gateway.post(connection_id, protocol.error(refused).encode())
    gateway.post(connection_id, protocol.goodbye(Goodbye.PAYLOAD_TOO_LARGE).encode())
    gateway.close(connection_id)


def _speaker(context: dict[str, Any]) -> Speaker:
    return Speaker(
        connection_id=context["connectionId"],
        identity=from_context(context["authorizer"]),
        ip_hash=context["authorizer"]["ip_hash"],
    )
