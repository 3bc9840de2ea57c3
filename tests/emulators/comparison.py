"""The same requests to the model and to an emulator; what differs is explained or reported."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from tests.emulators.differences import Difference, Found
from tests.emulators.operations import Asked
from tests.emulators.stores import Model, Response, Store, put
from tests.simulation.dynamodb import Request

PAGES_MAX: Final = 50


@dataclass(slots=True)
class Comparison:
    model: Model
    other: Store
    differences: tuple[Difference, ...]
    asked: int = 0
    explained: Counter[str] = field(default_factory=Counter)
    unexplained: list[Found] = field(default_factory=list)
    _tokens: set[str] = field(default_factory=set)
    _tokens_apart: set[str] = field(default_factory=set)
    """Of transactions that one of the two did not make: it does not know them."""

    def run(self, requests: Iterable[Asked]) -> None:
        for operation, request in requests:
            token = request.get("ClientRequestToken", "")
            if token not in self._tokens_apart:
                self._ask(operation, request, token)

    def _ask(self, operation: str, request: Request, token: str) -> None:
        self.asked += 1
        is_repeated = token in self._tokens
        self._tokens |= {token} if token else set()
        ours = _answers(self.model, operation, request)
        theirs = _answers(self.other, operation, request)
        if ours != theirs:
            self._judge(Found(operation, request, ours, theirs, is_repeated))
            self._tokens_apart |= {token} if token else set()
        if ours != theirs or is_repeated:
            self._mend(request)

    def _judge(self, found: Found) -> None:
        for difference in self.differences:
            if difference.explains(found):
                self.explained[difference.name] += 1
                return
        self.unexplained.append(found)

    def _mend(self, request: Request) -> None:
        """Have the other store hold what the model holds, so that a difference is reported once."""
        for table, key in touched(request):
            put(self.other, table, key, self.model.dynamodb.tables[table].items.get(key))


def _answers(store: Store, operation: str, request: Request) -> list[Response]:
    """One answer, or that to each page of a query.

    Items of an index that have the same place in it come in any order, so they are gathered.
    """
    answers = list(_pages(store, operation, request))
    if "IndexName" not in request or answers[-1][0] == "error":
        return answers
    pages = [answer[1].get("Items", []) for answer in answers]
    items = sorted(str(sorted(item.items())) for page in pages for item in page)
    return [("ok", items, [len(page) for page in pages])]


def _pages(store: Store, operation: str, request: Request) -> Iterator[Response]:
    request = dict(request)
    for _ in range(PAGES_MAX):
        answer, reply = store.ask(operation, request)
        yield answer
        if "LastEvaluatedKey" not in reply:
            return
        request["ExclusiveStartKey"] = reply["LastEvaluatedKey"]


def touched(request: Request) -> list[tuple[str, tuple[str, str]]]:
    """The items that a request may write."""
    if "TransactItems" in request:
        actions = request["TransactItems"]
        return [item for action in actions for one in action.values() for item in touched(one)]
    key: Any = request.get("Key") or request.get("Item")
    return [(request["TableName"], (key["pk"]["S"], key["sk"]["S"]))] if key else []
