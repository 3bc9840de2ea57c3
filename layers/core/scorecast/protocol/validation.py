"""Makes dataclasses of JSON objects, or names the wrong fields.

This module imports pydantic, which takes longer to load than most functions take to start: only
those that parse what clients send import it.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any, Final, get_type_hints

from pydantic import ConfigDict, TypeAdapter, ValidationError

from scorecast.protocol.ids import is_id
from scorecast.protocol.requirements import item_type, requirement, shape_of
from scorecast.protocol.shapes import FieldConflict, Shape

_STRICT: Final[ConfigDict] = {"strict": True}

type FieldErrors = dict[str, str]
"""What each wrong field must be, by its name; the name and the requirement make a sentence."""


def validate[S: Shape](shape: type[S], fields: Mapping[str, object]) -> S | FieldErrors:
    try:
        valid: S = _adapter(shape).validate_python(fields)  # type: ignore[arg-type]
    except ValidationError as error:
        return field_errors(shape, error.errors(include_url=False, include_input=False))
    return valid


def accepts(hint: Any, value: object) -> bool:
    """Whether one value is of a type of `fields`."""
    try:
        _adapter(hint).validate_python(value)
    except ValidationError:
        return False
    return True


@cache
def _adapter(hint: Any) -> TypeAdapter[Any]:
    # on first use: a function that starts for one command builds one validator
    return TypeAdapter(hint, config=None if shape_of(hint) else _STRICT)


def field_errors(shape: type[Shape], errors: Iterable[Mapping[str, Any]]) -> FieldErrors:
    """pydantic's errors in the protocol's words. Several about one field say the same."""
    return dict(_field_error(shape, error) for error in errors)


def _field_error(shape: type[Shape], error: Mapping[str, Any]) -> tuple[str, str]:
    path, hint = _locate(shape, error["loc"])
    match error:
        case {"type": "value_error", "ctx": {"error": FieldConflict() as conflict}}:
            return ".".join([*path, conflict.field]), conflict.requirement
        case {"type": "missing"}:
            return ".".join(path), "is missing"
        case {"type": "unexpected_keyword_argument"}:
            return ".".join(path), "is not a known field"
    return ".".join(path), requirement(hint)


def _locate(shape: Any, location: Sequence[str | int]) -> tuple[list[str], Any]:
    """The names on the way to the innermost field that has a name, and that field's type.

    Items of a list that are not objects have none: the whole list is named.
    """
    path: list[str] = []
    hint = shape
    for step in location:
        inner = _step_into(hint, step)
        if inner is None:
            break
        path.append(str(step) if is_id(str(step)) else "(unknown)")
        hint = inner
    return path, hint


def _step_into(hint: Any, step: str | int) -> Any:
    if isinstance(step, int):
        return shape_of(item_type(hint))
    shape = shape_of(hint)
    return None if shape is None else _field_types(shape).get(step, object)


@cache
def _field_types(shape: Any) -> dict[str, Any]:
    return get_type_hints(shape, include_extras=True)
