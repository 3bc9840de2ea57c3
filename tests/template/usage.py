"""What the functions ask of AWS while tests run: by function, the actions and their resources.

Two runs are listened to: seeds of the simulation, for the functions that it knows, and a journey
over the acceptance tests' handlers, for the authorizer, the HTTP API and whatever needs a token.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Final

import botocore.client
import pytest

from scorecast.aws.signed_http.client import Request, SignedHttp
from scorecast.domain.delivery import Delivery
from tests.simulation import seams
from tests.simulation.calls import Calls
from tests.simulation.outages import Outage
from tests.simulation.profiles import PROFILES
from tests.simulation.run import run_seed
from tests.simulation.simulation import SWEEP_QUEUE, Plan
from tests.simulation.stress.setting import QUIET, SECOND_US, setting, watching
from tests.template.grants import Grant

SEEDS: Final = 25
GET_OPEN, POST, DELETE = ("GET", "POST", "DELETE")
SECRETS: Final = {"arn:jwt": "JwtSecret", "arn:ip": "IpHashSecret", "arn:edge": "EdgeSecret"}
_ITEM_ACTIONS: Final = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}


@dataclass
class Usage:
    """`names` are the template's names of what the environment names."""

    names: Mapping[str, str]
    used: dict[str, set[Grant]] = field(default_factory=dict)

    def note(self, function: str, action: str, resource: str) -> None:
        self.used.setdefault(function, set()).add((action, resource))

    def note_call(self, function: str, service: str, operation: str, request: Any) -> None:
        if service == "events":
            [bus] = {self.names[entry["EventBusName"]] for entry in request["Entries"]}
            return self.note(function, f"events:{operation}", bus)
        if service == "sqs":
            queue = self.names[request["QueueUrl"]]
            self.note(function, f"sqs:{operation.removesuffix('Batch')}", queue)
            return
        for action, table in _item_actions(operation, request):
            index = f"/index/{request['IndexName']}" if "IndexName" in request else ""
            self.note(function, f"dynamodb:{action}", self.names[table] + index)

    def note_connection(self, function: str, method: str) -> None:
        self.note(function, "execute-api:ManageConnections", method)


def _item_actions(operation: str, request: Any) -> Iterator[Grant]:
    """A transaction needs what each of its parts needs."""
    if operation == "TransactWriteItems":
        for item in request["TransactItems"]:
            ((kind, part),) = item.items()
            yield _ITEM_ACTIONS[kind], part["TableName"]
    elif operation in ("BatchGetItem", "BatchWriteItem"):
        for table in request["RequestItems"]:
            yield operation, table
    else:
        yield operation, request["TableName"]


def of_simulation() -> dict[str, set[Grant]]:
    """What the simulated functions used, over some seeds of every profile."""
    usage = Usage(
        {
            "connections": "LiveConnectionsTable",
            "matches": "MatchesTable",
            "history": "HistoryTable",
            "https://sqs.invalid/flush.fifo": "FlushQueue",
            "https://sqs.invalid/welcome": "WelcomeQueue",
            "https://sqs.invalid/fanout.fifo": "FanoutQueue",
            "https://sqs.invalid/sweep": "SweepQueue",
        }
    )
    with _listening(usage, _simulated_function):
        with seams.installed():
            for profile in PROFILES.values():
                for seed in range(SEEDS):
                    run_seed(profile, seed)
        for shard_members in (1, 500):
            _lose_a_post_while_the_queue_takes_nothing(shard_members)
    return usage.used


def _lose_a_post_while_the_queue_takes_nothing(shard_members: int) -> None:
    """Of a large room, which `fanout` posts to, or of a small one, which `flush` does."""
    plan = Plan(habits=QUIET, shard_members=shard_members)
    with setting([watching("a"), watching("b")], plan=plan) as scenario:
        begins_us, ends_us = scenario.begun_us, scenario.begun_us + 10 * SECOND_US
        scenario.simulation.calls.outages.append(
            Outage(
                service="sqs",
                begins_us=begins_us,
                ends_us=ends_us,
                matches=lambda request: request["QueueUrl"] == SWEEP_QUEUE,
            )
        )
        scenario.intercept(
            lambda client_id, message: Delivery.FAILED if scenario.now_s() < 10 else None
        )
        scenario.score(1, 1)
        scenario.run()


