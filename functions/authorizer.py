"""Authorizer of $connect: verify the token and the origin, tell the later routes who it is."""

import hashlib
import hmac
from functools import cache
from typing import Any

from scorecast import wiring
from scorecast.aws.jwks import Verifier
from scorecast.domain.connections import handshake
from scorecast.domain.connections.identity import BadToken, Identity, to_context
from scorecast.protocol.ids import is_id
from scorecast.runtime import settings
from scorecast.runtime.telemetry import failed, log

IP_HASH_CHARACTERS = 32


class Unauthorized(Exception):
    """API Gateway answers the handshake with 401."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class Unavailable(Exception):
    """API Gateway answers the handshake with 500."""

    def __init__(self) -> None:
        super().__init__("Unavailable")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Whatever goes wrong, nobody is let in, and Lambda's own log quotes nothing of the event."""
    try:
        read = wiring.settings(settings.AuthorizerSettings)
        return authorize(event, read, wiring.verifier(read))
    except Unauthorized:
        raise
    except Exception as error:
        failed("unforeseen", error, correlation_id=context.aws_request_id)
        raise Unavailable from None


def authorize(
    event: dict[str, Any], read: settings.AuthorizerSettings, verifier: Verifier
) -> dict[str, Any]:
    if not read.allowed_origins:
        warn_of_any_origin()
    shake = handshake.read(event)
    allowed = handshake.origin_is_allowed(
        shake.origin, patterns=read.allowed_origins, required=read.require_origin
    )
    if not allowed:
        log().info("refused", extra={"reason": "origin"})
        return _policy("Deny", event["methodArn"], {})
    identity = _identity(shake, read, verifier)
    source_ip = event["requestContext"]["identity"]["sourceIp"]
    key = verifier.secrets.current(read.ip_hash_secret_arn)
    context = to_context(identity) | {"ip_hash": ip_hash(source_ip, key)}
    return _policy("Allow", event["methodArn"], context)


@cache
def warn_of_any_origin() -> None:
    """Once in a Lambda's life: pages of every site may connect with a token that they hold."""
    log().warning("AllowedOrigins is empty: pages of any origin may connect")


def _identity(
    shake: handshake.Handshake, read: settings.AuthorizerSettings, verifier: Verifier
) -> Identity:
    if shake.ticket is not None:
        verified = _ticket_holder(shake.ticket, read)
    elif shake.token is None and read.allow_anonymous:
        return Identity(user_id=None)
    else:
        verified = verifier.verify(shake.token) if shake.token else BadToken("missing")
    if isinstance(verified, BadToken):
        log().info("refused", extra={"reason": verified.reason})
        raise Unauthorized
    return verified


def _ticket_holder(ticket: str, read: settings.AuthorizerSettings) -> Identity | BadToken:
    """Only this way needs DynamoDB, and so boto3, which is imported with it."""
    if not is_id(ticket):  # they are random names, of which every one is an id
        return BadToken("ticket malformed")
    return wiring.tickets(read.connections_table).redeem(ticket)


def ip_hash(address: str, key: str) -> str:
    """A network's pseudonym: without the key nobody can try all addresses."""
    network = handshake.ip_network(address)
    return hmac.new(key.encode(), network.encode(), hashlib.sha256).hexdigest()[:IP_HASH_CHARACTERS]


def _policy(effect: str, method_arn: str, context: dict[str, str]) -> dict[str, Any]:
    """For the whole stage: the same policy is asked again for every later route."""
    api, stage = method_arn.split("/")[:2]
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": f"{api}/{stage}/*"}
    return {
        "principalId": context.get("user_id", "anonymous"),
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }
