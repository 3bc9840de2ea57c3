"""The reason why a handshake was refused. The HTTP API and the token reveal more than its
status."""

import base64
import json
from datetime import UTC, datetime
from typing import Any, Final

from scorecast_client.errors import ConnectRefused, RequestRefused, ScorecastError
from scorecast_client.messages import whole_number

ASK_SECONDS: Final = 5.0
EXPLAINED: Final = frozenset({401, 403, 429})
"""The statuses of `POST /tickets` that say why a socket of the same token is refused."""
UNAUTHORIZED: Final = 401
ASKED: Final = frozenset({401, 403, 429, 500})
"""In an outage a request for the reason would only delay the next attempt."""
LIMIT_STATUSES: Final = frozenset({403, 429})
LIMIT: Final = "Probably too many connections of this user or this address are open."
AUTHORIZER_STATUSES: Final = frozenset({401, 403, 500})
"""What gateways and emulators make of an authorizer's refusal. A 503 is about something else."""


async def explained(
    refused: ConnectRefused, *, token: str | None, http_url: str | None
) -> ConnectRefused:
    """The same refusal with its reason, as far as one can be found."""
    if token is None or refused.status not in ASKED:
        return refused
    answer = await _ask(http_url, token) if http_url else None
    if isinstance(answer, RequestRefused):
        sentence = f"The connection was refused: {answer.message}"
        return ConnectRefused(sentence, status=answer.status, goodbye=refused.goodbye)
    if answer is not None and refused.status in LIMIT_STATUSES:
        sentence = f"The connection was refused with {refused.status}, and the token is valid."
        return ConnectRefused(f"{sentence} {LIMIT}", status=refused.status, goodbye=refused.goodbye)
    problem = token_problem(token, now=datetime.now(UTC))
    if problem is None or refused.status not in AUTHORIZER_STATUSES:
        return refused
    return ConnectRefused(f"{refused} {problem}", status=UNAUTHORIZED, goodbye=refused.goodbye)


def token_problem(token: str, *, now: datetime) -> str | None:
    """The parts of a token that can be read without its key: whether it is one, and its expiry."""
    claims = _claims(token)
    if claims is None:
        return "The token is not a JWT."
    expires_at = whole_number(claims.get("exp"))
    if expires_at is None:
        return "The token has no claim exp."
    if expires_at <= now.timestamp():
        return f"The token expired {_age(now.timestamp() - expires_at)} ago."
    return None


async def _ask(http_url: str, token: str) -> dict[str, Any] | RequestRefused | None:
    """A ticket is issued only to a valid token; it is not used. None: no answer of the service."""
    from scorecast_client.async_publisher import AsyncPublisher  # httpx, only when refused
    from scorecast_client.retries import Retries

    retries = Retries(attempts=1)
    try:
        async with AsyncPublisher(
            http_url, token=token, timeout_seconds=ASK_SECONDS, retries=retries
        ) as publisher:
            return await publisher.ticket()
    except RequestRefused as refused:
        return refused if refused.status in EXPLAINED and refused.code else None  # a proxy has none
    except ScorecastError:
        return None


def _claims(token: str) -> dict[str, Any] | None:
    parts = token.split(".")
    if len(parts) != 3:
        return None
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    except (ValueError, RecursionError):
        return None
    return claims if isinstance(claims, dict) else None


def _age(seconds: float) -> str:
    units = (("day", 86_400), ("hour", 3600), ("minute", 60))
    unit, length = next((named for named in units if seconds >= named[1]), ("second", 1))
    number = int(seconds // length)
    return f"{number} {unit}{'' if number == 1 else 's'}"
