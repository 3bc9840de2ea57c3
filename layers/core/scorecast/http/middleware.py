"""Middleware for every route: errors, CORS, HEAD.

API Gateway's own CORS does not support sub-domains: a stack with `https://*.example.com` is rolled
back.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from http import HTTPStatus
from typing import Final

from botocore.exceptions import ClientError

from scorecast.aws.dynamodb.outcomes import NOT_APPLIED
from scorecast.aws.dynamodb.table import Contention
from scorecast.domain.connections.handshake import origin_is_allowed
from scorecast.http import problems
from scorecast.http.request import Request
from scorecast.http.response import Response
from scorecast.runtime.telemetry import correlation_id, failed

type Handler = Callable[[Request], Response]

METHODS: Final = ("GET", "PUT", "POST", "DELETE")
REQUEST_HEADERS: Final = (
    "authorization",
    "content-type",
    "idempotency-key",
    "if-match",
    "if-none-match",
)
EXPOSED_HEADERS: Final = ("etag", "retry-after")
_PREFLIGHT_SECONDS: Final = 600


def without_body_for_head(handle: Handler) -> Handler:
    def respond(request: Request) -> Response:
        response = handle(request)
        return replace(response, body="") if request.method == "HEAD" else response

    return respond


def with_errors(handle: Handler) -> Handler:
    """Answer every error as a problem, never with a stack trace."""

    def respond(request: Request) -> Response:
        try:
            return handle(request)
        except Exception as error:
            return error_response(error)

    return respond


def with_cors(handle: Handler, origins: Callable[[], Sequence[str]]) -> Handler:
    """Allow pages of the origins that may open the WebSocket to use the API as well."""

    def respond(request: Request) -> Response:
        allowed = cors_headers(request.headers, origins())
        response = _preflight(allowed) if is_preflight(request) else handle(request)
        return response.with_headers(allowed)

    return respond


def error_response(error: Exception) -> Response:
    failed("unforeseen", error)
    return problems.internal_error(correlation_id(), is_busy=_is_busy(error))


def cors_headers(headers: Mapping[str, str], allowed: Sequence[str]) -> dict[str, str]:
    """The headers that allow a page to read the response; none for a page of another origin."""
    origin = headers.get("origin")
    if origin is None or not origin_is_allowed(origin, patterns=allowed, required=True):
        return {}
    # In this case, since the local cloud sets the same two headers and compares them by case.
    return {
        "Access-Control-Allow-Origin": origin if allowed else "*",
        "Access-Control-Expose-Headers": ",".join(EXPOSED_HEADERS),
    }


def is_preflight(request: Request) -> bool:
    return request.method == "OPTIONS" and "access-control-request-method" in request.headers


def _preflight(allowed: Mapping[str, str]) -> Response:
    """204; without CORS headers the browser takes it as a refusal."""
    if not allowed:
        return Response(status=HTTPStatus.NO_CONTENT)
    headers = {
        "access-control-allow-methods": ",".join(METHODS),
        "access-control-allow-headers": ",".join(REQUEST_HEADERS),
        "access-control-max-age": str(_PREFLIGHT_SECONDS),
    }
    return Response(status=HTTPStatus.NO_CONTENT, headers=headers)


def _is_busy(error: Exception) -> bool:
    if isinstance(error, ClientError):
        return error.response["Error"]["Code"] in NOT_APPLIED
    return isinstance(error, Contention)
