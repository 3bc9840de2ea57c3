"""The OpenAPI 3.1 document of the HTTP API, from its routes and the types that they are made of."""

import json
from collections import defaultdict
from typing import Any, Final

from pydantic import TypeAdapter

from infra.specs.openapi import problems, schemas
from infra.specs.openapi.examples import BODIES_SENT, IDS, RESULTS
from scorecast.http.resolver import ROUTES
from scorecast.http.routing import Route, Routes
from scorecast.protocol.errors import Json
from scorecast.protocol.fields import Id
from scorecast.protocol.ids import ID_PATTERN
from scorecast.protocol.limits import HISTORY_PAGE_MAX
from scorecast.protocol.messages import VERSION

_BARE_ID: Final = ID_PATTERN.strip("^$")
_QUERY: Final[dict[str, Json]] = {
    "tokens": {
        "name": "tokens",
        "in": "query",
        "description": "`keep`: the user's tokens stay valid. Otherwise they are revoked.",
        "schema": {"type": "string", "enum": ["keep"]},
    },
    "match_id": {
        "name": "match_id",
        "in": "query",
        "description": "The match that the connection is for.",
        "schema": TypeAdapter(Id).json_schema(),
    },
    "tournament_id": {
        "name": "tournament_id",
        "in": "query",
        "description": "The tournament that the connection is for, if it is for no match.",
        "schema": TypeAdapter(Id).json_schema(),
    },
    "after": {
        "name": "after",
        "in": "query",
        "description": "The revision of a score: entries after it. Without it, from the first on.",
        "schema": {"type": "integer", "minimum": 0},
    },
    "cursor": {
        "name": "cursor",
        "in": "query",
        "description": "The `next` of the page before; it overrides `after` and `from`.",
        "schema": {"type": "string"},
    },
    "state": {
        "name": "state",
        "in": "query",
        "description": "A match's state; of tournaments `open`, `completed` or `archived`.",
        "schema": {"type": "string"},
    },
    "from": {
        "name": "from",
        "in": "query",
        "description": "Only matches that start at this time or later.",
        "schema": {"type": "string", "format": "date-time"},
    },
    "to": {
        "name": "to",
        "in": "query",
        "description": "Only matches that start before this time.",
        "schema": {"type": "string", "format": "date-time"},
    },
    "limit": {
        "name": "limit",
        "in": "query",
        "description": "How many entries at most. A page may have fewer and yet a `next`.",
        "schema": {"type": "integer", "minimum": 1, "maximum": HISTORY_PAGE_MAX},
    },
}
_IF_NONE_MATCH: Final[Json] = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of an earlier response: 304 if it is still current.",
    "schema": {"type": "string"},
}
_IF_MATCH: Final[Json] = {
    "name": "If-Match",
    "in": "header",
    "description": "The ETag of the resource as it was read, of a score its revision in quotes:"
    " 412 if it has changed since.",
    "schema": {"type": "string"},
}
_IDEMPOTENCY_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "An id, bare or quoted: a retry sends the same one. Of a score its `update_id`.",
    "schema": {"type": "string", "pattern": f'^({_BARE_ID}|"{_BARE_ID}")$'},
}
_HEADERS: Final[dict[str, Json]] = {
    "ETag": {"description": "Changes with what is published.", "schema": {"type": "string"}},
    "WWW-Authenticate": {
        "description": "With an error if there was a token.",
        "schema": {"type": "string", "enum": ["Bearer", 'Bearer error="invalid_token"']},
    },
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}},
}
_TOKEN: Final[Json] = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
_TAGS: Final = {
    "tournaments": "Registered and read by back-ends.",
    "matches": "Registered, reported and read.",
    "rooms": "How many clients watch.",
    "tickets": "For connecting to the socket.",
    "users": "Their connections.",
    "about": "This API.",
}


def text() -> str:
    """Indented, so that changes can be read and merged; it is served compressed."""
    return f"{json.dumps(document(ROUTES), indent=1, ensure_ascii=False)}\n"


