"""$connect: admit a connection if its user and its address have a slot; queue its welcome."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.app.admit import ConnectionAdmission
from scorecast.app.error_boundary import websocket_route
from scorecast.aws.sqs.welcome_queue import WelcomeQueue, WelcomeRequest
from scorecast.domain.connections import handshake as handshakes
from scorecast.domain.connections.admission import (
    AlreadyClosed,
    Connection,
    LimitReached,
    TooManyHandshakes,
)
from scorecast.domain.connections.identity import from_context
from scorecast.domain.connections.restriction import Restriction
from scorecast.domain.rooms import room_of
from scorecast.runtime import settings
from scorecast.runtime.telemetry import log
from scorecast.wiring import host, queues, sessions

type Response = dict[str, Any]


@websocket_route
def handler(event: dict[str, Any], _context: object) -> Response:
    own = host.settings(settings.ConnectSettings)
    return connect(event, sessions.connection_admission(own), queues.welcome_queue(own))


def connect(
    event: dict[str, Any], admission: ConnectionAdmission, welcome_queue: WelcomeQueue
) -> Response:
    handshake = handshakes.read(event)
    if not handshakes.ids_are_valid(handshake):
        return {"statusCode": 400, "body": "match_id or tournament_id is not an id."}
    connection = _connection(event)
    match admission.admit(connection, room_of(handshake.match_id, handshake.tournament_id)):
        case Restriction.REVOKED:
            return {"statusCode": 401, "body": "The token was revoked."}
        case Restriction.DENIED:
            return {"statusCode": 403, "body": "Not allowed."}
        case TooManyHandshakes(retry_after_ms):
            retry_after = {"Retry-After": str(-(-retry_after_ms // 1_000))}
            return {"statusCode": 429, "headers": retry_after, "body": "Too many connections."}
        case LimitReached(of):
            return {"statusCode": 429, "body": f"The connection limit of this {of} is reached."}
        case AlreadyClosed():
            return {"statusCode": 410, "body": "The connection was closed."}
    try:
        welcome_queue.send(
            WelcomeRequest(connection.id, handshake.match_id, handshake.tournament_id)
        )
    except (BotoCoreError, ClientError) as error:
        # Refuse: a connection that is open but never welcomed would wait until its time-out.
        log().error("welcome request not sent", extra={"error": type(error).__name__})
        admission.registry.release(connection.id)
        return {"statusCode": 503, "body": "Try again."}
    if handshake.sub_protocol is None:
        return {"statusCode": 200}
    return {"statusCode": 200, "headers": {"Sec-WebSocket-Protocol": handshake.sub_protocol}}


def _connection(event: dict[str, Any]) -> Connection:
    context = event["requestContext"]
    return Connection(
        id=context["connectionId"],
        identity=from_context(context["authorizer"]),
        ip_hash=context["authorizer"]["ip_hash"],
        connected_at_ms=context["connectedAt"],
    )
