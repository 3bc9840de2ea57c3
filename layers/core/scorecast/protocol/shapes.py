"""JSON objects that clients send, as dataclasses: strict, complete, with rules across fields."""

from dataclasses import dataclass
from typing import Any, ClassVar, Final

from scorecast.protocol.fields import JsonSchema


class FieldConflict(ValueError):
    """Each field is valid on its own, but not together with the others."""

    def __init__(self, field: str, requirement: str) -> None:
        super().__init__(f"{field} {requirement}")
        self.field = field
        self.requirement = requirement


@dataclass(frozen=True, slots=True)
class ExactlyOne:
    """Exactly one of two fields is given. Null counts as omitted."""

    first: str
    second: str

    @property
    def requirement(self) -> str:
        return f"or {self.second} is needed, and not both"

    def is_met_by(self, shape: object) -> bool:
        return (getattr(shape, self.first) is None) != (getattr(shape, self.second) is None)

    def schema(self) -> JsonSchema:
        # the first is named once more, since checkers of examples look at each part by itself
        then = {"properties": {self.first: {}, **_absent(self.second)["properties"]}}
        return {"if": _given(self.first), "then": then, "else": _given(self.second)}


@dataclass(frozen=True, slots=True)
class BothOrNeither:
    """Two fields are given together, or neither. Null counts as omitted.

    `beside` are fields that may come with the two, but not without them.
    """

    first: str
    second: str
    beside: tuple[str, ...] = ()

    @property
    def requirement(self) -> str:
        return f"and {self.second} come together or not at all"

    def is_met_by(self, shape: object) -> bool:
        missing = [getattr(shape, name) is None for name in (self.first, self.second)]
        lone = all(missing) and any(getattr(shape, name) is not None for name in self.beside)
        return missing[0] == missing[1] and not lone

    def schema(self) -> JsonSchema:
        both = _given(self.first, self.second)
        return {"anyOf": [both, _absent(self.first, self.second, *self.beside)]}


@dataclass(frozen=True, slots=True)
class OneKind:
    """The fields of one kind are given, and none of another kind. Null counts as omitted.

    `beside` are fields that may come with those of the first kind only.
    """

    kinds: tuple[tuple[str, ...], ...]
    beside: tuple[str, ...] = ()

    @property
    def first(self) -> str:
        return self.kinds[0][0]

    @property
    def requirement(self) -> str:
        kinds = ", or ".join(" and ".join(kind) for kind in self.kinds)
        return f"is needed: {kinds}, and not several of these"

    def is_met_by(self, shape: object) -> bool:
        given = {name for name in self._fields() if getattr(shape, name) is not None}
        return any(
            given.issuperset(kind) and given.issubset(self._allowed(kind)) for kind in self.kinds
        )

    def schema(self) -> JsonSchema:
        return {"anyOf": [self._schema_of(kind) for kind in self.kinds]}

    def _schema_of(self, kind: tuple[str, ...]) -> JsonSchema:
        given = _given(*kind)
        others = _absent(*sorted(self._fields() - self._allowed(kind)))
        return given | {"properties": given["properties"] | others["properties"]}

    def _allowed(self, kind: tuple[str, ...]) -> set[str]:
        return {*kind, *(self.beside if kind is self.kinds[0] else ())}

    def _fields(self) -> set[str]:
        return {*self.beside, *(name for kind in self.kinds for name in kind)}


class Shape:
    """Base of the dataclasses that `validation` makes from JSON objects.

    Values are not converted, and unknown fields are errors.
    """

    __slots__ = ()
    __pydantic_config__: ClassVar[Any] = {"strict": True, "extra": "forbid"}
    rule: ClassVar[ExactlyOne | BothOrNeither | OneKind | None] = None

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


def _absent(*names: str) -> JsonSchema:
    return {"properties": {name: _NULL for name in names}}
