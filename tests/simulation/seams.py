"""Where the handlers touch the outside, and what replaces it during a simulation.

Handlers are not changed: the wiring's SDK clients, clock, gateway and pool are replaced, and the
telemetry. Warm Lambdas keep their wiring, so it is kept from run to run, and forgotten when the
settings change.
"""

import math
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from traceback import format_tb
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.app import welcome
from scorecast.app.welcome import NotOpenYet
from scorecast.aws.dynamodb import memberships, outcomes, table
from scorecast.aws.dynamodb.connection_items import connection_from
from scorecast.aws.dynamodb.items import Item, from_item
from scorecast.aws.dynamodb.match_items import match_from
from scorecast.aws.dynamodb.table import Contention
from scorecast.aws.dynamodb.tournament_items import tournament_from
from scorecast.domain.delivery import Delivery
from scorecast.http import tickets
from scorecast.runtime import telemetry
from scorecast.wiring import delivery, sessions
from tests.harness import wired
from tests.harness.environment import LAMBDA, PARAMETERS, RESOURCES, UNLIMITED_MESSAGES
from tests.simulation.http_api import SECRET
from tests.simulation.scheduler import Pool
from tests.simulation.simulation import Simulation

_ENVIRONMENT: Final = (
    LAMBDA
    | RESOURCES
    | PARAMETERS
    # Clocks differ, and a bucket's tolerance is what they may differ by.
    | UNLIMITED_MESSAGES
    | {
        "AWS_EC2_METADATA_DISABLED": "true",
        "EDGE_SECRET_ARN": "",
        "ALLOW_ANONYMOUS": "true",
        "JWT_ISSUER": "",
        "JWT_AUDIENCE": "",
    }
)


_SHARD_LIMIT: Final = "SHARD_MEMBERS_MAX"
"""A room that fills several shards is large; a simulated one is so with two viewers."""


_OPENING_POLL_MS: Final = 1_000
"""Looked at less often, so that looking is not most of what is simulated."""


class _Current:
    """The run under way. Everything that handlers hold points here."""

    simulation: Simulation
    settings: Mapping[str, str] | None = None


class _Clock:
    """Virtual time, as off as the current invocation's clock is."""

    def now_us(self) -> int:
        scheduler = _Current.simulation.scheduler
        task = scheduler.current
        assert task is not None
        return scheduler.now_us + task.invocation.skew_us

    def now_ms(self) -> int:
        return self.now_us() // 1_000

    def sleep_ms(self, pause_ms: float) -> None:
        _Current.simulation.scheduler.sleep(int(pause_ms * 1_000))

    def random(self) -> float:
        return _Current.simulation.scheduler.rng.random()

    def new_id(self) -> str:
        return f"id-{_Current.simulation.next_number()}"


class _Gateway:
    def post(self, connection_id: str, message: bytes) -> Delivery:
        return _Current.simulation.gateway.post(connection_id, message)

    def post_all(
        self,
        connection_ids: Any,
        message: bytes,
        *,
        time_ms_max: int,
        posts_per_second: float = math.inf,
    ) -> dict[str, Delivery]:
        return _Current.simulation.gateway.post_all(
            connection_ids, message, time_ms_max=time_ms_max, posts_per_second=posts_per_second
        )

    def is_open(self, connection_id: str) -> bool:
        return _Current.simulation.gateway.is_open(connection_id)

    def close(self, connection_id: str) -> None:
        _Current.simulation.gateway.close(connection_id)


class _Item(dict[str, Any]):
    """What an item says, read once for all its readers: no one may change it."""

    def _refuse(self, *_: Any, **__: Any) -> Any:
        raise TypeError("an item that was read is shared by the simulation's handlers")

    __setitem__ = __delitem__ = __ior__ = _refuse
    pop = popitem = update = setdefault = clear = _refuse


class _Reading:
    """Reads each item once: what the model stores is never changed in place, and read often."""

    def __init__(self) -> None:
        self._items: dict[int, tuple[Mapping[str, Any], _Item]] = {}
        self._parsed: list[dict[int, Any]] = []

    def from_item(self, item: Mapping[str, Any]) -> Item:
        """The values of an item that the model stores."""
        known = self._items.get(id(item))
        if known is None:
            # The item is kept, so that no other one gets its id.
            known = self._items[id(item)] = item, _Item(from_item(item))
        return known[1]

    def once[Parsed](self, parse: Callable[[Item], Parsed]) -> Callable[[Item], Parsed]:
        """A pure function of an item's values, called once for each item."""
        parsed: dict[int, Parsed] = {}
        self._parsed.append(parsed)

        def parse_once(item: Item) -> Parsed:
            if type(item) is not _Item:
                return parse(item)
            known = parsed.get(id(item))
            if known is None:
                known = parsed[id(item)] = parse(item)
            return known

        return parse_once

    def forget(self) -> None:
        for parsed in (self._items, *self._parsed):
            parsed.clear()


class _Log:
    """Keeps no lines."""

    def _line(self, message: str, **_: Any) -> None:
        _Current.simulation.note("log", message, "")

    debug = info = warning = error = _line

    def thread_safe_append_keys(self, **_: Any) -> None: ...

    def inject_lambda_context[Handler](self, handler: Handler) -> Handler:
        return handler


_FORESEEN: Final = (Contention, NotOpenYet, BotoCoreError, ClientError)
"""Outages, and what makes SQS deliver a record again."""