def _simulated_function() -> str:
    task = seams._Current.simulation.scheduler.current
    assert task is not None
    return task.invocation.name.partition("-")[0]


@contextmanager
def _listening(usage: Usage, function: Callable[[], str]) -> Iterator[None]:
    call = Calls.call

    def noted(calls: Calls, service: str, operation: str, request: Any, attempts: int) -> Any:
        usage.note_call(function(), service, operation, request)
        return call(calls, service, operation, request, attempts)

    def noted_method(name: str, method: str) -> Callable[..., Any]:
        act = getattr(seams._Gateway, name)

        def noted_act(*args: Any, **named: Any) -> Any:
            usage.note_connection(function(), method)
            return act(*args, **named)

        return noted_act

    methods = {"post": POST, "post_all": POST, "is_open": GET_OPEN, "close": DELETE}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Calls, "call", noted)
        for name, method in methods.items():
            patch.setattr(seams._Gateway, name, noted_method(name, method))
        yield


class Listener:
    """Listens to the handlers of the acceptance tests, which run one after the other."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        names = {
            "CONNECTIONS_TABLE": "LiveConnectionsTable",
            "MATCHES_TABLE": "MatchesTable",
            "HISTORY_TABLE": "HistoryTable",
            "FLUSH_QUEUE_URL": "FlushQueue",
            "WELCOME_QUEUE_URL": "WelcomeQueue",
            "FANOUT_QUEUE_URL": "FanoutQueue",
            "SWEEP_QUEUE_URL": "SweepQueue",
            "HISTORY_DEAD_LETTER_QUEUE_URL": "HistoryDeadLetterQueue",
            "EVENT_BUS_NAME": "EventBusName",
            "EVENT_BUS_DEAD_LETTER_QUEUE_URL": "EventBusDeadLetterQueue",
        }
        self._usage = Usage({environment[name]: logical for name, logical in names.items()})
        self._function = ""

    @property
    def used(self) -> dict[str, set[Grant]]:
        return self._usage.used

    def listen(self, patch: pytest.MonkeyPatch, *modules: ModuleType) -> None:
        """To these modules' handlers, and to nothing that a test does itself."""
        for module in modules:
            patch.setattr(module, "handler", self._named(module.__name__, module.handler))
        call: Any = botocore.client.BaseClient._make_api_call  # type: ignore[attr-defined]
        send, send_all = SignedHttp.send, SignedHttp.send_all

        def noted(client: Any, operation: str, request: Any) -> Any:
            if self._function:
                service = client.meta.service_model.service_name
                self._usage.note_call(self._function, service, operation, request)
            return call(client, operation, request)

        def noted_send(http: SignedHttp, request: Request, **limits: Any) -> Any:
            self._note_http(request)
            return send(http, request, **limits)

        def noted_send_all(http: SignedHttp, request: Request, *rest: Any, **limits: Any) -> Any:
            self._note_http(request)
            return send_all(http, request, *rest, **limits)

        patch.setattr(botocore.client.BaseClient, "_make_api_call", noted)
        patch.setattr(SignedHttp, "send", noted_send)
        patch.setattr(SignedHttp, "send_all", noted_send_all)

    @contextmanager
    def not_listening(self) -> Iterator[None]:
        """While a test reaches in, in the middle of a handler."""
        function, self._function = self._function, ""
        yield
        self._function = function

    def _named(self, function: str, handler: Any) -> Any:
        def named(event: Any, context: Any) -> Any:
            self._function = function
            try:
                return handler(event, context)
            finally:
                self._function = ""

        return named

    def _note_http(self, request: Request) -> None:
        if "x-amz-target" not in request.headers:
            self._usage.note_connection(self._function, request.method)
            return
        secret = SECRETS[json.loads(request.body)["SecretId"]]
        self._usage.note(self._function, "secretsmanager:GetSecretValue", secret)
