"""The OpenAPI 3.1 document of the HTTP API, from its routes, models and rules. Pure.

Bodies are described by the rules that the parser obeys; nothing says twice what a field may hold.
"""

from collections import defaultdict
from http import HTTPStatus
from typing import Any, Final, get_type_hints

from pydantic import TypeAdapter

from infra.openapi.answers import ANSWERS, CODES, PROBLEM
from infra.openapi.examples import ANSWERS_GIVEN, BODIES_SENT, IDS
from scorecast.http import problems
from scorecast.http.routing import Route, Routes
from scorecast.protocol.commands import ScoreUpdate
from scorecast.protocol.errors import Code, Json
from scorecast.protocol.fields import Id
from scorecast.protocol.messages import VERSION
from scorecast.protocol.requirements import requirement

_IF_NONE_MATCH: Final[Json] = {
    "name": "If-None-Match",
    "in": "header",
    "description": "The ETag of an earlier answer: 304, if that is still the newest.",
    "schema": {"type": "string"},
}
_IDEMPOTENCY_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The `update_id`, here or in the body: a retry sends the same one.",
    "schema": TypeAdapter(Id).json_schema(),
}
ANSWERED: Final = {
    "put_tournament": "Tournament",
    "get_tournament": "Tournament",
    "post_tournament_event": "Numbered",
    "put_match": "Match",
    "get_match": "Match",
    "put_score": "Accepted",
    "post_match_event": "Accepted",
    "get_room": "Room",
    "post_ticket": "Ticket",
    "disconnect_user": "Disconnected",
    "get_openapi": "OpenApi",
    "get_docs": "Page",
}
"""By operation, the schema of what it answers."""