def document(routes: Routes) -> Json:
    paths: defaultdict[str, dict[str, Json]] = defaultdict(dict)
    for route in routes.all:
        path = route.path.replace("<", "{").replace(">", "}")
        paths[path][route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Scorecast",
            "summary": "Live scores: tournaments and matches, for back-ends and pages.",
            "description": _description(),
            "version": f"{VERSION}.0",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": ".", "description": "Where this document is."}],
        "security": [{"token": []}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": dict(paths),
        "components": {
            "securitySchemes": {"token": _TOKEN},
            "schemas": _schemas(routes),
            "headers": _HEADERS,
        },
    }


def _description() -> str:
    codes = "\n".join(f"- `{code}`: {meaning}" for code, meaning in problems.CODES.items())
    return (
        "Ids are strings of 1 to 64 of `A-Z a-z 0-9 _ -`. Bodies are JSON as I-JSON (RFC 7493) has"
        " it: no duplicate keys, no unknown fields, integers up to 2^53 - 1 and written without a"
        " fraction or an exponent, not as `1.0`. Where the service lets anonymous spectators in,"
        " the `GET` of tournaments, matches and rooms need no token."
        f" Errors are problems with these codes:\n\n{codes}"
    )


def _schemas(routes: Routes) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for route in routes.all:
        found |= schemas.body_schemas(route) | schemas.result_schemas(route)
    return found | problems.schemas(routes.all) | {"GatewayMessage": problems.GATEWAY_MESSAGE}


def _operation(route: Route) -> Json:
    summary, _, more = (route.perform.__doc__ or "").partition("\n\n")
    operation: Json = {
        "operationId": route.name,
        "tags": ["about" if route.public else route.path.split("/")[1]],
        "summary": summary.strip(),
        "description": " ".join(more.split()),
        "parameters": _parameters(route),
        "responses": _responses(route),
    }
    if route.bodies:
        operation["requestBody"] = _request_body(route)
    if route.public:
        operation["security"] = []
    elif route.anonymous:
        operation["security"] = [{}, {"token": []}]
    return {name: value for name, value in operation.items() if value != ""}


def _parameters(route: Route) -> list[Json]:
    found: list[Json] = [
        {
            "name": name,
            "in": "path",
            "required": True,
            "schema": TypeAdapter(Id).json_schema(),
            "example": IDS[name],
        }
        for name in route.parameters
    ]
    found += [_QUERY[name] for name in route.query]
    if route.is_read:
        found.append(_IF_NONE_MATCH)
    if route.if_match:
        found.append(_IF_MATCH)
    if route.makes_event:
        found.append(_IDEMPOTENCY_KEY)
    return found


def _request_body(route: Route) -> Json:
    references = [schemas.reference(model) for model in route.bodies]
    content: Json = {
        "schema": references[0] if len(references) == 1 else _by_type(route.bodies),
        "examples": {name: {"value": example} for name, example in BODIES_SENT[route.name].items()},
    }
    return {"required": True, "content": {"application/json": content}}


def _by_type(models: tuple[type[Any], ...]) -> Json:
    mapping = {model.type: schemas.reference(model)["$ref"] for model in models}
    return {
        "oneOf": [schemas.reference(model) for model in models],
        "discriminator": {"propertyName": "type", "mapping": mapping},
    }


def _responses(route: Route) -> Json:
    responses: Json = {"200": _success(route)}
    if route.is_read:
        responses["304"] = {
            "description": "Still current.",
            "headers": problems.header_reference("ETag"),
        }
    return responses | problems.responses(route)


def _success(route: Route) -> Json:
    response: Json = {"description": _summary(route), "content": _content(route)}
    return response | ({"headers": problems.header_reference("ETag")} if route.is_read else {})


def _summary(route: Route) -> str:
    result = schemas.returned(route)
    return "The document." if result is None else " ".join((result.__doc__ or "").split())


def _content(route: Route) -> Json:
    result = schemas.returned(route)
    if result is None:
        is_page = route.path == "/docs"
        schema = {"type": "string"} if is_page else {"type": "object", "additionalProperties": True}
        return {"text/html" if is_page else "application/json": {"schema": schema}}
    content: Json = {"schema": schemas.reference(result), "example": RESULTS[result.__name__]}
    return {"application/json": content}
