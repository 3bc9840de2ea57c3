"""The HTTP API as a page, from its OpenAPI document."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

METHODS: Final = ("get", "put", "post", "patch", "delete")
INTRODUCTION: Final = """# HTTP API

Every route, its parameters, bodies and answers. [openapi.json](openapi.json) is for programs.
"""


def http_api_page(document: Mapping[str, Any]) -> str:
    return "\n".join([INTRODUCTION, *_operations(document), *_schemas(document)])


def _operations(document: Mapping[str, Any]) -> Iterator[str]:
    for path, item in document["paths"].items():
        for method in METHODS:
            if operation := item.get(method):
                yield f"\n## `{method.upper()} {path}`\n\n{operation.get('summary', '')}\n"
                yield operation.get("description", "") + "\n"
                yield from _parameters(operation.get("parameters", []))
                yield from _body(operation.get("requestBody", {}))
                yield from _responses(operation["responses"])


def _parameters(parameters: list[Mapping[str, Any]]) -> Iterator[str]:
    named = [each for each in parameters if "name" in each]
    if named:
        yield "| parameter | in | type | meaning |\n| --- | --- | --- | --- |"
    for each in named:
        meaning = _cell(each.get("description", ""))
        yield f"| `{each['name']}` | {each['in']} | {_type(each['schema'])} | {meaning} |"
    yield ""


def _body(body: Mapping[str, Any]) -> Iterator[str]:
    for content in body.get("content", {}).values():
        yield f"Body: {_type(content['schema'])}\n"
        yield from _example(content)


def _responses(responses: Mapping[str, Any]) -> Iterator[str]:
    yield "| status | meaning | body |\n| --- | --- | --- |"
    for status, response in responses.items():
        bodies = [_type(each["schema"]) for each in response.get("content", {}).values()]
        yield f"| {status} | {_cell(response['description'])} | {', '.join(bodies)} |"
    yield ""
    for response in responses.values():
        for content in response.get("content", {}).values():
            yield from _example(content)


def _example(content: Mapping[str, Any]) -> Iterator[str]:
    if "example" in content:
        yield f"```json\n{json.dumps(content['example'], indent=2, ensure_ascii=False)}\n```\n"


def _schemas(document: Mapping[str, Any]) -> Iterator[str]:
    for name, schema in document["components"]["schemas"].items():
        yield f"\n## {name}\n\n{schema.get('description', '')}\n"
        if fields := schema.get("properties"):
            yield "| field | type | meaning |\n| --- | --- | --- |"
            required = schema.get("required", [])
            for field, shape in fields.items():
                star = "" if field in required else "\\*"
                meaning = _cell(shape.get("description", ""))
                yield f"| `{field}`{star} | {_type(shape)} | {meaning} |"
            yield "\n\\* may be absent\n" if len(required) < len(fields) else ""
        else:
            yield _type(schema) + "\n"


def _type(schema: Mapping[str, Any]) -> str:
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    for word in ("anyOf", "oneOf", "allOf"):
        if word in schema:
            return " or ".join(dict.fromkeys(_type(each) for each in schema[word]))
    if "const" in schema or "enum" in schema:
        return ", ".join(f"`{each}`" for each in schema.get("enum", [schema.get("const")]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    kinds = schema.get("type", "any")
    return kinds if isinstance(kinds, str) else " or ".join(kinds)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