_HEADERS: Final[dict[str, Json]] = {
    "ETag": {"description": "Of these very bytes.", "schema": {"type": "string"}},
    "WWW-Authenticate": {
        "description": "With an error if there was a token.",
        "schema": {"enum": ["Bearer", 'Bearer error="invalid_token"']},
    },
    "Retry-After": {"description": "Seconds.", "schema": {"type": "integer", "minimum": 1}},
}
_TOKEN: Final[Json] = {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
_TAGS: Final = {
    "tournaments": "Registered and read by back-ends.",
    "matches": "Registered, reported and read.",
    "rooms": "Who is watching.",
    "tickets": "For the socket.",
    "users": "Their connections.",
    "about": "This API.",
}


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
        "servers": [{"url": "./", "description": "Where this document is."}],
        "security": [{"token": []}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": dict(paths),
        "components": {
            "securitySchemes": {"token": _TOKEN},
            "schemas": {**_bodies(routes), **ANSWERS, "Problem": PROBLEM},
            "headers": _HEADERS,
        },
    }


def _description() -> str:
    codes = "\n".join(f"- `{code}`: {meaning}" for code, meaning in CODES.items())
    return (
        "Ids are strings of 1 to 64 of `A-Z a-z 0-9 _ -`. Bodies are JSON as I-JSON (RFC 7493) has"
        " it: no duplicate keys, no unknown fields, integers up to 2^53 - 1. Where the service lets"
        " anonymous spectators in, the `GET` of tournaments, matches and rooms need no token."
        f" Errors are problems with these codes:\n\n{codes}"
    )


def _operation(route: Route) -> Json:
    summary, _, more = (route.perform.__doc__ or "").partition("\n\n")
    operation: Json = {
        "operationId": route.name,
        "tags": [_tag(route)],
        "summary": summary.strip(),
        "description": " ".join(more.split()),
        "parameters": _parameters(route),
        "responses": _responses(route),
    }
    if route.bodies:
        operation["requestBody"] = _request_body(route)
    if route.public:
        operation["security"] = []
    return {name: value for name, value in operation.items() if value != ""}


def _is_conditional(route: Route) -> bool:
    return route.is_read and not route.public


def _tag(route: Route) -> str:
    return "about" if route.public else route.path.split("/")[1]


def _parameters(route: Route) -> list[Json]:
    found: list[Json] = []
    if route.parameters:
        found.append(
            {
                "name": route.parameters[0],
                "in": "path",
                "required": True,
                "schema": TypeAdapter(Id).json_schema(),
                "example": IDS[route.parameters[0]],
            }
        )
    if _is_conditional(route):
        found.append(_IF_NONE_MATCH)
    if route.bodies == (ScoreUpdate,):
        found.append(_IDEMPOTENCY_KEY)
    return found


def _request_body(route: Route) -> Json:
    references = [_reference(model) for model in route.bodies]
    content: Json = {
        "schema": references[0] if len(references) == 1 else _told_apart(route.bodies),
        "examples": {name: {"value": example} for name, example in BODIES_SENT[route.name].items()},
    }
    return {"required": True, "content": {"application/json": content}}


def _told_apart(models: tuple[type[Any], ...]) -> Json:
    mapping = {model.type: f"#/components/schemas/{model.__name__}" for model in models}
    return {
        "oneOf": [_reference(model) for model in models],
        "discriminator": {"propertyName": "type", "mapping": mapping},
    }


def _reference(model: type[Any]) -> Json:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def _bodies(routes: Routes) -> dict[str, Json]:
    found: dict[str, Json] = {}
    for route in routes.all:
        for model in route.bodies:
            schema, shared = _schema(model, has_type=len(route.bodies) > 1)
            found |= shared | {model.__name__: schema}
    return found


def _schema(model: Any, *, has_type: bool) -> tuple[Json, dict[str, Json]]:
    """A body's schema without what the path gives, and the definitions that it refers to."""
    schema = TypeAdapter(model).json_schema(ref_template="#/components/schemas/{model}")
    shared = schema.pop("$defs", {})
    types = get_type_hints(model, include_extras=True)
    properties = {
        name: _field(each, types[name])
        for name, each in schema["properties"].items()
        if not _in_path(model, name)
    }
    required = [name for name in schema.get("required", []) if name in properties]
    if has_type:
        properties = {"type": {"const": model.type}} | properties
        required = ["type", *required]
    schema |= {"properties": properties, "required": required}
    del schema["title"]
    return {name: value for name, value in schema.items() if value != []}, shared


def _in_path(model: type[Any], field: str) -> bool:
    return field == "match_id" and hasattr(model, "type")


def _field(schema: Json, hint: Any) -> Json:
    plain = {name: value for name, value in schema.items() if name not in ("default", "title")}
    return plain | {"description": f"It {requirement(hint)}."}


def _responses(route: Route) -> Json:
    responses: Json = {"200": _answer(route)}
    if _is_conditional(route):
        responses["304"] = {"description": "Still the newest.", "headers": _header("ETag")}
    for status, codes in sorted(_refusals(route).items()):
        responses[str(status.value)] = _problem(status, codes)
    return responses


def _answer(route: Route) -> Json:
    media_type = "text/html" if ANSWERED[route.name] == "Page" else "application/json"
    content: Json = {"schema": {"$ref": f"#/components/schemas/{ANSWERED[route.name]}"}}
    if ANSWERED[route.name] in ANSWERS_GIVEN:
        content["example"] = ANSWERS_GIVEN[ANSWERED[route.name]]
    answer: Json = {
        "description": ANSWERS[ANSWERED[route.name]]["description"],
        "content": {media_type: content},
    }
    return answer | ({"headers": _header("ETag")} if _is_conditional(route) else {})


def _refusals(route: Route) -> dict[HTTPStatus, set[Code]]:
    """Every status other than success, with the codes that come with it."""
    codes = set(route.codes) | ({Code.INVALID_SCHEMA} if route.parameters else set())
    if route.bodies:
        codes |= {Code.INVALID_JSON, Code.PAYLOAD_TOO_LARGE, Code.INVALID_SCHEMA}
    found: defaultdict[HTTPStatus, set[Code]] = defaultdict(set)
    for code in codes:
        found[problems.STATUS[code]].add(code)
    if route.bodies:
        found[HTTPStatus.UNSUPPORTED_MEDIA_TYPE] = {Code.INVALID_JSON}
    if not route.public:
        found[HTTPStatus.UNAUTHORIZED] = {Code.FORBIDDEN, Code.TOKEN_EXPIRED}
        found[HTTPStatus.INTERNAL_SERVER_ERROR] = {Code.INTERNAL_ERROR}
        found[HTTPStatus.SERVICE_UNAVAILABLE] = {Code.INTERNAL_ERROR}
    return dict(found)


_HEADERS_OF_A_PROBLEM: Final = {
    HTTPStatus.UNAUTHORIZED: "WWW-Authenticate",
    HTTPStatus.SERVICE_UNAVAILABLE: "Retry-After",
}


def _problem(status: HTTPStatus, codes: set[Code]) -> Json:
    told = sorted(str(code) for code in codes)
    exactly: Json = {"properties": {"status": {"const": status.value}, "code": {"enum": told}}}
    schema = {"allOf": [{"$ref": "#/components/schemas/Problem"}, exactly]}
    problem: Json = {
        "description": f"{status.phrase}: {', '.join(f'`{code}`' for code in told)}.",
        "content": {problems.CONTENT_TYPE: {"schema": schema}},
    }
    header = _HEADERS_OF_A_PROBLEM.get(status)
    return problem | ({"headers": _header(header)} if header else {})


def _header(name: str) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"}}
