"""The errors of the HTTP API as schemas: one for each status, so generators need not merge any."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from http import HTTPStatus
from typing import Any, Final

from scorecast.http import problems
from scorecast.http.routing import Route
from scorecast.protocol.errors import Code, Json
from scorecast.protocol.limits import BODY_BYTES_MAX

CODES: Final[dict[Code, str]] = {
    Code.INVALID_JSON: "The body is not JSON in UTF-8, or is declared as something else.",
    Code.INVALID_SCHEMA: "A field, the id or the key is missing, unknown or wrong: `errors`.",
    Code.UNSUPPORTED_MESSAGE_TYPE: "There is no such command, or not for this resource.",
    Code.PAYLOAD_TOO_LARGE: f"The body is larger than {BODY_BYTES_MAX // 1024} KiB.",
    Code.MESSAGE_RATE_LIMIT_EXCEEDED: "Too many requests of this user: `Retry-After`.",
    Code.IP_RATE_LIMIT_EXCEEDED: "Too many anonymous requests of this address: `Retry-After`.",
    Code.NOT_FOUND: "There is no such match, tournament or path.",
    Code.FORBIDDEN: "With 401 the token is missing or invalid; with 403 it does not allow this, or"
    " the limit of disputes is reached.",
    Code.TOKEN_EXPIRED: "The token was valid: send a newer one.",
    Code.STALE: "A newer score is stored: `revision` and the scores. With 412 the resource is no"
    " longer what `If-Match` names.",
    Code.CONFLICT: "The stored score is not the one that the request is based on: `revision`"
    " and the scores.",
    Code.MATCH_NOT_LIVE: "A score, while the match is not live, paused or disputed: `state`.",
    Code.INVALID_TRANSITION: "The state does not allow it: `state`. If a tournament cannot be"
    " completed: that of a match that is live, paused or disputed.",
    Code.TOURNAMENT_MOVING: "The tournament is being moved to another cell: `Retry-After`.",
    Code.MOVED: "The tournament belongs to another cell: `endpoint` has its addresses.",
    Code.CONNECTION_LIMIT_EXCEEDED: "The user has reached its connection limit: `Retry-After`.",
    Code.IP_CONNECTION_LIMIT_EXCEEDED: "The address has reached its limit: `Retry-After`.",
    Code.RATE_LIMIT_EXCEEDED: "Too many handshakes, or the wait after a goodbye is not over.",
    Code.INTERNAL_ERROR: "A fault of the service: `correlation_id`. With 503 the database was too"
    " busy: repeat a `GET`, `PUT` or `DELETE`; a repeated tournament event may be published twice.",
}

_CORRELATION_ID: Final[Json] = {
    "correlation_id": {
        "type": "string",
        "description": "Identifies the request in the service's log.",
    }
}
_CONFLICT: Final[Json] = {
    "match_id": {"type": "string"},
    "state": {"type": "string"},
    "revision": {"type": "integer"},
    "participant1_score": {"type": "integer"},
    "participant2_score": {"type": "integer"},
    "periods": {"type": "array", "items": {"type": "object"}},
    "clock": {"type": "object"},
    "shootout": {"type": "object"},
}
_ERRORS: Final[Json] = {
    "errors": {
        "type": "object",
        "description": "What each wrong field must be, by its name.",
        "additionalProperties": {"type": "string"},
    }
}
_NEW_HOME: Final[Json] = {
    "tournament_id": {"type": "string"},
    "endpoint": {
        "type": "object",
        "description": "The addresses of the cell to use instead.",
        "properties": {"socket_url": {"type": "string"}, "http_url": {"type": "string"}},
        "required": ["socket_url", "http_url"],
    },
}
_EXTRAS: Final[Mapping[HTTPStatus, Json]] = {
    HTTPStatus.CONFLICT: _CONFLICT,
    HTTPStatus.PRECONDITION_FAILED: _CONFLICT,
    HTTPStatus.MISDIRECTED_REQUEST: _NEW_HOME,
    HTTPStatus.UNPROCESSABLE_ENTITY: _ERRORS,
    HTTPStatus.INTERNAL_SERVER_ERROR: _CORRELATION_ID,
    HTTPStatus.SERVICE_UNAVAILABLE: _CORRELATION_ID,
}
_HEADERS: Final[Mapping[HTTPStatus, str]] = {
    HTTPStatus.UNAUTHORIZED: "WWW-Authenticate",
    HTTPStatus.TOO_MANY_REQUESTS: "Retry-After",
    HTTPStatus.SERVICE_UNAVAILABLE: "Retry-After",
}

GATEWAY_MESSAGE: Final[Json] = {
    "type": "object",
    "description": "What API Gateway answers by itself: the request did not reach the service.",
    "properties": {"message": {"type": "string"}},
    "required": ["message"],
}


def rejections(route: Route) -> dict[HTTPStatus, set[Code]]:
    """Every status of a route's errors, with the codes that come with it."""
    found: defaultdict[HTTPStatus, set[Code]] = defaultdict(set)
    for code in _codes(route):
        found[problems.STATUS[code]].add(code)
    if route.if_match:
        is_score = Code.CONFLICT in route.codes
        found[HTTPStatus.PRECONDITION_FAILED] = {Code.CONFLICT if is_score else Code.STALE}
    if route.bodies:
        found[HTTPStatus.UNSUPPORTED_MEDIA_TYPE] = {Code.INVALID_JSON}
    if not route.public:
        found[HTTPStatus.TOO_MANY_REQUESTS] |= {
            Code.MESSAGE_RATE_LIMIT_EXCEEDED,
            Code.IP_RATE_LIMIT_EXCEEDED,
        }
    if not route.public:
        found[HTTPStatus.UNAUTHORIZED] = {Code.FORBIDDEN, Code.TOKEN_EXPIRED}
        found[HTTPStatus.INTERNAL_SERVER_ERROR] = {Code.INTERNAL_ERROR}
        found[HTTPStatus.SERVICE_UNAVAILABLE] |= {Code.INTERNAL_ERROR}
    return dict(found)


