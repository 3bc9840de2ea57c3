"""One run: the services, the clients and the functions, all in one virtual time."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field
from functools import partial
from random import Random
from typing import Any, Final

import api
import authorizer
import connect
import disconnect
import fanout
import flush
import history
import message
import sweep
import welcome
from botocore.exceptions import BotoCoreError, ClientError

from scorecast.aws.dynamodb.connection_items import shard_pk
from scorecast.aws.dynamodb.items import to_item
from scorecast.aws.dynamodb.match_items import new_match
from scorecast.aws.dynamodb.match_keys import match_pk, tournament_pk
from scorecast.aws.dynamodb.tournament_items import new_tournament
from scorecast.aws.sqs.sweep_queue import (
    PlanReconciliation,
    RequeueStalled,
    SweepPortion,
    SweepTask,
)
from scorecast.domain.matches.match import Match
from scorecast.domain.matches.tournament import Tournament
from scorecast.protocol.limits import (
    CONNECTION_SHARDS,
    REQUEUE_PERIOD_SECONDS,
    SWEEP_PERIOD_SECONDS,
)
from scorecast.protocol.strict_json import compact
from tests.simulation import deployment
from tests.simulation.calls import Calls, Faults
from tests.simulation.client import Client
from tests.simulation.dynamodb import DynamoDB, Index, Table, Written
from tests.simulation.expressions import Item
from tests.simulation.gateway import Gateway, Habits
from tests.simulation.histories import Histories
from tests.simulation.http_api import HttpApi
from tests.simulation.ledger import CONNECTIONS, HISTORY, MATCHES, Bounds, Ledger, number
from tests.simulation.reports import Line
from tests.simulation.scheduler import START_US, Invocation, Scheduler
from tests.simulation.sqs import Queue, Queues
from tests.simulation.sqs import Start as QueueReader
from tests.simulation.streams import Stream, pattern

EVENTS: Final = frozenset(
    {
        "client asked again",
        "client noticed a missing number",
        "client paused",
        "disconnect before the handshake ended",
        "disconnect late",
        "disconnect lost",
        "disconnect twice",
        "gateway gone, and was not",
        "goodbye disconnected_by_server",
        "goodbye heartbeat_timeout",
        "goodbye max_duration",
        "goodbye token_expired",
        "http 200",
        "http 404",
        "http 409",
        "lambda timed out",
        "queue batch failed in part",
        "queue batch of several groups",
        "queue dead letter",
        "queue deletion lost",
        "queue received again",
        "queue received again while it was worked on",
        "queue repeated a message",
        "queue swallowed a repetition",
        "queue stream repeated",
        "queue visible too early",
        "socket authorized",
        "socket not authorized",
        "socket post before the handshake ended",
        "ttl deletion",
    }
)
"""What may happen beside the faults of calls, each of which some run must have had."""

FLUSH_QUEUE: Final = "https://sqs.invalid/flush.fifo"
WELCOME_QUEUE: Final = "https://sqs.invalid/welcome"
FANOUT_QUEUE: Final = "https://sqs.invalid/fanout.fifo"
SWEEP_QUEUE: Final = "https://sqs.invalid/sweep"
RECEIVES_MAX: Final = 10
"""A record is received no more often, whatever its queue allows: once more is the same again."""

CHAIN_MAX: Final = 16
"""Lambda stops a chain in which one function has been invoked for more often than this."""

READERS: Final = {
    FLUSH_QUEUE: "flush",
    WELCOME_QUEUE: "welcome",
    FANOUT_QUEUE: "fanout",
    SWEEP_QUEUE: "sweep",
}
"""The function that each queue invokes."""

UNDELIVERED: Final = "U#undelivered"
"""The partition of reposts that are kept for later."""

REQUESTS: Final = frozenset({"connect", "message", "disconnect", "authorizer"})
"""Functions that someone waits for."""

REQUEST_CALLS_MAX: Final = 20
"""T8: while a service is throttled."""

CONTENDED_CALLS_MAX: Final = 50
"""While many contend for the last slot or place."""

MADE_GOOD_US_MAX: Final = 10_000_000
"""T3: after the end of the last fault whatever was lost is made good within this.

