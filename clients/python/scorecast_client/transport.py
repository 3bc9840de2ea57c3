"""What httpx makes of a request: shared by both publishers."""

import random
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, Final

import httpx

from scorecast_client.exchange import (
    Answers,
    Exchange,
    Failure,
    PublishError,
    Request,
    Response,
    Retries,
)

Token = str | Callable[[], str]
TOKEN: Final = re.compile(r"[!-~]+")
NOTHING_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
FAILURES: Final = (httpx.TransportError, httpx.DecodingError, httpx.TooManyRedirects)


def address(url: str) -> httpx.URL:
    try:
        found = httpx.URL(url)
    except httpx.InvalidURL as fault:
        raise PublishError(f"{url!r} is no address: {fault}.") from fault
    if found.scheme not in ("http", "https") or not re.fullmatch(r"[^%\s]+", found.host):
        raise PublishError(f"{url!r} is no address: it must be like https://host/path.")
    return found


def exchange(request: Request, answers: Answers, retries: Retries) -> Exchange:
    return Exchange(
        request, answers, retries=retries, random=random.random, now=lambda: datetime.now(UTC)
    )


def built(
    http: httpx.Client | httpx.AsyncClient, exchanged: Exchange, token: Token
) -> httpx.Request:
    """The request as it goes out. Raises PublishError if it cannot be written down."""
    shown = token() if callable(token) else token
    if not TOKEN.fullmatch(shown):
        raise PublishError("The token holds characters that no token has.")
    headers: Mapping[str, str] = {"Authorization": f"Bearer {shown}", **exchanged.headers}
    request = exchanged.request
    try:
        body: Any = request.body
        return http.build_request(request.method, request.path, json=body, headers=headers)
    except (httpx.InvalidURL, ValueError, TypeError) as fault:
        raise PublishError(f"{request} cannot be sent: {fault}.") from fault


def received(response: httpx.Response) -> Response:
    return Response(response.status_code, response.headers, response.content)


def failed(http: httpx.Client | httpx.AsyncClient, fault: Exception) -> Failure:
    reason = str(fault).rstrip(".") or type(fault).__name__
    sent = not isinstance(fault, (*NOTHING_SENT, httpx.UnsupportedProtocol))
    return Failure(f"{http.base_url} does not answer: {reason}.", sent)
