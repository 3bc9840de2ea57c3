"""What a field must be, in words for the client, from the constraints of its type."""

from dataclasses import is_dataclass
from enum import Enum
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from annotated_types import DocInfo, Ge, Le, MaxLen, MinLen


def requirement(hint: Any) -> str:
    """Completes a sentence that begins with the field's name."""
    kind, constraints = _unwrapped(hint)
    if DocInfo in constraints:
        return str(constraints[DocInfo].documentation)
    if kind is int:
        return f"must be an integer from {constraints[Ge].ge} to {constraints[Le].le}"
    if kind is str:
        lengths = f"{constraints[MinLen].min_length} to {constraints[MaxLen].max_length}"
        return f"must be a string of {lengths} characters"
    if kind is bool:
        return "must be true or false"
    if get_origin(kind) is Literal:
        return "must be one of " + ", ".join(map(str, get_args(kind)))
    if isinstance(kind, type) and issubclass(kind, Enum):
        return "must be one of " + ", ".join(str(member.value) for member in kind)
    if is_dataclass(kind):
        return "must be an object"
    raise TypeError(f"{hint} needs a doc() that says what it must be")


def item_type(hint: Any) -> Any:
    """The type of a list's items; None if it is not a list."""
    kind, _ = _unwrapped(hint)
    return get_args(kind)[0] if get_origin(kind) is list else None


def shape_of(hint: Any) -> Any:
    """The dataclass that a type is, optional or not; None if it is something else."""
    kind, _ = _unwrapped(hint)
    return kind if is_dataclass(kind) else None


def _unwrapped(hint: Any) -> tuple[Any, dict[type, Any]]:
    """A type without `None` and without its constraints, and those by their class."""
    if get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint):
        hint = Union[tuple(each for each in get_args(hint) if each is not NoneType)]  # noqa: UP007
    if get_origin(hint) is not Annotated:
        return hint, {}
    kind, *constraints = get_args(hint)
    return kind, {type(each): each for each in constraints}
