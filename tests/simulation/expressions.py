"""DynamoDB's condition, key and update expressions: parsed once, then plain functions.

Values stay in DynamoDB's typed JSON (`{"N": "1"}`), so what is stored is what was sent. Numbers
are integers in their canonical spelling, as all of the service's are, so equality is equality of
the JSON. An absent attribute is None.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

type Value = dict[str, Any]
type Item = dict[str, Value]
type Names = Mapping[str, str]
type Values = Mapping[str, Value]
type Operand = Callable[[Item, Names, Values], Value | None]
type Condition = Callable[[Item, Names, Values], bool]
type Path = tuple[str, ...]
type Change = Callable[[Item, Item, Names, Values], None]


class Invalid(Exception):
    """What DynamoDB answers with ValidationException: the request itself is wrong."""


_TOKEN: Final = re.compile(r"\s*(<>|<=|>=|[=<>(),.+\-]|[:#]?[A-Za-z_][A-Za-z0-9_]*|[0-9]+)")
_COMPARATORS: Final = frozenset({"=", "<>", "<", "<=", ">", ">="})
_CLAUSES: Final = frozenset({"SET", "REMOVE", "ADD", "DELETE"})


def _tokens(text: str) -> list[str]:
    tokens, position = [], 0
    while position < len(text.rstrip()):
        found = _TOKEN.match(text, position)
        if found is None:
            raise Invalid(f"syntax error at {text[position:]!r}")
        tokens.append(found.group(1))
        position = found.end()
    return tokens


@dataclass(frozen=True, slots=True)
class Compiled:
    """A condition, and the placeholders that it uses."""

    holds: Condition
    placeholders: frozenset[str]


@dataclass(frozen=True, slots=True)
class CompiledUpdate:
    changes: tuple[Change, ...]
    placeholders: frozenset[str]

    def apply(self, old: Item, names: Names, values: Values) -> Item:
        """The item after the update. Every operand is read from the item as it was."""
        new = dict(old)
        for change in self.changes:
            change(old, new, names, values)
        return new


@cache
def condition(text: str) -> Compiled:
    parser = _Parser(text)
    holds = parser.disjunction()
    parser.end()
    return Compiled(holds, parser.placeholders())


@cache
def update(text: str) -> CompiledUpdate:
    parser = _Parser(text)
    changes = parser.clauses()
    parser.end()
    return CompiledUpdate(tuple(changes), parser.placeholders())


@cache
def partition_placeholder(key_condition: str) -> str:
    """The placeholder that a key condition compares the partition key with."""
    tokens = _tokens(key_condition)
    if len(tokens) < 3 or tokens[1] != "=":
        raise Invalid("a key condition begins with the partition key")
    return tokens[2]


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = _tokens(text)
        self._at = 0
        self._targets: list[Path] = []

    def placeholders(self) -> frozenset[str]:
        return frozenset(token for token in self._tokens if token[0] in ":#")

    def end(self) -> None:
        if self._at != len(self._tokens):
            raise Invalid(f"syntax error at {self._tokens[self._at]!r}")

    def _peek(self) -> str:
        return self._tokens[self._at] if self._at < len(self._tokens) else ""

    def _take(self, *expected: str) -> str:
        token = self._peek()
        if not token or (expected and token not in expected):
            raise Invalid(f"syntax error at {token!r}, expected {expected}")
        self._at += 1
        return token

    def _took(self, token: str) -> bool:
        if self._peek() != token:
            return False
        self._at += 1
        return True

    # Conditions

    def disjunction(self) -> Condition:
        left = self._conjunction()
        while self._took("OR"):
            left = _either(left, self._conjunction())
        return left

    def _conjunction(self) -> Condition:
        left = self._negation()
        while self._took("AND"):
            left = _both(left, self._negation())
        return left

    def _negation(self) -> Condition:
        if self._took("NOT"):
            inner = self._negation()
            return lambda item, names, values: not inner(item, names, values)
        return self._predicate()

    def _predicate(self) -> Condition:
        if self._took("("):
            inner = self.disjunction()
            self._take(")")
            return inner
        if self._peek() in _FUNCTIONS:
            return self._function()
        left = self._condition_operand()
        if self._took("BETWEEN"):
            low = self._condition_operand()
            self._take("AND")
            return _between(left, low, self._condition_operand())
        if self._took("IN"):
            return _in(left, self._list())
        return _compare(self._take(*_COMPARATORS), left, self._condition_operand())

    def _function(self) -> Condition:
        name = self._take()
        self._take("(")
        path = self._path()
        arguments = [path_operand(path)]
        while self._took(","):
            arguments.append(self._condition_operand())
        self._take(")")
        return _FUNCTIONS[name](*arguments)

    def _list(self) -> list[Operand]:
        self._take("(")
        operands = [self._condition_operand()]
        while self._took(","):
            operands.append(self._condition_operand())
        self._take(")")
        return operands

    def _condition_operand(self) -> Operand:
        if self._took("size"):
            self._take("(")
            path = self._path()
            self._take(")")
            return _size(path_operand(path))
        return self._simple_operand()

    def _simple_operand(self) -> Operand:
        if self._peek().startswith(":"):
            return _placeholder(self._take())
        return path_operand(self._path())

    def _path(self) -> Path:
        path = [self._take()]
        while self._took("."):
            path.append(self._take())
        return tuple(path)

    # Updates

    def clauses(self) -> list[Change]:
        changes: list[Change] = []
        seen: set[str] = set()
        while self._peek():
            clause = self._take(*_CLAUSES)
            if clause in seen:
                raise Invalid(f"{clause} stands twice in the update expression")
            seen.add(clause)
            changes.append(self._change(clause))
            while self._took(","):
                changes.append(self._change(clause))
        return changes

    def _change(self, clause: str) -> Change:
        path = self._target()
        if clause == "SET":
            self._take("=")
            return _set(path, self._sum())
        if clause == "REMOVE":
            return _remove(path)
        operand = _placeholder(self._take())
        return _add(path, operand) if clause == "ADD" else _delete(path, operand)

    def _target(self) -> Path:
        path = self._path()
        for other in self._targets:
            shorter = min(len(path), len(other))
            if path[:shorter] == other[:shorter]:
                raise Invalid(f"two document paths overlap: {path}, {other}")
        self._targets.append(path)
        return path

    def _sum(self) -> Operand:
        left = self._term()
        if self._peek() in ("+", "-"):
            sign = 1 if self._take() == "+" else -1
            return _arithmetic(left, self._term(), sign)
        return left

    def _term(self) -> Operand:
        if self._took("list_append"):
            self._take("(")
            left = self._term()
            self._take(",")
            right = self._term()
            self._take(")")
            return _appended(left, right)
        if not self._took("if_not_exists"):
            return self._simple_operand()
        self._take("(")
        path = self._path()
        self._take(",")
        default = self._term()
        self._take(")")
        return _if_not_exists(path_operand(path), default)


def _name(token: str, names: Names) -> str:
    if not token.startswith("#"):
        return token
    if token not in names:
        raise Invalid(f"{token} is not among the expression's names")
    return names[token]


def path_operand(path: Path) -> Operand:
    if len(path) == 1 and not path[0].startswith("#"):
        only = path[0]
        return lambda item, _names, _values: item.get(only)

    def nested(item: Item, names: Names, _values: Values) -> Value | None:
        value: Value | None = {"M": item}
        for token in path:
            if value is None or "M" not in value:
                return None
            value = value["M"].get(_name(token, names))
        return value

    return nested


def _placeholder(token: str) -> Operand:
    if not token.startswith(":"):
        raise Invalid(f"expected a value, found {token!r}")

    def value(_item: Item, _names: Names, values: Values) -> Value:
        try:
            return values[token]
        except KeyError:
            raise Invalid(f"{token} is not among the expression's values") from None

    return value


def _size(of: Operand) -> Operand:
    def size(item: Item, names: Names, values: Values) -> Value | None:
        value = of(item, names, values)
        if value is None:
            return None
        ((kind, content),) = value.items()
        if kind not in ("S", "M", "L", "NS", "SS", "B"):
            raise Invalid(f"size() of a {kind}")
        return {"N": str(len(content.encode() if kind == "S" else content))}

    return size


def _either(left: Condition, right: Condition) -> Condition:
    return lambda item, names, values: left(item, names, values) or right(item, names, values)


def _both(left: Condition, right: Condition) -> Condition:
    return lambda item, names, values: left(item, names, values) and right(item, names, values)


def _exists(path: Operand) -> Condition:
    return lambda item, names, values: path(item, names, values) is not None


def _missing(path: Operand) -> Condition:
    return lambda item, names, values: path(item, names, values) is None


def _begins_with(path: Operand, prefix: Operand) -> Condition:
    def begins(item: Item, names: Names, values: Values) -> bool:
        value, start = path(item, names, values), prefix(item, names, values)
        if value is None or start is None or "S" not in value:
            return False
        return str(value["S"]).startswith(start["S"])

    return begins


def _contains(path: Operand, element: Operand) -> Condition:
    def contains(item: Item, names: Names, values: Values) -> bool:
        value, sought = path(item, names, values), element(item, names, values)
        if value is None or sought is None:
            return False
        ((kind, content),) = value.items()
        if kind == "L":
            return sought in content
        ((_, bare),) = sought.items()
        return bare in content

    return contains


_FUNCTIONS: Final[dict[str, Callable[..., Condition]]] = {
    "attribute_exists": _exists,
    "attribute_not_exists": _missing,
    "begins_with": _begins_with,
    "contains": _contains,
}


def _ordered(value: Value) -> tuple[str, Any]:
    ((kind, content),) = value.items()
    if kind == "N":
        return kind, int(content)
    if kind == "S":
        return kind, content.encode()
    raise Invalid(f"a {kind} has no order")


def _order(left: Value | None, right: Value | None) -> int | None:
    """-1, 0 or 1; None if the two cannot be compared: then no comparison holds."""
    if left is None or right is None:
        return None
    (kind, one), (other_kind, other) = _ordered(left), _ordered(right)
    if kind != other_kind:
        return None
    return int(one > other) - int(one < other)


_HOLDS: Final[dict[str, frozenset[int]]] = {
    "<": frozenset({-1}),
    "<=": frozenset({-1, 0}),
    ">": frozenset({1}),
    ">=": frozenset({0, 1}),
}


def _compare(comparator: str, left: Operand, right: Operand) -> Condition:
    if comparator == "=":

        def equal(item: Item, names: Names, values: Values) -> bool:
            one = left(item, names, values)
            return one is not None and one == right(item, names, values)

        return equal
    if comparator == "<>":
        return lambda item, names, values: left(item, names, values) != right(item, names, values)
    wanted = _HOLDS[comparator]
    return lambda item, names, values: (
        _order(left(item, names, values), right(item, names, values)) in wanted
    )


def _between(operand: Operand, low: Operand, high: Operand) -> Condition:
    def between(item: Item, names: Names, values: Values) -> bool:
        value = operand(item, names, values)
        above = _order(low(item, names, values), value)
        below = _order(value, high(item, names, values))
        return above in (-1, 0) and below in (-1, 0)

    return between


def _in(operand: Operand, choices: list[Operand]) -> Condition:
    def among(item: Item, names: Names, values: Values) -> bool:
        value = operand(item, names, values)
        return value is not None and any(value == one(item, names, values) for one in choices)

    return among


def _arithmetic(left: Operand, right: Operand, sign: int) -> Operand:
    def total(item: Item, names: Names, values: Values) -> Value:
        one, other = left(item, names, values), right(item, names, values)
        if one is None or other is None or "N" not in one or "N" not in other:
            raise Invalid("an operand of + or - is absent or no number")
        return {"N": str(int(one["N"]) + sign * int(other["N"]))}

    return total


def _appended(left: Operand, right: Operand) -> Operand:
    def appended(item: Item, names: Names, values: Values) -> Value:
        one, other = left(item, names, values), right(item, names, values)
        if one is None or other is None or "L" not in one or "L" not in other:
            raise Invalid("an operand of list_append is absent or no list")
        return {"L": [*one["L"], *other["L"]]}

    return appended


def _if_not_exists(path: Operand, default: Operand) -> Operand:
    def stored_or_default(item: Item, names: Names, values: Values) -> Value | None:
        stored = path(item, names, values)
        return default(item, names, values) if stored is None else stored

    return stored_or_default


def _replace(item: Item, path: list[str], value: Value | None) -> None:
    """Set or remove (None) what is at a path, in copies of the maps on the way."""
    first, *rest = path
    if rest:
        parent = item.get(first)
        if parent is None or "M" not in parent:
            raise Invalid("the document path is invalid for update")
        children = dict(parent["M"])
        _replace(children, rest, value)
        item[first] = {"M": children}
    elif value is None:
        item.pop(first, None)
    else:
        item[first] = value


def _set(path: Path, operand: Operand) -> Change:
    def change(old: Item, new: Item, names: Names, values: Values) -> None:
        value = operand(old, names, values)
        if value is None:
            raise Invalid("the expression refers to an attribute that does not exist in the item")
        _replace(new, [_name(token, names) for token in path], value)

    if len(path) > 1 or path[0].startswith("#"):
        return change
    only = path[0]

    def set_attribute(old: Item, new: Item, names: Names, values: Values) -> None:
        value = operand(old, names, values)
        if value is None:
            raise Invalid("the expression refers to an attribute that does not exist in the item")
        new[only] = value

    return set_attribute


def _remove(path: Path) -> Change:
    def change(_old: Item, new: Item, names: Names, _values: Values) -> None:
        _replace(new, [_name(token, names) for token in path], None)

    return change


def _add(path: Path, operand: Operand) -> Change:
    stored = path_operand(path)

    def change(old: Item, new: Item, names: Names, values: Values) -> None:
        before, added = stored(old, names, values), operand(old, names, values)
        assert added is not None
        ((kind, amount),) = added.items()
        if kind not in ("N", "NS", "SS") or (before is not None and kind not in before):
            raise Invalid("ADD takes a number or a set, and one of the stored kind")
        if kind == "N":
            total = int(before["N"] if before else 0) + int(amount)
            value = {"N": str(total)}
        else:
            value = _set_of(kind, {*(before[kind] if before else ()), *amount})
        _replace(new, [_name(token, names) for token in path], value)

    return change


def _delete(path: Path, operand: Operand) -> Change:
    stored = path_operand(path)

    def change(old: Item, new: Item, names: Names, values: Values) -> None:
        before, taken = stored(old, names, values), operand(old, names, values)
        assert taken is not None
        ((kind, elements),) = taken.items()
        if kind not in ("NS", "SS"):
            raise Invalid("DELETE takes a set")
        if before is None:
            return
        left = {*before[kind]} - {*elements}
        # A set without elements cannot be stored: the attribute goes.
        value = _set_of(kind, left) if left else None
        _replace(new, [_name(token, names) for token in path], value)

    return change


def _set_of(kind: str, elements: set[str]) -> Value:
    return {kind: sorted(elements, key=int if kind == "NS" else None)}
