"""Authorizer of $connect: who connects, from which address; later routes get this as context."""

from typing import Any

from scorecast.app.authorize import Authorization, OriginNotAllowed
from scorecast.domain.connections import handshake
from scorecast.domain.connections.identity import BadToken, to_context
from scorecast.runtime import settings
from scorecast.runtime.telemetry import failed, publish_metrics
from scorecast.wiring import host, sessions


class Unauthorized(Exception):
    """API Gateway answers the handshake with 401."""

    def __init__(self) -> None:
        super().__init__("Unauthorized")


class Unavailable(Exception):
    """API Gateway answers the handshake with 500."""

    def __init__(self) -> None:
        super().__init__("Unavailable")


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Fail closed, with an error whose text, which Lambda logs, quotes nothing of the event."""
    try:
        return authorize(event, sessions.authorization(host.settings(settings.AuthorizerSettings)))
    except Unauthorized:
        raise
    except Exception as error:
        failed("unexpected", error, correlation_id=context.aws_request_id)
        raise Unavailable from None
    finally:
        publish_metrics()


def authorize(event: dict[str, Any], authorization: Authorization) -> dict[str, Any]:
    address = _address(event)
    identity = authorization.authorize(handshake.read(event), address)
    if isinstance(identity, BadToken):
        raise Unauthorized
    if isinstance(identity, OriginNotAllowed):
        return _policy("Deny", event["methodArn"], {})
    context = to_context(identity) | {"ip_hash": authorization.ip_hash(address)}
    return _policy("Allow", event["methodArn"], context)


def _address(event: object) -> str:
    """The sender's address; empty, which is not an address, for a malformed event."""
    match event:
        case {"requestContext": {"identity": {"sourceIp": str(address)}}}:
            return address
    return ""


def _policy(effect: str, method_arn: str, context: dict[str, str]) -> dict[str, Any]:
    """For the whole stage: the same policy is evaluated again for every later route."""
    api, stage = method_arn.split("/")[:2]
    statement = {"Action": "execute-api:Invoke", "Effect": effect, "Resource": f"{api}/{stage}/*"}
    return {
        "principalId": context.get("user_id", "anonymous"),
        "policyDocument": {"Version": "2012-10-17", "Statement": [statement]},
        "context": context,
    }
