"""JSON Schemas of the routes' parameters, bodies and results, from their types."""

from collections.abc import Iterator
from typing import Any, Final, get_args, get_type_hints

from pydantic import TypeAdapter

from infra.specs import descriptions
from scorecast.http.response import Response
from scorecast.http.routing import Route
from scorecast.protocol.errors import Json, Rejection
from scorecast.protocol.requirements import requirement

TEMPLATE: Final = "#/components/schemas/{model}"


def reference(model: type[Any]) -> Json:
    return {"$ref": TEMPLATE.format(model=model.__name__)}


def returned(route: Route) -> type[Any] | None:
    """The type of a route's result; None if it builds the response itself."""
    hint = get_type_hints(route.perform)["return"]
    [result] = [each for each in get_args(hint) or (hint,) if each is not Rejection]
    return None if result is Response else result


def body_schemas(route: Route) -> dict[str, Json]:
    """The components for a route's body. Fields of the path are no part of it."""
    found: dict[str, Json] = {}
    for model in route.bodies:
        components = _components(model)
        components[model.__name__] |= _of_body(model, components[model.__name__], route)
        found |= components
    return {name: _without_empty(schema) for name, schema in found.items()}


def result_schemas(route: Route) -> dict[str, Json]:
    result = returned(route)
    return {} if result is None else _components(result)


def _components(model: type[Any]) -> dict[str, Json]:
    """A type's schema and those that it refers to, by name."""
    schema = TypeAdapter(model).json_schema(ref_template=TEMPLATE)
    found = schema.pop("$defs", {}) | {model.__name__: schema}
    shapes = {shape.__name__: shape for shape in _shapes(model)}
    return {
        name: _described(_untitled(each), shapes[name]) if name in shapes else _untitled(each)
        for name, each in found.items()
    }


def _shapes(hint: Any) -> Iterator[type[Any]]:
    """A dataclass or typed dictionary, and those that its fields are made of."""
    if hasattr(hint, "__annotations__") and isinstance(hint, type):
        yield hint
        for field in get_type_hints(hint).values():
            yield from _shapes(field)
    for inner in get_args(hint):
        yield from _shapes(inner)


def _described(schema: Json, shape: type[Any]) -> Json:
    texts = descriptions.of_fields(shape)
    described: Json = {
        name: ({"description": texts[name]} if name in texts else {}) | field
        for name, field in _properties(schema)
    }
    return schema | ({"properties": described} if described else {})


def _of_body(model: type[Any], schema: Json, route: Route) -> Json:
    hints = get_type_hints(model, include_extras=True)
    properties: Json = {
        name: field | {"description": _demand(field, hints[name])}
        for name, field in _properties(schema)
        if name not in route.parameters
    }
    required = [name for name in _required(schema) if name in properties]
    if len(route.bodies) > 1:
        properties = {"type": {"type": "string", "const": model.type}} | properties
        required = ["type", *required]
    return {"properties": properties, "required": required}


def _demand(field: Json, hint: Any) -> str:
    text = str(field.get("description", ""))
    # the requirement has the limit as a number, where the text names its constant
    return (
        f"It {requirement(hint)}." if "_MAX`" in text else f"{text} It {requirement(hint)}.".strip()
    )


def _properties(schema: Json) -> Iterator[tuple[str, Json]]:
    properties = schema.get("properties", {})
    assert isinstance(properties, dict)
    yield from properties.items()


def _required(schema: Json) -> list[str]:
    required = schema.get("required", [])
    assert isinstance(required, list)
    return required


def _untitled(schema: Any) -> Any:
    """Without the titles that pydantic makes of names, and without defaults of null."""
    if isinstance(schema, list):
        return [_untitled(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: _untitled(value)
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str)) and (name, value) != ("default", None)
    }


def _without_empty(schema: Json) -> Json:
    return {name: value for name, value in schema.items() if value != []}
