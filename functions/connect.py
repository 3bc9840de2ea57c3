"""$connect: admit or refuse a connection by its user's and its IP's slots; queue its welcome."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scorecast import wiring
from scorecast.app.admit import ConnectionAdmission
from scorecast.app.error_boundary import websocket_route
from scorecast.aws.dynamodb.connections import Registry
from scorecast.aws.sqs.welcome_queue import WelcomeQueue, WelcomeRequest
from scorecast.domain.connections import handshake
from scorecast.domain.connections.admission import AlreadyClosed, Connection, LimitReached
from scorecast.domain.connections.identity import from_context
from scorecast.runtime import settings
from scorecast.runtime.telemetry import log


@websocket_route
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    read = wiring.settings(settings.ConnectSettings)
    return connect(
        event, wiring.connection_admission(read), wiring.welcome_queue(read.welcome_queue_url)
    )


def connect(
    event: dict[str, Any], connection_admission: ConnectionAdmission, welcome_queue: WelcomeQueue
) -> dict[str, Any]:
    shake = handshake.read(event)
    if not handshake.ids_are_valid(shake):
        return {"statusCode": 400, "body": "match_id or tournament_id is not an id."}
    connection = _connection(event)
    match connection_admission.admit(connection):
        case LimitReached(of):
            return {"statusCode": 429, "body": f"The connection limit of this {of} is reached."}
        case AlreadyClosed():
            return {"statusCode": 410, "body": "The connection was closed."}
    welcome_request = WelcomeRequest(connection.id, shake.match_id, shake.tournament_id)
    return _welcomed(welcome_request, shake, connection_admission.registry, welcome_queue)


def _welcomed(
    welcome_request: WelcomeRequest,
    shake: handshake.Handshake,
    registry: Registry,
    welcome_queue: WelcomeQueue,
) -> dict[str, Any]:
    """Queue the welcome and open the socket; a connection that nobody would greet is refused."""
    try:
        welcome_queue.send(welcome_request)
    except (BotoCoreError, ClientError) as error:
        log().error("welcome not sent", extra={"error": type(error).__name__})
        registry.release(welcome_request.connection_id)
        return {"statusCode": 503, "body": "Try again."}
    if shake.sub_protocol is None:
        return {"statusCode": 200}
    return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": shake.sub_protocol}}


def _connection(event: dict[str, Any]) -> Connection:
    context = event["requestContext"]
    return Connection(
        id=context["connectionId"],
        identity=from_context(context["authorizer"]),
        ip_hash=context["authorizer"]["ip_hash"],
        connected_at_ms=context["connectedAt"],
    )
