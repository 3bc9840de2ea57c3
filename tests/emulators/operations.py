"""Random requests, as far as the model's grammar reaches, and those that the service makes."""

from collections.abc import Iterator
from random import Random
from typing import Any, Final

from tests.emulators.stores import RANDOM_TABLE
from tests.simulation.dynamodb import Request

type Asked = tuple[str, Request]

_KEYS: Final = [(f"p{pk}", f"s{sk}") for pk in range(2) for sk in range(4)]
_MAPS: Final[tuple[Request, ...]] = ({}, {"a": {"N": "1"}}, {"a": {"N": "2"}, "b": {"S": "x"}})
_VALUES: Final[dict[str, Any]] = {
    ":s": lambda rng: {"S": rng.choice(("live", "paused", "li"))},
    ":t": lambda rng: {"S": rng.choice(("live", "paused"))},
    ":n": lambda rng: {"N": str(rng.randint(0, 3))},
    ":o": lambda rng: {"N": str(rng.randint(-1, 4))},
    ":low": lambda rng: {"N": str(rng.randint(0, 1))},
    ":high": lambda rng: {"N": str(rng.randint(1, 3))},
    ":b": lambda rng: {"BOOL": rng.random() < 0.5},
    ":m": lambda rng: {
        "M": rng.choice(({}, {"a": {"N": "1"}}, {"a": {"N": "2"}, "b": {"S": "x"}}))
    },
    ":l": lambda rng: {"NS": rng.choice((["1"], ["1", "2"], ["2", "3"]))},
    ":words": lambda rng: {"SS": rng.choice((["live"], ["live", "x"], ["paused", "x"]))},
    ":list": lambda rng: {"L": rng.choice(([], [{"N": "1"}], [{"S": "live"}, {"N": "2"}]))},
}
_PREDICATES: Final = (
    "attribute_exists({any})",
    "attribute_not_exists({any})",
    "n = :n",
    "n <> :n",
    "n < :n",
    "n <= :n",
    "n > :o",
    "n >= :o",
    "n BETWEEN :low AND :high",
    "n IN (:n, :o)",
    "kind = :s",
    "kind <> :s",
    "kind < :s",
    "kind >= :t",
    "kind IN (:s, :t)",
    "begins_with(kind, :s)",
    "contains(kind, :s)",
    "contains(letters, :n)",
    "contains(words, :s)",
    "attribute_not_exists(words) OR size(words) < :n OR contains(words, :s)",
    "contains(several, :n)",
    "contains(several, :s)",
    "rooms = :m",
    "rooms <> :m",
    "rooms.#r = :n",
    "rooms.#r > :o",
    "flag = :b",
    "n = former",
    "former < n",
    "n < :s",
    "attribute_exists(rooms) AND size(rooms) < :n",
    "attribute_exists(letters) AND size(letters) >= :n",
    "attribute_exists(kind) AND size(kind) > :n",
    "attribute_exists(several) AND size(several) = :n",
)
_PATHS: Final = ("n", "kind", "rooms", "rooms.#r", "letters", "former", "several", "pk")
_SETS: Final = {
    "n": ("n = :n", "n = n + :n", "n = if_not_exists(n, :o) + :n", "n = if_not_exists(n, :n)"),
    "former": ("former = n", "former = if_not_exists(n, :o)", "former = n - :n", "former = :o"),
    "kind": ("kind = :s", "kind = if_not_exists(kind, :t)"),
    "rooms": ("rooms = :m", "rooms.#r = :n", "rooms.#r = if_not_exists(rooms.#r, :o)"),
    "flag": ("flag = :b",),
    "several": ("several = :list",),
}
_REMOVES: Final = {"n": "n", "kind": "kind", "rooms": "rooms.#r", "former": "former"}


def key_of(rng: Random) -> Request:
    pk, sk = rng.choice(_KEYS)
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def condition(rng: Random, depth: int = 2) -> str:
    if depth == 0 or rng.random() < 0.4:
        return rng.choice(_PREDICATES).replace("{any}", rng.choice(_PATHS))
    match rng.randrange(4):
        case 0:
            return f"NOT {_inner(rng, depth)}"
        case 1:
            return f"{_inner(rng, depth)} OR {condition(rng, 0)}"
        case 2:
            return f"{condition(rng, 0)} AND {_inner(rng, depth)}"
    return f"{condition(rng, 0)} OR {condition(rng, 0)} AND NOT {condition(rng, 0)}"


def _inner(rng: Random, depth: int) -> str:
    """In parentheses: DynamoDB refuses those around what is in parentheses already."""
    return f"({condition(rng, depth - 1)})"


def change(rng: Random) -> str:
    """Clauses in any order, each attribute in one of them at most."""
    free = ["n", "former", "kind", "rooms", "flag", "several", "letters", "words"]
    rng.shuffle(free)
    clauses: dict[str, list[str]] = {}
    for name in free[: rng.randint(1, 4)]:
        kind, text = _one_change(rng, name)
        clauses.setdefault(kind, []).append(text)
    return " ".join(f"{kind} {', '.join(texts)}" for kind, texts in clauses.items())


def _one_change(rng: Random, name: str) -> tuple[str, str]:
    if name == "words":
        return rng.choice((("ADD", "words :words"), ("DELETE", "words :words")))
    if name == "letters":
        return rng.choice((("ADD", "letters :l"), ("DELETE", "letters :l"), ("REMOVE", "letters")))
    if name in _REMOVES and rng.random() < 0.25:
        return "REMOVE", _REMOVES[name]
    if name == "n" and rng.random() < 0.3:
        return "ADD", "n :n"
    return "SET", rng.choice(_SETS[name])


