"""docs/openapi.json: current, valid, complete, and its examples are right."""

import json
from collections.abc import Iterator
from typing import Any, Final

import httpx
import jsonschema_rs
import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from infra.specs.openapi.document import text
from infra.specs.openapi.problems import CODES
from scorecast.http.resolver import ROUTES
from scorecast.protocol.errors import Code
from tests.http.caller import Caller
from tests.http.conftest import token
from tests.http.server import Server

OPENAPI: Final[dict[str, Any]] = json.loads(text())
IN_ORDER: Final = (
    ("put_tournament", "a tournament"),
    ("put_match", "a quarter-final in chess"),
    ("put_match", "a match"),
    ("put_matches", "a schedule"),
    ("put_structure", "a group and a final"),
    ("post_match_event", "the start"),
    ("put_score", "a goal"),
    ("put_score", "a set"),
    ("put_score", "with an order of one's own"),
    ("post_match_event", "a pause"),
    ("post_match_event", "a dispute"),
    ("post_match_event", "the end"),
    ("post_match_event", "a corrected result"),
    ("post_match_event", "back to play"),
    ("post_match_event", "a walkover"),
    ("post_tournament_event", "a bracket"),
    ("post_tournament_event", "the end"),
)
"""The examples of bodies as one match may see them."""


def operations() -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in OPENAPI["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), path, operation


def test_the_document_is_openapi_3_1() -> None:
    OPENAPI_31_VALIDATOR.validate(OPENAPI)
    for schema in OPENAPI["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)


def test_every_route_is_described() -> None:
    routes = {(each.method, each.path.replace("<", "{").replace(">", "}")) for each in ROUTES.all}
    assert {(method, path) for method, path, _ in operations()} == routes
    assert all(operation["summary"] for _, _, operation in operations())


def test_what_is_answered_without_a_token_is_about_the_api_only() -> None:
    public = {path for _, path, operation in operations() if operation.get("security") == []}
    assert public == {"/openapi.json", "/docs"}


def test_every_code_is_explained_and_exists() -> None:
    schemas = [name for name in OPENAPI["components"]["schemas"] if name.endswith("Problem")]
    codes: set[str] = set()
    for name in schemas:
        codes |= set(OPENAPI["components"]["schemas"][name]["properties"]["code"]["enum"])
    assert codes == CODES.keys()
    assert codes <= set(Code)


def test_every_operation_may_be_throttled_by_the_gateway() -> None:
    content = {"schema": {"$ref": "#/components/schemas/GatewayMessage"}}
    for _, _, operation in operations():
        assert operation["responses"]["429"]["content"]["application/json"] == content


def test_the_example_of_an_answer_fits_its_schema() -> None:
    for _, _, operation in operations():
        for content in operation["responses"]["200"]["content"].values():
            if "example" in content:
                schema = content["schema"] | {"components": OPENAPI["components"]}
                jsonschema_rs.validate(schema, content["example"])


def test_the_example_of_a_body_is_accepted_and_answered_as_described(server: Server) -> None:
    described = {operation["operationId"]: (m, p, operation) for m, p, operation in operations()}
    with httpx.Client(base_url=server.url, headers={"authorization": f"Bearer {token()}"}) as http:
        for name, example in IN_ORDER:
            method, path, operation = described[name]
            content = operation["requestBody"]["content"]["application/json"]
            answer = http.request(method, filled(path), json=content["examples"][example]["value"])
            assert answer.status_code == 200, (name, example, answer.text)
            described_as = operation["responses"]["200"]["content"]["application/json"]["schema"]
            components = closed(OPENAPI["components"])
            jsonschema_rs.validate(described_as | {"components": components}, answer.json())


def test_every_example_of_a_body_is_tried() -> None:
    examples = [
        (operation["operationId"], name)
        for _, _, operation in operations()
        for name in operation.get("requestBody", {})
        .get("content", {})
        .get("application/json", {})
        .get("examples", {})
    ]
    assert sorted(examples) == sorted(IN_ORDER)


@pytest.mark.parametrize("path", ["/openapi.json", "/docs"])
def test_the_document_needs_no_token_and_the_rest_does(server: Server, path: str) -> None:
    assert httpx.get(server.url + path).status_code == 200
    assert httpx.get(server.url + "/matches/m1").status_code == 401


def test_what_is_served_is_the_document(server: Server) -> None:
    assert httpx.get(f"{server.url}/openapi.json").json() == OPENAPI


def closed(components: dict[str, Any]) -> dict[str, Any]:
    """Without room for fields that the document does not name."""
    schemas = {
        name: {"additionalProperties": False} | schema if "properties" in schema else schema
        for name, schema in components["schemas"].items()
    }
    return components | {"schemas": schemas}


def filled(path: str) -> str:
    """A path with the example of its parameter."""
    operation = next(iter(OPENAPI["paths"][path].values()))
    for parameter in operation["parameters"]:
        if parameter["in"] == "path":
            path = path.replace(f"{{{parameter['name']}}}", parameter["example"])
    return path


def test_how_an_integer_is_written_is_said_and_checked(call: Caller) -> None:
    """JSON Schema takes 1.0 for an integer."""
    score = {"participant1_score": 1.0, "participant2_score": 0}
    assert call("PUT", "/matches/m1/score", score).problem() == (422, "invalid_schema")
    assert "not as `1.0`" in OPENAPI["info"]["description"]
