"""$connect: admit or refuse a connection by its user's and its IP's slots; queue its welcome."""

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scorecast import handshake
from scorecast.admission import Admitted, AlreadyClosed, Connection, LimitReached, Limits, suspects
from scorecast.aws import settings, wiring
from scorecast.aws.gateway import Gateway
from scorecast.aws.last_resort import socket_route
from scorecast.aws.registry import Registry
from scorecast.aws.telemetry import count, log
from scorecast.aws.welcomes import Greeting, Welcomes
from scorecast.identity import from_context
from scorecast.limits import GHOSTS_CHECKED_MAX


@socket_route
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    read = wiring.settings(settings.Connect)
    limits = Limits(per_user=read.connections_per_user, per_ip=read.connections_per_ip)
    return connect(
        event,
        limits,
        wiring.registry(read.connections_table),
        wiring.gateway(read.gateway_endpoint),
        wiring.welcomes(read.welcome_queue_url),
    )


def connect(
    event: dict[str, Any],
    limits: Limits,
    registry: Registry,
    gateway: Gateway,
    welcomes: Welcomes,
) -> dict[str, Any]:
    shake = handshake.read(event)
    if not handshake.ids_are_valid(shake):
        return {"statusCode": 400, "body": "match_id or tournament_id is not an id."}
    connection = _connection(event)
    match admit(connection, limits, registry, gateway):
        case LimitReached(of):
            count(**{f"ConnectionsRefusedBy{of.title()}Limit": 1})
            return {"statusCode": 429, "body": f"The connection limit of this {of} is reached."}
        case AlreadyClosed():
            return {"statusCode": 410, "body": "The connection was closed."}
        case Admitted():
            count(ConnectionsAdmitted=1)
    greeting = Greeting(connection.id, shake.match_id, shake.tournament_id)
    return _welcomed(greeting, shake, registry, welcomes)


def admit(
    newcomer: Connection, limits: Limits, registry: Registry, gateway: Gateway
) -> Admitted | AlreadyClosed | LimitReached:
    """Admit; before a refusal look whether the slots are held by connections that are gone."""
    outcome = registry.admit(newcomer, limits)
    while isinstance(outcome, LimitReached):
        if not _release_ghosts(newcomer, outcome, registry, gateway):
            return outcome
        outcome = registry.admit(newcomer, limits)
    return outcome


def _release_ghosts(
    newcomer: Connection, refusal: LimitReached, registry: Registry, gateway: Gateway
) -> bool:
    holders = registry.holders(newcomer, refusal.of)
    suspected = suspects(holders, newcomer=newcomer.id, now_ms=registry.clock.now_ms())
    gone = [one for one in suspected[:GHOSTS_CHECKED_MAX] if not gateway.is_open(one)]
    released = sum(map(registry.release, gone))
    count(GhostsReleased=released)
    return released > 0


def _welcomed(
    greeting: Greeting, shake: handshake.Handshake, registry: Registry, welcomes: Welcomes
) -> dict[str, Any]:
    """Queue the welcome and open the socket; a connection that nobody would greet is refused."""
    try:
        welcomes.send(greeting)
    except (BotoCoreError, ClientError) as error:
        log().error("welcome not sent", extra={"error": type(error).__name__})
        registry.release(greeting.connection_id)
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