def _failed(message: str, error: Exception, **_: str) -> None:
    """Stands for `telemetry.failed`: an exception that nothing foresees is a defect (I9)."""
    simulation = _Current.simulation
    simulation.note("log", message, f"{type(error).__name__}: {error}")
    if not isinstance(error, _FORESEEN):
        place = format_tb(error.__traceback__)[-1].strip()
        simulation.scheduler.fail(f"I9: {message}: {type(error).__name__}: {error} {place}")


class _Secrets:
    """Secrets Manager: one secret for everything, which is never rotated."""

    def current(self, _arn: str) -> str:
        return SECRET

    def valid(self, _arn: str) -> list[str]:
        return [SECRET]


class _Chance:
    """The standard module `secrets`, for the route that issues tickets."""

    def token_urlsafe(self, _bytes: int) -> str:
        return f"ticket-{_Current.simulation.next_number()}"


_READING: Final = _Reading()
_LOG: Final = _Log()
_CLOCK: Final = _Clock()
_SECRETS: Final = _Secrets()
_GATEWAY: Final = _Gateway()
_POOL: Final = Pool(lambda: _Current.simulation.scheduler)


class _Client:
    """An SDK client: its methods are calls of the current simulation's services."""

    def __init__(self, service: str, attempts_max: int, operations: Mapping[str, str]) -> None:
        for method, operation in operations.items():
            setattr(self, method, _method(service, operation, attempts_max))


def _method(service: str, operation: str, attempts_max: int) -> Callable[..., dict[str, Any]]:
    def method(**request: Any) -> dict[str, Any]:
        return _Current.simulation.calls.call(service, operation, request, attempts_max)

    return method


_DYNAMODB: Final = {
    "get_item": "GetItem",
    "batch_get_item": "BatchGetItem",
    "query": "Query",
    "put_item": "PutItem",
    "update_item": "UpdateItem",
    "delete_item": "DeleteItem",
    "transact_write_items": "TransactWriteItems",
    "batch_write_item": "BatchWriteItem",
}
_SQS: Final = {
    "send_message": "SendMessage",
    "change_message_visibility": "ChangeMessageVisibility",
    "delete_message": "DeleteMessage",
}
_SQS_ATTEMPTS_MAX: Final = 3

_PARSED_ONCE: Final = {
    parse: _READING.once(parse) for parse in (match_from, tournament_from, connection_from)
}
"""What handlers make of an item: all of it is immutable, and most reads find what others found."""


def _count(**_: int) -> None:
    """Metrics are not looked at."""


def _publish_metrics() -> None:
    """Nothing has been counted."""


_REPLACED: Final[dict[str, Any]] = {
    "system": lambda: _CLOCK,
    "gateway": lambda endpoint: _GATEWAY,
    "pool": lambda: _POOL,
    "secrets": lambda: _SECRETS,
    "dynamodb": cache(lambda attempts_max: _Client("dynamodb", attempts_max, _DYNAMODB)),
    "sqs": cache(lambda attempts_max=_SQS_ATTEMPTS_MAX: _Client("sqs", attempts_max, _SQS)),
}


@contextmanager
def installed() -> Iterator[None]:
    """The handlers act on the current simulation while this lasts."""
    places: list[tuple[Any, str, Any]] = [
        (memberships, _SHARD_LIMIT, getattr(memberships, _SHARD_LIMIT)),
        *((module, "from_item", _READING.from_item) for module in (outcomes, table)),
        *_imported(_PARSED_ONCE),
        (tickets, "secrets", _Chance()),
        (welcome, "OPENING_POLL_MS", _OPENING_POLL_MS),
        (telemetry, "publish_metrics", _publish_metrics),
        *((wired.place(name), name, replacement) for name, replacement in _REPLACED.items()),
        *_imported(
            {telemetry.log: lambda: _LOG, telemetry.count: _count, telemetry.failed: _failed}
        ),
    ]
    originals = [(place, name, getattr(place, name)) for place, name, _ in places]
    environment = dict(os.environ)
    _put(places)
    os.environ.update(_ENVIRONMENT)
    _forget()
    try:
        yield
    finally:
        _put(originals)
        os.environ.clear()
        os.environ.update(environment)
        _forget()


def _put(places: Iterable[tuple[Any, str, Any]]) -> None:
    for place, name, value in places:
        setattr(place, name, value)


def _imported(replacements: Mapping[Callable[..., Any], Any]) -> list[tuple[Any, str, Any]]:
    """Every module that has imported one of these functions by its name."""
    return [
        (module, function.__name__, replacement)
        for module in list(sys.modules.values())
        for function, replacement in replacements.items()
        if getattr(module, "__dict__", {}).get(function.__name__) is function
    ]


def _forget() -> None:
    _Current.settings = None
    wired.forget()


def enter(simulation: Simulation) -> None:
    """Make a simulation the one that handlers act on, under its settings."""
    _Current.simulation = simulation
    _READING.forget()
    # They remember what they have read: the load, and the matches of tournaments.
    for made in (
        delivery.flush,
        sessions.subscriptions,
        sessions.dispatcher,
        sessions.welcome,
    ):
        made.cache_clear()
    setattr(memberships, _SHARD_LIMIT, simulation.plan.shard_members)
    if _Current.settings != simulation.settings:
        _forget()
        os.environ.update(_ENVIRONMENT | dict(simulation.settings))
        _Current.settings = simulation.settings
