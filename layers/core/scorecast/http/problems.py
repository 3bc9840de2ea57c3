"""Errors over HTTP: `application/problem+json` (RFC 9457) with the codes of the socket."""

from http import HTTPStatus
from typing import Final

from scorecast.protocol.errors import Code, Json, Rejection
from scorecast.protocol.limits import REFUSAL_BYTES_MAX
from scorecast.protocol.strict_json import compact

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
    Code.MATCH_NOT_LIVE: HTTPStatus.CONFLICT,
    Code.INVALID_TRANSITION: HTTPStatus.CONFLICT,
    Code.ROOM_FULL: HTTPStatus.SERVICE_UNAVAILABLE,
    Code.TOKEN_EXPIRED: HTTPStatus.UNAUTHORIZED,
    Code.INTERNAL_ERROR: HTTPStatus.INTERNAL_SERVER_ERROR,
}


def body(refused: Rejection, status: HTTPStatus | None = None) -> str:
    status = status or STATUS[refused.code]
    problem: Json = {
        "type": "about:blank",
        "title": status.phrase,
        "status": status.value,
        "code": refused.code,
        "detail": refused.message,
    }
    return compact(problem | _short(refused.data or {}, room_bytes=_room_bytes(problem)))


def headers(refused: Rejection) -> dict[str, str]:
    """`Retry-After` where waiting can help: seconds, rounded up."""
    wait_ms = refused.retry_after_ms
    return {} if wait_ms is None else {"retry-after": str(-(-wait_ms // 1_000))}


def _room_bytes(problem: Json) -> int:
    return REFUSAL_BYTES_MAX - len(compact(problem).encode())


def _short(data: Json, *, room_bytes: int) -> Json:
    """The data, with as many of its `errors` as there is room for."""
    errors = data.get("errors")
    if not isinstance(errors, dict):
        return data
    while len(errors) > 1 and len(compact(data | {"errors": errors}).encode()) > room_bytes:
        errors = dict(list(errors.items())[:-1])
    return data | {"errors": errors}
