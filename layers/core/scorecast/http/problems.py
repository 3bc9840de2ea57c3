"""Errors over HTTP: `application/problem+json` (RFC 9457) with the codes of the WebSocket."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Final

from scorecast.domain.connections.identity import BadToken
from scorecast.http.response import Response
from scorecast.protocol.errors import TICKET_CODES, Code, Json, Rejection
from scorecast.protocol.limits import REFUSAL_BYTES_MAX
from scorecast.protocol.strict_json import compact


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpRejection(Rejection):
    """A rejection with a status that its code does not have elsewhere."""

    status: HTTPStatus


CONTENT_TYPE: Final = "application/problem+json"

STATUS: Final[dict[Code, HTTPStatus]] = {
    Code.INVALID_JSON: HTTPStatus.BAD_REQUEST,
    Code.INVALID_SCHEMA: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.UNSUPPORTED_MESSAGE_TYPE: HTTPStatus.UNPROCESSABLE_ENTITY,
    Code.PAYLOAD_TOO_LARGE: HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
    Code.MESSAGE_RATE_LIMIT_EXCEEDED: HTTPStatus.TOO_MANY_REQUESTS,
    Code.IP_RATE_LIMIT_EXCEEDED: HTTPStatus.TOO_MANY_REQUESTS,
    Code.NOT_FOUND: HTTPStatus.NOT_FOUND,
    Code.FORBIDDEN: HTTPStatus.FORBIDDEN,
    Code.STALE: HTTPStatus.CONFLICT,
    Code.CONFLICT: HTTPStatus.CONFLICT,
    Code.MATCH_NOT_LIVE: HTTPStatus.CONFLICT,
    Code.INVALID_TRANSITION: HTTPStatus.CONFLICT,
    Code.ROOM_FULL: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.TOURNAMENT_MOVING: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.MOVED: HTTPStatus.MISDIRECTED_REQUEST,
    Code.TOKEN_EXPIRED: HTTPStatus.UNAUTHORIZED,
    **dict.fromkeys(TICKET_CODES, HTTPStatus.TOO_MANY_REQUESTS),
    Code.INTERNAL_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
}

NO_TOKEN: Final = BadToken("missing")
_RETRY_AFTER_MS: Final = 1_000
_TOKEN_REQUIRED: Final = Rejection(Code.FORBIDDEN, "A valid bearer token is required.")
_TOKEN_EXPIRED: Final = Rejection(
    Code.TOKEN_EXPIRED, "The token has expired: send the request with a newer one."
)
_UNKNOWN_PATH: Final = Rejection(Code.NOT_FOUND, "There is no such resource.")
_METHOD_NOT_ALLOWED: Final = Rejection(
    Code.UNSUPPORTED_MESSAGE_TYPE, "This resource does not support this method."
)


def problem(rejection: Rejection, status: HTTPStatus | None = None, **headers: str) -> Response:
    """A rejection as a response, with the status of its code unless another one is given."""
    own = rejection.status if isinstance(rejection, HttpRejection) else STATUS[rejection.code]
    status = status or own
    return Response(
        body=_body(rejection, status),
        status=status,
        content_type=CONTENT_TYPE,
        headers=_retry_after(rejection) | headers,
    )


def challenge(bad: BadToken) -> Response:
    """401 (RFC 6750 §3): `error` distinguishes a refused token from a missing one."""
    scheme = "Bearer" if bad == NO_TOKEN else 'Bearer error="invalid_token"'
    rejection = _TOKEN_EXPIRED if bad.reason == "expired" else _TOKEN_REQUIRED
    if bad.claim is not None:
        sentence = f"The token's claim {bad.claim} is missing or not what this stack accepts."
        rejection = replace(rejection, message=sentence)
    return problem(rejection, HTTPStatus.UNAUTHORIZED, **{"www-authenticate": scheme})


def unroutable(methods: tuple[str, ...]) -> Response:
    """405 with the methods of the path, or 404 where it has none."""
    if not methods:
        return problem(_UNKNOWN_PATH)
    return problem(_METHOD_NOT_ALLOWED, HTTPStatus.METHOD_NOT_ALLOWED, allow=", ".join(methods))


def internal_error(correlation_id: str, *, is_busy: bool) -> Response:
    """503 if the database was too busy, although the write may have succeeded; otherwise 500."""
    data: Json = {"correlation_id": correlation_id}
    if is_busy:
        busy = Rejection(Code.INTERNAL_ERROR, "Too busy: try again.", _RETRY_AFTER_MS, data)
        return problem(busy, HTTPStatus.SERVICE_UNAVAILABLE)
    return problem(Rejection(Code.INTERNAL_ERROR, "Something went wrong on our side.", data=data))


def _body(rejection: Rejection, status: HTTPStatus) -> str:
    body: Json = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": rejection.code,
        "detail": rejection.message,
    }
    bytes_left = REFUSAL_BYTES_MAX - len(compact(body).encode())
    return compact({**body, **_fitting(rejection.data or {}, bytes_left)})


def _retry_after(rejection: Rejection) -> dict[str, str]:
    """`Retry-After` if a later retry can succeed: seconds, rounded up."""
    wait_ms = rejection.retry_after_ms
    return {} if wait_ms is None else {"retry-after": str(-(-wait_ms // 1_000))}


def _fitting(data: Mapping[str, object], bytes_max: int) -> Mapping[str, object]:
    """The data, with as many of its `errors` as fit."""
    errors = data.get("errors")
    if not isinstance(errors, dict):
        return data
    while len(errors) > 1 and len(compact({**data, "errors": errors}).encode()) > bytes_max:
        errors = dict(list(errors.items())[:-1])
    return {**data, "errors": errors}