def _codes(route: Route) -> set[Code]:
    codes = set(route.codes) | ({Code.INVALID_SCHEMA} if route.parameters else set())
    if not route.anonymous and {"tournament_id", "match_id"} & set(route.parameters):
        codes |= {Code.TOURNAMENT_MOVING, Code.MOVED}
    if route.bodies:
        codes |= {Code.INVALID_JSON, Code.PAYLOAD_TOO_LARGE, Code.INVALID_SCHEMA}
    return codes


def responses(route: Route) -> Json:
    """Of a route, by status. Any request may be answered by API Gateway: 429 comes from both."""
    found: Json = {
        str(status.value): _response(status, codes)
        for status, codes in sorted(rejections(route).items())
    }
    return _with_gateway(found)


def _with_gateway(found: Json) -> Json:
    throttled: Any = found.setdefault("429", {"description": "Too Many Requests.", "content": {}})
    throttled["description"] += (
        " As `application/json`: API Gateway, before it reached the service."
    )
    schema = {"$ref": "#/components/schemas/GatewayMessage"}
    throttled["content"]["application/json"] = {"schema": schema}
    return dict(sorted(found.items()))


def _response(status: HTTPStatus, codes: set[Code]) -> Json:
    named = ", ".join(f"`{code}`" for code in sorted(codes))
    schema = {"$ref": f"#/components/schemas/{schema_name(status)}"}
    response: Json = {
        "description": f"{status.phrase}: {named}.",
        "content": {problems.CONTENT_TYPE: {"schema": schema}},
    }
    header = _HEADERS.get(status)
    return response | ({"headers": header_reference(header)} if header else {})


def header_reference(name: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"}}


def schemas(routes: Iterable[Route]) -> dict[str, Json]:
    """A schema for each status, with the codes that any route answers with it."""
    codes: defaultdict[HTTPStatus, set[Code]] = defaultdict(set)
    for route in routes:
        for status, found in rejections(route).items():
            codes[status] |= found
    return {schema_name(status): _schema(status, codes[status]) for status in sorted(codes)}


def schema_name(status: HTTPStatus) -> str:
    return status.phrase.title().replace(" ", "") + "Problem"


def _schema(status: HTTPStatus, codes: set[Code]) -> Json:
    properties: Json = {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string"},
        "status": {"type": "integer", "const": status.value},
        "code": {"type": "string", "enum": sorted(str(code) for code in codes)},
        "detail": {"type": "string"},
    }
    extras = _EXTRAS.get(status, {})
    is_fault = codes == {Code.INTERNAL_ERROR}
    always = [*properties, *(_CORRELATION_ID if is_fault else {})]
    return {
        "type": "object",
        "description": f"{status.phrase}, as RFC 9457 has it. Programs read `code`.",
        "properties": properties | extras,
        "required": always,
    }
