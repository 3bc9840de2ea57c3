"""Two stacks that share nothing but the clock: tables, queues, streams, and the clients of each.

The use cases are the real ones, wired to each stack's own settings. What the model leaves out is
API Gateway and the parsing of messages: neither knows of cells.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import cache, partial
from random import Random
from typing import Any, Final, cast

import pytest

from infra.move import mover as movers
from infra.move.cell import Cell
from infra.move.mover import Mover
from scorecast.app.process_batch import process_batch
from scorecast.app.process_stream import process_stream
from scorecast.aws.dynamodb.items import to_item
from scorecast.aws.dynamodb.match_changes import history_entries
from scorecast.aws.dynamodb.match_items import new_match as match_item
from scorecast.aws.dynamodb.match_keys import pointer
from scorecast.aws.dynamodb.stream import records as stream_records
from scorecast.aws.dynamodb.tournament_items import new_tournament
from scorecast.aws.sqs.flush_queue import room_of_request
from scorecast.aws.sqs.records import Record, records
from scorecast.aws.sqs.sweep_queue import RequeueStalled, task_of, text_of
from scorecast.domain.delivery import Delivery
from scorecast.domain.matches.match import Match
from scorecast.domain.matches.tournament import Tournament, endpoint
from scorecast.protocol.cells import Endpoint, TournamentEndpoint
from scorecast.protocol.limits import REQUEUE_PERIOD_SECONDS
from scorecast.protocol.states import State
from scorecast.runtime import settings
from scorecast.wiring import clients as sdk
from scorecast.wiring import delivery, host, queues, upkeep
from scorecast.wiring import tables as repositories
from tests.harness.environment import LAMBDA, PARAMETERS, RESOURCES
from tests.simulation import deployment, seams
from tests.simulation.cells.strikes import StruckCalls
from tests.simulation.dynamodb import DynamoDB, Table, Written
from tests.simulation.profiles import new_match
from tests.simulation.scheduler import START_US, Invocation, Scheduler
from tests.simulation.simulation import Plan, Simulation, no_tables
from tests.simulation.sqs import Queue, Queues
from tests.simulation.streams import Stream, pattern

TOURNAMENT: Final = "t1"
MATCHES: Final = ("m1", "m2")
SECOND_US: Final = 1_000_000
STEPS_MAX: Final = 100_000
LAMBDA_US: Final = 30 * SECOND_US
MOVER_US: Final = 600 * SECOND_US
DRAIN_SECONDS: Final = 5
BAD_ANSWERS_MAX: Final = 3
"""So many times a cell gets no answer from the other one, or the one before out of a cache."""


@dataclass
class Gateway:
    """The open connections of both cells. `receive` gets what is posted to each."""

    scheduler: Scheduler
    receive: dict[str, Callable[[dict[str, Any]], None]] = field(default_factory=dict)

    def post(self, connection_id: str, message: bytes) -> Delivery:
        self.scheduler.switch()
        receive = self.receive.get(connection_id)
        if receive is None:
            return Delivery.GONE
        receive(json.loads(message))
        return Delivery.DELIVERED

    def post_all(
        self, connection_ids: Iterable[str], message: bytes, **_: Any
    ) -> dict[str, Delivery]:
        return {each: self.post(each, message) for each in connection_ids}

    def is_open(self, connection_id: str) -> bool:
        self.scheduler.switch()
        return connection_id in self.receive

    def close(self, connection_id: str) -> None:
        self.scheduler.switch()
        self.receive.pop(connection_id, None)


@dataclass(frozen=True)
class Stack:
    """A cell: its settings, as its functions read them."""

    number: int

    @property
    def environment(self) -> dict[str, str]:
        own = {name: f"{value}-{self.number}" for name, value in RESOURCES.items()}
        addresses = {
            "SOCKET_URL": self.endpoint["socket_url"],
            "HTTP_URL": self.endpoint["http_url"],
        }
        return LAMBDA | PARAMETERS | own | addresses

    @property
    def endpoint(self) -> Endpoint:
        return {
            "socket_url": f"wss://live-{self.number}.test",
            "http_url": f"https://api-{self.number}.test",
        }

    def settings[Settings](self, kind: type[Settings]) -> Settings:
        read: Settings = _settings(cast(Any, kind), self)
        return read

    def tournament(self) -> Tournament | None:
        return repositories.matches(self.settings(settings.MessageSettings)).tournament(TOURNAMENT)


@cache
def _settings(kind: Any, stack: Stack) -> Any:
    return settings.read(kind, stack.environment)


STACKS: Final = (Stack(0), Stack(1))


class Cells:
    """The model. It stands in for a `Simulation` at the seams, which look no further."""

    def __init__(self, seed: int, *, is_traced: bool = False) -> None:
        self.rng = Random(seed)
        self.plan = Plan()
        self.settings: dict[str, str] = {}
        self.trace: list[str] = []
        self._is_traced = is_traced
        self._number = 0
        self.scheduler = Scheduler(self.rng)
        self.scheduler.steps_max = STEPS_MAX
        self.dynamodb = DynamoDB(self.rng, _tables())
        self.queues = Queues(self.scheduler)
        note = self.note if is_traced else None
        self.calls = StruckCalls(self.scheduler, self.dynamodb, self.queues, note)
        self.gateway = Gateway(self.scheduler)
        self.streams = [self._stream(stack) for stack in STACKS]
        self.observers: list[Callable[[list[Written]], None]] = []
        self.dynamodb.observe = self._observe
        self._answers = {each.endpoint["http_url"]: _before_all(each) for each in STACKS}
        self.bad_answers_us: list[int] = []
        for stack in STACKS:
            self._add_queues(stack)

    # What the seams ask for

    def next_number(self) -> int:
        self._number += 1
        return self._number

    def note(self, operation: str, request: str, outcome: str) -> None:
        if self._is_traced:
            task = self.scheduler.current
            who = task.invocation.name if task is not None else "-"
            at_s = (self.scheduler.now_us - START_US) / SECOND_US
            self.trace.append(f"{at_s:8.3f} {who} {operation} {request}: {outcome}")

    # What happens by itself

    def _observe(self, written: list[Written]) -> None:
        for observe in (*(stream.observe for stream in self.streams), *self.observers):
            observe(written)

    def _stream(self, stack: Stack) -> Stream:
        source = deployment.stream_of("history")

        def start(event: dict[str, Any], on_end: Callable[[Invocation], None]) -> None:
            own = stack.settings(settings.HistorySettings)
            history = repositories.history(own)
            letters = queues.dead_letters(own.history_dead_letter_queue_url)

            def put(entries: Any) -> None:
                history.put(entries, days=own.history_days)

            def work() -> Any:
                return process_stream(stream_records(event), history_entries, put, letters)

            self.invoke(f"history@{stack.number}", work, on_end=on_end)

        return Stream(
            stack.environment["MATCHES_TABLE"],
            self.scheduler,
            start,
            batch_max=source["BatchSize"],
            filters=[pattern(each["Pattern"]) for each in source["FilterCriteria"]["Filters"]],
            strikes=lambda what: False,
        )

    def _add_queues(self, stack: Stack) -> None:
        def publish(record: Record) -> None:
            flush = delivery.flush(stack.settings(settings.FlushSettings))
            flush.run(room_of_request(record), request_id=record.message_id)

        def sweep(record: Record) -> None:
            maintenance = upkeep.maintenance(stack.settings(settings.SweepSettings))
            maintenance.run(task_of(record.body), is_retry=record.receives > 1)

        for name, process in (("flush", publish), ("sweep", sweep)):
            self._add_queue(stack, name, process)

    def _add_queue(self, stack: Stack, name: str, process: Callable[[Record], None]) -> None:
        url, template = stack.environment[f"{name.upper()}_QUEUE_URL"], deployment.queue_of(name)

        def start(event: dict[str, Any], on_end: Callable[[Invocation], None], _: Any) -> bool:
            def work() -> Any:
                queue = queues.record_queue(url)
                return process_batch(records(event), process, host.pool(), queue, _time_left)

            self.invoke(f"{name}@{stack.number}", work, on_end=on_end)
            return True

        queue = Queue(
            name,
            template.is_fifo,
            template.receive_count_max,
            start,
            visibility_us=template.visibility_us,
            batch_max=template.batch_max,
        )
        self.queues.add(url, queue)

    def invoke(
        self,
        name: str,
        work: Callable[[], Any],
        *,
        on_end: Callable[[Invocation], None] = lambda ended: None,
        timeout_us: int = LAMBDA_US,
    ) -> None:
        self.scheduler.invoke(
            f"{name}-{self.next_number()}", work, timeout_us=timeout_us, skew_us=0, on_end=on_end
        )

    def sweep(self, seconds: int) -> None:
        """Each cell's schedule, for so long."""
        for stack in STACKS:
            begin_s = self.rng.random() * REQUEUE_PERIOD_SECONDS
            for number in range(int(seconds / REQUEUE_PERIOD_SECONDS)):
                at_us = int((begin_s + number * REQUEUE_PERIOD_SECONDS) * SECOND_US)
                self.scheduler.after(at_us, partial(self._requeue, stack))

    def _requeue(self, stack: Stack) -> None:
        url = stack.environment["SWEEP_QUEUE_URL"]
        self.queues.send({"QueueUrl": url, "MessageBody": text_of(RequeueStalled())})

    # What is asked of the cells

    def answer(self, http_url: str, tournament_id: str) -> TournamentEndpoint | None:
        """What a cell's HTTP API says; nothing now and then, or what it has said before."""
        self.scheduler.switch()
        [stack] = [each for each in STACKS if each.endpoint["http_url"] == http_url]
        known = self._answers.get(http_url)
        if len(self.bad_answers_us) < BAD_ANSWERS_MAX and self.rng.random() < 0.5:
            self.bad_answers_us.append(self.scheduler.now_us)
            return self.rng.choice((None, known))
        tournament = stack.tournament()
        assert tournament is not None
        self._answers[http_url] = answer = endpoint(tournament, stack.endpoint)
        return answer

    def mover(self, source: int) -> Mover:
        """A process that moves the tournament out of a cell."""
        clients = {"dynamodb": sdk.dynamodb(5), "sqs": sdk.sqs(5)}
        session = cast(Any, _Session(clients))
        here, there = (
            Cell.of_outputs(f"cell-{stack.number}", _outputs(stack), session, host.system())
            for stack in (STACKS[source], STACKS[1 - source])
        )
        clock, pool = host.system(), host.pool()
        return Mover(here, there, clock, pool, DRAIN_SECONDS, self._report)

    def _report(self, line: str) -> None:
        self.note("mover", line, "")


