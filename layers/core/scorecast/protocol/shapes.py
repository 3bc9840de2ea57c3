"""JSON objects that clients send, as dataclasses: strict, complete, with rules across fields."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from scorecast.protocol.fields import JsonSchema


class FieldConflict(ValueError):
    """Each field is right by itself, but not beside the others."""

    def __init__(self, field: str, requirement: str) -> None:
        super().__init__(f"{field} {requirement}")
        self.field = field
        self.requirement = requirement


@dataclass(frozen=True, slots=True)
class ExactlyOne:
    """One of two fields is given. Null is the same as left out."""

    first: str
    second: str

    @property
    def requirement(self) -> str:
        return f"or {self.second} is needed, and not both"

    def is_met_by(self, shape: object) -> bool:
        return (getattr(shape, self.first) is None) != (getattr(shape, self.second) is None)

    def schema(self) -> JsonSchema:
        return {"if": _given(self.first), "then": _absent(self.second), "else": _given(self.second)}


@dataclass(frozen=True, slots=True)
class BothOrNeither:
    """Two fields are given together. Null is the same as left out."""

    first: str
    second: str

    @property
    def requirement(self) -> str:
        return f"and {self.second} come together or not at all"

    def is_met_by(self, shape: object) -> bool:
        return (getattr(shape, self.first) is None) == (getattr(shape, self.second) is None)

    def schema(self) -> JsonSchema:
        both = _given(self.first, self.second)
        return {"anyOf": [both, {"properties": {self.first: _NULL, self.second: _NULL}}]}


class Shape:
    """Base of the dataclasses that `validation` makes from JSON objects.

    Values are not converted, and unknown fields are errors.
    """

    __slots__ = ()
    __pydantic_config__: ClassVar[Any] = {"strict": True, "extra": "forbid"}
    rule: ClassVar[ExactlyOne | BothOrNeither | None] = None

    def __post_init__(self) -> None:
        if self.rule is not None and not self.rule.is_met_by(self):
            raise FieldConflict(self.rule.first, self.rule.requirement)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        # strict fields, but the object itself is a dictionary and not yet an instance
        return handler(source) | {"strict": False}

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: Any) -> JsonSchema:
        schema: JsonSchema = handler.resolve_ref_schema(handler(core_schema))
        return schema if cls.rule is None else schema | cls.rule.schema()


_NULL: Final[JsonSchema] = {"type": "null"}


def _given(*names: str) -> JsonSchema:
    return {"required": list(names), "properties": {name: {"not": _NULL} for name in names}}


def _absent(name: str) -> JsonSchema:
    return {"properties": {name: _NULL}}
