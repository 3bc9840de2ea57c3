"""Events as API Gateway and SQS hand them to Lambda."""

import itertools
import json
from collections.abc import Mapping, Sequence
from typing import Any

from tests import examples

type Event = dict[str, Any]

_numbers = itertools.count(1)


def message_event(
    connection_id: str, authorizer: Mapping[str, str], body: str, *, now_ms: float
) -> Event:
    """A message of a client's; delivered again it is the very same message."""
    event = examples.event("message")
    event["requestContext"] |= {
        "connectionId": connection_id,
        "authorizer": authorizer,
        "requestId": f"request-{next(_numbers)}",
        "requestTimeEpoch": now_ms,
    }
    return event | {"body": body}


def disconnect_event(
    connection_id: str, authorizer: Mapping[str, str], *, connected_at_ms: float
) -> Event:
    event = examples.event("disconnect")
    event["requestContext"] |= {
        "connectionId": connection_id,
        "connectedAt": connected_at_ms,
        "authorizer": authorizer,
    }
    return event


def handshake_event(
    connection_id: str,
    query: Mapping[str, str],
    *,
    ip: str,
    origin: str | None = None,
    now_ms: float,
) -> Event:
    """What the authorizer gets; `connect` gets it with the authorizer's answer."""
    event = examples.event("authorizer")
    event["queryStringParameters"] = dict(query) or None
    event["headers"] = {"Host": "example"} | ({"Origin": origin} if origin else {})
    event["requestContext"] |= {
        "connectionId": connection_id,
        "connectedAt": now_ms,
        "identity": {"sourceIp": ip},
    }
    return event


def http_event(
    method: str,
    path: str,
    body: object = None,
    *,
    token: str | None,
    query: Mapping[str, str] | None = None,
    ip: str | None = None,
    **headers: str,
) -> Event:
    """A request whose body is JSON; `_` in a header's name is `-`."""
    event = examples.event("http") | {"rawPath": path, "body": json.dumps(body)}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    event["headers"] |= named | ({} if token is None else {"authorization": f"Bearer {token}"})
    event["queryStringParameters"] = query
    event["requestContext"]["http"] |= {"method": method, "path": path}
    if ip is not None:
        event["requestContext"]["http"]["sourceIp"] = ip
    return event


def sqs_event(bodies: Sequence[object]) -> Event:
    """Records in one batch, each of a message group of its own."""
    return {
        "Records": [
            {"messageId": f"record-{next(_numbers)}", "body": json.dumps(body), "attributes": {}}
            for body in bodies
        ]
    }