def _filled(rng: Random, request: Request) -> Request:
    """With the values and names that its expressions use."""
    texts = [request.get(name, "") for name in ("UpdateExpression", "ConditionExpression")]
    for mark in "(),":
        texts = [text.replace(mark, " ") for text in texts]
    words = set(" ".join(texts).split())
    values = {name: make(rng) for name, make in _VALUES.items() if name in words}
    if values:
        request["ExpressionAttributeValues"] = values
    if any("#r" in text for text in texts):
        request["ExpressionAttributeNames"] = {"#r": rng.choice(("a", "b"))}
    return request


def _conditional(rng: Random, request: Request, likely: float) -> Request:
    if rng.random() < likely:
        request["ConditionExpression"] = condition(rng)
    if rng.random() < 0.7:
        request["ReturnValuesOnConditionCheckFailure"] = "ALL_OLD"
    return _filled(rng, request)


def _update(rng: Random) -> Request:
    request = {"TableName": RANDOM_TABLE, "Key": key_of(rng), "UpdateExpression": change(rng)}
    return _conditional(rng, request, 0.6)


def _put(rng: Random) -> Request:
    item = key_of(rng) | {"n": _VALUES[":n"](rng), "rooms": {"M": {}}}
    if rng.random() < 0.7:
        item["kind"] = _VALUES[":t"](rng)
    return _conditional(rng, {"TableName": RANDOM_TABLE, "Item": item}, 0.7)


def _delete(rng: Random) -> Request:
    return _conditional(rng, {"TableName": RANDOM_TABLE, "Key": key_of(rng)}, 0.5)


def _check(rng: Random) -> Request:
    return _conditional(rng, {"TableName": RANDOM_TABLE, "Key": key_of(rng)}, 1.0)


def _transaction(rng: Random) -> Request:
    makers = [("Update", _update), ("Put", _put), ("Delete", _delete), ("ConditionCheck", _check)]
    actions = [{name: make(rng)} for name, make in rng.choices(makers, k=rng.randint(1, 3))]
    return {"TransactItems": actions, "ClientRequestToken": f"random-{rng.getrandbits(64)}"}


def _query(rng: Random) -> Request:
    values: Request = {":pk": {"S": rng.choice(_KEYS)[0]}}
    text = "pk = :pk"
    match rng.randrange(4):
        case 0:
            text += " AND sk BETWEEN :low AND :high"
            values |= {":low": {"S": "s1"}, ":high": {"S": "s2"}}
        case 1:
            text += f" AND sk {rng.choice(('=', '<', '<=', '>', '>='))} :sk"
            values[":sk"] = {"S": "s2"}
        case 2:
            text += " AND begins_with(sk, :s)"
            values[":s"] = {"S": "s"}
    request: Request = {
        "TableName": RANDOM_TABLE,
        "ConsistentRead": True,
        "KeyConditionExpression": text,
        "ExpressionAttributeValues": values,
    }
    return request | ({"Limit": rng.randint(1, 3)} if rng.random() < 0.5 else {})


def _index_query(rng: Random) -> Request:
    request: Request = {
        "TableName": RANDOM_TABLE,
        "IndexName": "by_kind",
        "KeyConditionExpression": "#kind = :kind",
        "ExpressionAttributeNames": {"#kind": "kind"},
        "ExpressionAttributeValues": {":kind": _VALUES[":t"](rng)},
    }
    if rng.random() < 0.6:
        request["KeyConditionExpression"] += f" AND #n {rng.choice(('<=', '>', '>='))} :n"
        request["ExpressionAttributeNames"]["#n"] = "n"
        request["ExpressionAttributeValues"][":n"] = _VALUES[":n"](rng)
    return request | ({"Limit": rng.randint(1, 3)} if rng.random() < 0.3 else {})


def _batch(rng: Random) -> Request:
    keys = [{"pk": {"S": pk}, "sk": {"S": sk}} for pk, sk in rng.sample(_KEYS, rng.randint(1, 5))]
    return {"RequestItems": {RANDOM_TABLE: {"Keys": keys, "ConsistentRead": True}}}


_WEIGHTS: Final = {
    "UpdateItem": 40,
    "PutItem": 10,
    "DeleteItem": 5,
    "GetItem": 10,
    "TransactWriteItems": 20,
    "Query": 12,
    "BatchGetItem": 3,
}


def random_requests(rng: Random, number: int) -> Iterator[Asked]:
    """Now and then a transaction comes twice, as after a lost reply; or changed under its token."""
    kinds, weights = list(_WEIGHTS), list(_WEIGHTS.values())
    published: Request | None = None
    for _ in range(number):
        operation = rng.choices(kinds, weights)[0]
        if operation == "TransactWriteItems" and published is not None and rng.random() < 0.15:
            yield operation, published | (_other_actions(rng) if rng.random() < 0.3 else {})
            continue
        request = _request(rng, operation)
        if operation == "TransactWriteItems":
            published = request
        yield operation, request


def _other_actions(rng: Random) -> Request:
    return {"TransactItems": _transaction(rng)["TransactItems"]}


def _request(rng: Random, operation: str) -> Request:
    match operation:
        case "UpdateItem":
            return _update(rng) | ({"ReturnValues": "ALL_NEW"} if rng.random() < 0.7 else {})
        case "PutItem":
            return _put(rng)
        case "DeleteItem":
            return _delete(rng)
        case "TransactWriteItems":
            return _transaction(rng)
        case "Query":
            return _query(rng) if rng.random() < 0.6 else _index_query(rng)
        case "BatchGetItem":
            return _batch(rng)
    return {"TableName": RANDOM_TABLE, "Key": key_of(rng), "ConsistentRead": True}
