"""Values that a JSON Schema of the document allows, for hypothesis."""

from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from scorecast.protocol.limits import INTEGER_MAX
from tests.message_schemas import DOCUMENT

_CHARACTERS_MAX: Final = 80
"""Longer texts take long to make and show nothing more."""

_ITEMS_MAX: Final = 3
"""The same of longer lists."""

NUMBERS: Final = st.one_of(
    st.integers(-INTEGER_MAX, INTEGER_MAX), st.floats(allow_nan=False, allow_infinity=False)
)
_SCALARS: Final = st.one_of(st.none(), st.booleans(), NUMBERS, st.text(max_size=5))
_DETAILS: Final = st.dictionaries(
    st.text(max_size=5), st.one_of(_SCALARS, st.lists(_SCALARS, max_size=3)), max_size=4
)


def values(schema: dict[str, Any]) -> SearchStrategy[Any]:
    if "$ref" in schema:
        return values(DOCUMENT["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    if "properties" in schema:
        return messages(schema)
    if "anyOf" in schema:
        return st.one_of([values(each) for each in schema["anyOf"]])
    if "const" in schema:
        return st.just(schema["const"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    return _of_type(schema)


def _of_type(schema: dict[str, Any]) -> SearchStrategy[Any]:
    match schema["type"]:
        case "string" if "pattern" in schema:
            return st.from_regex(schema["pattern"], fullmatch=True)
        case "string":
            longest = min(schema["maxLength"], _CHARACTERS_MAX)
            return st.text(min_size=schema["minLength"], max_size=longest)
        case "integer":
            return st.integers(schema["minimum"], schema["maximum"])
        case "number":
            return NUMBERS
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "array":
            return st.lists(values(schema["items"]), max_size=min(schema["maxItems"], _ITEMS_MAX))
    assert schema["type"] == "object", schema
    return _DETAILS


def messages(schema: dict[str, Any]) -> SearchStrategy[dict[str, Any]]:
    """Messages, or parts of one, whose fields are valid, each by itself."""
    fields = {name: values(field) for name, field in schema["properties"].items()}
    required = {name: fields.pop(name) for name in schema.get("required", [])}
    return st.fixed_dictionaries(required, optional=fields)