SQS hides the record of a Lambda that has died until its visibility time-out is over, and nothing
else knows of it: that is the end of this fault.
"""

TIMEOUT_MS: Final = 50_000
"""Silence after which a connection may be ended: HEARTBEAT_TIMEOUT_SECONDS."""

HANDLERS: Final[dict[str, Callable[[dict[str, Any], Any], Any]]] = {
    "api": api.handler,
    "authorizer": authorizer.handler,
    "connect": connect.handler,
    "disconnect": disconnect.handler,
    "message": message.handler,
    "welcome": welcome.handler,
    "fanout": fanout.handler,
    "flush": flush.handler,
    "sweep": sweep.handler,
    "history": history.handler,
}


@dataclass(slots=True)
class LambdaContext:
    aws_request_id: str
    scheduler: Scheduler

    def get_remaining_time_in_millis(self) -> int:
        return max(0, self.scheduler.remaining_us() // 1_000)


@dataclass(slots=True)
class Start:
    """Where a run begins: what is in the tables and who is connected."""

    tables: dict[str, Table]
    clients: list[Client]
    ledger: Ledger
    at_us: int = START_US


@dataclass(slots=True)
class Plan:
    """How hard a run is made for the handlers."""

    faults: int = 0
    fault_rate: float = 0.0
    by_priority: bool = False
    skew_us_max: int = 0
    page_items_max: int = 1_000
    habits: Habits = field(default_factory=Habits)
    repeats: bool = False
    shard_members: int = 500
    in_aws: bool = True
    """Whether queues are read as in AWS; if not, as in the local cloud, in larger batches."""
    makes_good: bool = False
    """Whether lost posts must be made good in time (T3)."""
    keeps_history: bool = False
    """Whether the stream of the matches table is read, and the history checked (M1)."""
    ends_the_living: bool = False
    """Whether connections are ended that are there, as those are whose token has expired."""


def no_tables() -> dict[str, Table]:
    pending = Index("pending", "pending_since_ms")
    return {
        CONNECTIONS: Table(
            CONNECTIONS,
            {"by_counter": Index("counts", "pk")},
        ),
        MATCHES: Table(MATCHES, {"pending": pending, "listed": Index("listed_as", "listed_key")}),
        HISTORY: Table(HISTORY, {}),
    }


class Simulation:
    def __init__(
        self,
        rng: Random,
        plan: Plan,
        start: Start,
        *,
        settings: Mapping[str, str],
        is_traced: bool = False,
    ) -> None:
        self.rng = rng
        self.plan = plan
        self.settings = settings
        self.trace: list[Line] = []
        self._is_traced = is_traced
        self._number = 0
        self._has_kept = False
        self.invocations = 0
        self.on_ended: list[Callable[[str, Invocation], None]] = []
        """Called with the function and its invocation when one has ended."""
        self.made_good_us: list[int] = []
        """How long after the last fault each loss was made good."""
        self.scheduler = Scheduler(rng, by_priority=plan.by_priority, start_us=start.at_us)
        self.faults = Faults(plan.faults, plan.fault_rate)
        tables = {name: table.copy() for name, table in start.tables.items()}
        self.dynamodb = DynamoDB(rng, tables)
        self.dynamodb.page_items_max = plan.page_items_max
        self.ledger = start.ledger.copy(
            tables[CONNECTIONS],
            start.ledger.bounds,
            self.scheduler.fail,
            lambda: self.scheduler.now_us,
        )
        self.dynamodb.observe = self._observe
        self.histories = Histories()
        self.stream = self._stream()
        self.queues = self._queues()
        note = self.note if is_traced else None
        self.calls = Calls(self.scheduler, self.dynamodb, self.queues, self.faults, note)
        clients = [client.copy() for client in start.clients]
        self.gateway = Gateway(self.scheduler, self.invoke, self.faults, plan.habits, clients, note)
        self.http = HttpApi(self.scheduler, self.invoke)
        self.gateway.on_disconnected = lambda client: self.ledger.end(client.id)
        self.gateway.on_made_good = self._check_made_good
        begun_with = {each: self.matches_of(each) for each in self._tournaments()}
        # A snapshot may have been read before a match was registered that is there when it comes.
        self.gateway.matches_of = lambda tournament_id: begun_with.get(tournament_id, set())
        self.ledger.on_release = self._check_release

    def _stream(self) -> Stream:
        """As the template has it."""
        source = deployment.stream_of("history")
        timeout_us = deployment.function("history").timeout_us

        def start(event: dict[str, Any], on_end: Callable[[Invocation], None]) -> None:
            about = " ".join(each["dynamodb"]["SequenceNumber"] for each in event["Records"])
            self.invoke("history", about, event, timeout_us, on_end)

        return Stream(
            MATCHES,
            self.scheduler,
            start,
            batch_max=source["BatchSize"],
            filters=[pattern(each["Pattern"]) for each in source["FilterCriteria"]["Filters"]],
            strikes=self._strikes,
        )

    def _queues(self) -> Queues:
        queues = Queues(self.scheduler)
        queues.may_repeat = self.plan.repeats
        queues.strikes = self._strikes
        queues.on_abandoned = self._note_hidden
        for url, function in READERS.items():
            queues.add(url, self._queue(function))
        return queues

    def _queue(self, function: str) -> Queue:
        """As the template has it."""
        settings = deployment.queue_of(function, in_aws=self.plan.in_aws)
        return Queue(
            function,
            settings.is_fifo,
            min(settings.receive_count_max, RECEIVES_MAX),
            self._reader(function),
            visibility_us=settings.visibility_us,
            batch_max=settings.batch_max,
            retention_us=settings.retention_us,
        )

    def _reader(self, function: str) -> QueueReader:
        settings = deployment.function(function)

        def start(
            event: dict[str, Any], on_end: Callable[[Invocation], None], hops: Mapping[str, int]
        ) -> bool:
            hops = {**hops, function: hops.get(function, 0) + 1}
            if hops[function] > CHAIN_MAX:
                self.scheduler.fail(f"{function} has been invoked {CHAIN_MAX} times in one chain")
                if not settings.may_recurse:
                    self.scheduler.seen["lambda chain stopped"] += 1
                    return False
            about = " ".join(record["messageId"] for record in event["Records"])
            self.invoke(function, about, event, settings.timeout_us, on_end, hops)
            return True

        return start

    def hold(self, url: str, time_us: int) -> None:
        """A queue's reader gets nothing for some time, and then the backlog at once."""
        self.queues.queues[url].held_until_us = self.scheduler.now_us + time_us

    def schedule(self, *, age_us: int = 0) -> None:
        """The schedule's minute, whose event has waited in Lambda's own queue."""
        settings = deployment.function("sweep")
        if age_us <= settings.event_age_us_max:
            self.invoke("sweep", "schedule", {}, settings.timeout_us, lambda ended: None)

    def put_task(self, task: SweepTask) -> None:
        """As the schedule's minute would."""
        body = {"task": type(task).__name__, **asdict(task)}
        self.queues.send({"QueueUrl": SWEEP_QUEUE, "MessageBody": compact(body)})

    def _strikes(self, what: str) -> bool:
        """Whether a fault of the queues strikes now."""
        if self.faults.left <= 0 or self.rng.random() >= self.faults.rate:
            return False
        self.faults.strike(self.scheduler.now_us)
        self.scheduler.seen[f"queue {what}"] += 1
        self.note("sqs", what, "")
        return True

    def _note_hidden(self, until_us: int) -> None:
        self.faults.hidden_until_us = max(self.faults.hidden_until_us, until_us)

    def _observe(self, written: list[Written]) -> None:
        self.ledger.observe(written)
        if self.plan.keeps_history:
            self.histories.observe(written)
            self.stream.observe(written)
        if not self._has_kept and any(pk == UNDELIVERED for _, (pk, _), _, _ in written):
            self._has_kept = True
            delay_us = int(self.rng.random() * REQUEUE_PERIOD_SECONDS * 1_000_000)
            self.scheduler.after(delay_us, self._requeue)

    def _requeue(self) -> None:
        """The schedule's tasks for what is kept. Without it they would have nothing to do."""
        self._has_kept = bool(self.dynamodb.tables[CONNECTIONS].partitions.get(UNDELIVERED))
        if self._has_kept:
            self.put_task(RequeueStalled())
            self.scheduler.after(REQUEUE_PERIOD_SECONDS * 1_000_000, self._requeue)

    def expire(self) -> None:
        """TTL comes by."""
        written = self.dynamodb.expire(self.scheduler.now_us)
        self.ledger.forget(written)
        self.scheduler.seen["ttl deletion"] += len(written)
        self.note("ttl", ", ".join(f"{pk}/{sk}" for _, (pk, sk), _, _ in written), "deleted")

    def _check_release(self, connection_id: str, item: Item) -> None:
        """L18: nobody is let go who is there, unless silent for the whole of its time-out."""
        client = self.gateway.clients[connection_id]
        if self.ends_the_living:
            return
        if client.state != "open" or client.is_dismissed:
            return
        skew_ms = 2 * self.plan.skew_us_max // 1_000
        seen_ms = number(item, "last_seen_ms")
        # A ping that was falsely answered 410 counts as sent.
        is_asked = client.pinged_at_us // 1_000 >= seen_ms - skew_ms
        if client.reads and not is_asked and not self.plan.habits.false_gone:
            self.scheduler.fail(f"R20: {connection_id} was ended for silence and never pinged")
        silent_ms = self.scheduler.now_us // 1_000 - seen_ms
        if silent_ms < TIMEOUT_MS - skew_ms:
            self.scheduler.fail(f"{connection_id} was released after {silent_ms} ms of silence")

    def _check_made_good(self, client: Client, match_id: str, lost_at_us: int) -> None:
        """T3: what was lost is known within seconds after the last fault."""
        ended_us = max(lost_at_us, self.faults.last_us, self.faults.hidden_until_us)
        late_us = self.scheduler.now_us - ended_us
        self.made_good_us.append(late_us)
        # One that reads nothing got an answer; its own fault is not over.
        if client.reads and late_us > MADE_GOOD_US_MAX and self.plan.makes_good:
            late_s = late_us / 1_000_000
            self.scheduler.fail(f"T3: {client.id} had an old {match_id} for {late_s:.1f} s")

    def _tournaments(self) -> list[str]:
        pks = self.dynamodb.tables[MATCHES].partitions
        return [pk.removeprefix("T#") for pk in pks if pk.startswith("T#")]

    def matches_of(self, tournament_id: str) -> set[str]:
        """The matches that a tournament has now."""
        items = self.dynamodb.tables[MATCHES].partitions.get(tournament_pk(tournament_id), {})
        return {sk.rpartition("#")[2] for sk in items if sk.startswith("M#")}

    @property
    def ends_the_living(self) -> bool:
        replaces = self.settings["CONNECTION_LIMIT_POLICY"] == "replace_oldest"
        return replaces or self.plan.ends_the_living

    def reconcile(self) -> None:
        self.put_task(PlanReconciliation())

    def sweep_for(self, time_us: int) -> None:
        """What the schedule queues in that time; no sweeps of shards without items."""
        for at_us in range(0, time_us, SWEEP_PERIOD_SECONDS * 1_000_000):
            self.scheduler.after(at_us, self._sweep)
        for at_us in range(0, time_us, 30_000_000):
            self.scheduler.after(at_us, partial(self.put_task, RequeueStalled()))
        for at_us in range(0, time_us, 65_000_000):
            self.scheduler.after(at_us, self.reconcile)

    def _sweep(self) -> None:
        """As with a million viewers: each shard is a portion of its own."""
        partitions = self.dynamodb.tables[CONNECTIONS].partitions
        for shard in range(CONNECTION_SHARDS):
            if partitions.get(shard_pk(shard)):
                at_ms = self.scheduler.now_us // 1_000
                self.put_task(SweepPortion(shard, CONNECTION_SHARDS, at_ms))

    def next_number(self) -> int:
        self._number += 1
        return self._number

    def invoke(
        self,
        function: str,
        about: str,
        event: dict[str, Any],
        timeout_us: int,
        on_end: Callable[[Invocation], None],
        hops: Mapping[str, int] | None = None,
    ) -> None:
        self.invocations += 1
        name = f"{function}-{self.invocations} {about}"
        handler, context = (
            HANDLERS[function],
            LambdaContext(f"lambda-{self.invocations}", self.scheduler),
        )
        skew_us = int((self.rng.random() * 2 - 1) * self.plan.skew_us_max)

        def ended(invocation: Invocation) -> None:
            if self._is_traced:
                self.note("ended", name, str(invocation.error or invocation.result))
            calls_max = REQUEST_CALLS_MAX if self.calls.outages else CONTENDED_CALLS_MAX
            if function in REQUESTS and invocation.calls > calls_max:
                self.scheduler.fail(f"T8: {name} made {invocation.calls} calls")
            if not self._may_raise(function, invocation.error):
                self.scheduler.fail(f"I9: {name} raised {invocation.error!r}")
            for observer in self.on_ended:
                observer(function, invocation)
            on_end(invocation)

        if self._is_traced:
            self.note("start", name, f"skew {skew_us // 1000} ms")
        self.scheduler.invoke(
            name,
            lambda: handler(event, context),
            timeout_us=timeout_us,
            skew_us=skew_us,
            on_end=ended,
            hops=hops or {function: 1},
        )

    def _may_raise(self, function: str, error: BaseException | None) -> bool:
        """Only an authorizer raises: to refuse, and when something has failed.

        The schedule's event may fail, too, if its queue has taken nothing for long.
        """
        if not isinstance(error, Exception):
            return True
        if function == "sweep" and self.calls.outages:
            return isinstance(error, BotoCoreError | ClientError)
        is_outage = isinstance(error, authorizer.Unavailable) and self.faults.struck > 0
        return function == "authorizer" and (
            is_outage or isinstance(error, authorizer.Unauthorized)
        )

    def note(self, operation: str, request: str, outcome: str) -> None:
        if not self._is_traced:
            return
        task = self.scheduler.current
        who = task.invocation.name if task is not None else "·"
        at_ms = (self.scheduler.now_us - START_US) / 1_000
        self.trace.append(Line(at_ms, who, operation, request, outcome))

    def run(self) -> None:
        self.scheduler.run()

    def rest(self) -> Start:
        """What this run leaves, as the start of others."""
        return Start(
            self.dynamodb.tables,
            [client for client in self.gateway.clients.values() if client.state == "open"],
            self.ledger,
            self.scheduler.now_us + 20_000_000,
        )


def registered(tournaments: Iterable[Tournament], matches: Iterable[Match]) -> dict[str, Table]:
    """Tables with these tournaments and matches in them, as `api` would have written them."""
    tables = no_tables()
    items = [new_tournament(tournament) for tournament in tournaments]
    for match in matches:
        items.append(new_match(match))
        items.append({"pk": tournament_pk(match.tournament_id), "sk": match_pk(match.id)})
    for item in items:
        tables[MATCHES].write(START_US, (item["pk"], item["sk"]), to_item(item))
    return tables


def empty(tables: dict[str, Table], bounds: Bounds) -> Start:
    def fail(claim: str) -> None:
        raise AssertionError(claim)

    return Start(tables, [], Ledger(tables[CONNECTIONS], bounds, fail))
