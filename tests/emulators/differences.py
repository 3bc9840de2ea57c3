"""Every difference between the model and an emulator that is known, and why it is one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from tests.emulators.stores import Response
from tests.simulation.dynamodb import Request


@dataclass(frozen=True, slots=True)
class Found:
    """A request that two stores answer differently. It may be a repeated transaction."""

    operation: str
    request: Request
    model: list[Response]
    other: list[Response]
    is_repeated: bool

    @property
    def codes(self) -> tuple[str, str]:
        """What each said in the end: ok, or an error's code."""
        return _code(self.model), _code(self.other)

    @property
    def text(self) -> str:
        return _text(self.request)


@dataclass(frozen=True, slots=True)
class Difference:
    name: str
    why: str
    explains: Callable[[Found], bool]


def _code(answers: list[Response]) -> str:
    last = answers[-1]
    return str(last[1]) if last[0] == "error" else "ok"


def _text(request: Request) -> str:
    """The expressions of a request."""
    if "TransactItems" in request:
        actions = request["TransactItems"]
        return " ".join(_text(one) for action in actions for one in action.values())
    return f"{request.get('UpdateExpression', '')} {request.get('ConditionExpression', '')}"


def _is_invalid_action(found: Found) -> bool:
    return found.operation == "TransactWriteItems" and found.codes[0] == "ValidationException"


def _removes_from_nothing(found: Found) -> bool:
    removed = found.text.partition("REMOVE")[2]
    return "rooms.#r" in removed and found.codes[0] == "ValidationException"


def _ends_on_a_full_page(found: Found) -> bool:
    """All the same, but for an empty page at the end."""
    if found.operation != "Query" or found.codes != ("ok", "ok"):
        return False
    if "IndexName" in found.request:
        (_, ours, our_pages), (_, theirs, their_pages) = found.model[0], found.other[0]
        return bool(ours == theirs and our_pages == [*their_pages, 0])
    ours, theirs = found.model, found.other
    return [one[1] for one in ours] == [*(one[1] for one in theirs), {}]


def _may_mix_types(text: str) -> bool:
    """`n < :s` does, and so does `rooms.#r`, which is a number or a string."""
    return "n < :s" in text or "rooms.#r > :o" in text


_TWO_ABSENT: Final = Difference(
    "two absent attributes",
    "In AWS and the model no comparison with an absent attribute holds; in the emulator the"
    " two are equal. No condition of the service compares two attributes.",
    lambda found: "n = former" in found.text,
)

OF_MINISTACK: Final = (
    Difference(
        "an invalid action of a transaction",
        "AWS and MiniStack cancel the transaction with the reason ValidationError; the model and"
        " moto raise ValidationException. A run in which a handler meets either has failed.",
        _is_invalid_action,
    ),
    Difference(
        "REMOVE below an absent map",
        "AWS, moto and the model refuse the path; MiniStack removes nothing. Every connection's"
        " item has its map of rooms.",
        _removes_from_nothing,
    ),
    _TWO_ABSENT,
)

OF_MOTO: Final = (
    Difference(
        "a repeated transaction",
        "moto ignores ClientRequestToken: it writes again, or checks the conditions again.",
        lambda found: found.is_repeated,
    ),
    Difference(
        "a full last page",
        "AWS and the model announce a next page when a page is full, even if that is empty;"
        " moto looks ahead.",
        _ends_on_a_full_page,
    ),
    Difference(
        "values of two types",
        "In AWS and the model values of two types have no order; moto raises TypeError.",
        lambda found: "TypeError" in str(found.other) and _may_mix_types(found.text),
    ),
    Difference(
        "size() of an absent attribute",
        "AWS and the model stop evaluating once attribute_exists() is false; moto does not, and"
        " raises ValueError.",
        lambda found: "size(" in found.text and "ValueError" in str(found.other),
    ),
    _TWO_ABSENT,
)
