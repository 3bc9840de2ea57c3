"""Which pages may use the HTTP API: those of the origins that may open the socket. Pure.

API Gateway's own CORS knows no sub-domains: a stack with `https://*.example.com` is rolled back.
"""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Final

from scorecast.domain.connections.handshake import origin_is_allowed
from scorecast.http.response import Response

METHODS: Final = ("GET", "PUT", "POST", "DELETE")
REQUEST_HEADERS: Final = ("authorization", "content-type", "idempotency-key", "if-none-match")
ANSWER_HEADERS: Final = ("etag", "retry-after")
_MAX_AGE_SECONDS: Final = 600


def headers(request_headers: Mapping[str, str], allowed: Sequence[str]) -> dict[str, str]:
    """What lets the page read the answer; nothing for a page of an origin not on the list."""
    origin = request_headers.get("origin")
    if origin is None or not origin_is_allowed(origin, patterns=allowed, required=True):
        return {}
    return {
        "Access-Control-Allow-Origin": origin if allowed else "*",
        "Access-Control-Expose-Headers": ",".join(ANSWER_HEADERS),
    }


def preflight(request_headers: Mapping[str, str], allowed: Sequence[str]) -> Response:
    """The answer to a browser that asks ahead; without headers it is a no."""
    allows = headers(request_headers, allowed)
    if allows:
        allows |= {
            "Access-Control-Allow-Methods": ",".join(METHODS),
            "Access-Control-Allow-Headers": ",".join(REQUEST_HEADERS),
            "Access-Control-Max-Age": str(_MAX_AGE_SECONDS),
        }
    return Response(body="", status=HTTPStatus.NO_CONTENT, headers=allows)


def is_preflight(method: str, request_headers: Mapping[str, str]) -> bool:
    return method == "OPTIONS" and "access-control-request-method" in request_headers