@dataclass(frozen=True)
class _Session:
    clients: dict[str, Any]

    def client(self, service: str, **_: Any) -> Any:
        return self.clients[service]


@dataclass(frozen=True)
class _Directory:
    cells: Cells

    def endpoint(self, http_url: str, tournament_id: str) -> TournamentEndpoint | None:
        return self.cells.answer(http_url, tournament_id)


def _before_all(stack: Stack) -> TournamentEndpoint:
    """The answer in a cache from before the first move."""
    return {"tournament_id": TOURNAMENT, "state": "here", "endpoint": stack.endpoint, "move": 0}


def _time_left() -> int:
    return LAMBDA_US // 1_000


def _outputs(stack: Stack) -> dict[str, str]:
    return {
        "MatchesTable": stack.environment["MATCHES_TABLE"],
        "HistoryTable": stack.environment["HISTORY_TABLE"],
        "SweepQueueUrl": stack.environment["SWEEP_QUEUE_URL"],
        "SocketUrl": stack.endpoint["socket_url"],
        "HttpUrl": stack.endpoint["http_url"],
    }


def _tables() -> dict[str, Table]:
    """Those of both cells, with the tournament and its matches in the first one."""
    tables = {}
    for stack in STACKS:
        for name, table in no_tables().items():
            named = f"{name}-{stack.number}"
            tables[named] = Table(named, table.indexes)
    stored = tables[STACKS[0].environment["MATCHES_TABLE"]]
    for item in _items():
        stored.write(START_US, (item["pk"], item["sk"]), to_item(item))
    return tables


def _items() -> Iterator[dict[str, Any]]:
    cup = Tournament(id=TOURNAMENT, name="Cup", organizers=("official",), state="open", sequence=0)
    yield new_tournament(cup)
    for match_id in MATCHES:
        match: Match = new_match(match_id, State.LIVE)
        yield match_item(match)
        yield pointer(match)


@contextmanager
def cells(seed: int, *, is_traced: bool = False) -> Iterator[Cells]:
    """The handlers act on two new cells while this lasts."""
    with seams.installed(), pytest.MonkeyPatch.context() as patched:
        # Signals are for processes; the model's movers share the one of the test.
        patched.setattr(movers, "held_back", nullcontext)
        two = Cells(seed, is_traced=is_traced)
        patched.setattr(sdk, "cell_directory", lambda: _Directory(two))
        seams.enter(cast(Simulation, two))
        yield two
