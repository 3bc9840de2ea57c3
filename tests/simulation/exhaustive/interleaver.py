"""A simulation whose invocations take their turns as scheduled, and which then comes to rest.

Clocks: while turns are chosen no time passes but in an invocation that sleeps, whose own clock
goes on. So clocks differ as they do between Lambdas, and a sleep is no reason to come later than
another: an actor that sleeps may be the next, and one that does not may be late.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from random import Random
from typing import Any, Final, Literal

from botocore.exceptions import ReadTimeoutError

from scorecast.domain.delivery import Delivery
from tests.simulation import simulation as simulations
from tests.simulation.calls import READS, Calls
from tests.simulation.dynamodb import (
    Reply,
    Request,
    Written,
    client_error,
    transaction_cancelled,
)
from tests.simulation.exhaustive.effects import Effect, item_of, socket
from tests.simulation.exhaustive.faults import KINDS, Placement
from tests.simulation.gateway import Gateway
from tests.simulation.scheduler import Crash, Invocation, Scheduler, Task
from tests.simulation.simulation import WELCOME_QUEUE, Simulation

SOON_US: Final = 1_000_000
"""What is to happen within it is part of the schedule; the rest is kept for the time of rest."""

PAUSE_US_MIN: Final = 400_000
"""Nobody sleeps for less: a pause may last longer than asked, and then there are fewer polls."""

BETWEEN_US: Final = 5_000_000
"""From the last turn to the time of rest."""

_TURN_OF: Final = {"POST": "post", "GET": "ask", "DELETE": "close"}


class Steady(Random):
    """No choice: the middle, and the newest of what an index may show."""

    def random(self) -> float:
        return 0.5

    def randint(self, a: int, b: int) -> int:
        return b


class Thread:
    """One invocation of a schedule. It waits for a record of `awaits`, if that is given."""

    def __init__(self, number: int, awaits: str | None = None) -> None:
        self.number = number
        self.awaits = awaits
        self.invocation: Invocation | None = None
        self.task: Task | None = None
        self.turns = 0
        self.next = "receive"
        self.is_over = False


class Interleaver(Scheduler):
    """First `collecting` its threads, then `interleaving` turn by turn, else as any scheduler."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.phase: Literal["collecting", "interleaving", "resting"] = "resting"
        self.threads: list[Thread] = []
        self.effect = Effect()
        self.placement: Placement | None = None
        self.has_struck = False
        self.receive: Callable[[str], None] = lambda url: None
        self.is_there: Callable[[str], bool] = lambda url: False
        self._receiving: Thread | None = None
        self._held: list[tuple[int, Callable[[], None]]] = []

    def after(self, delay_us: int, happen: Callable[[], None]) -> None:
        if self.phase == "resting":
            super().after(delay_us, happen)
        elif self.phase == "collecting" and delay_us < SOON_US:
            happen()
        else:
            self._held.append((delay_us, happen))

    def invoke(
        self,
        name: str,
        handler: Callable[[], Any],
        *,
        timeout_us: int,
        skew_us: int,
        on_end: Callable[[Invocation], None],
        hops: Mapping[str, int] | None = None,
    ) -> None:
        if self.phase == "resting":
            super().invoke(
                name, handler, timeout_us=timeout_us, skew_us=skew_us, on_end=on_end, hops=hops
            )
            return
        deadline_us = self.now_us + timeout_us
        thread = self._receiving or self.cast()
        thread.invocation = Invocation(
            name, deadline_us=deadline_us, skew_us=skew_us, priority=0.0, on_end=on_end, hops=hops
        )
        thread.task = Task(self, thread.invocation, handler, self._returned)
        thread.task.take_turn()  # up to its first call: nothing of it can be seen

    def cast(self, awaits: str | None = None) -> Thread:
        thread = Thread(len(self.threads), awaits)
        self.threads.append(thread)
        return thread

    def _returned(self, task: Task) -> None:
        invocation = task.invocation
        invocation.result, invocation.error = task.result, task.error
        self._of(task).next = "end"

    def _of(self, task: Task | None) -> Thread:
        assert task is not None
        for thread in self.threads:
            if thread.invocation is task.invocation:
                return thread
        raise LookupError(task.invocation.name)

    # The schedule

    def enabled(self) -> list[int]:
        return [thread.number for thread in self.threads if self._may_go_on(thread)]

    def _may_go_on(self, thread: Thread) -> bool:
        if thread.invocation is None and thread.awaits is not None:
            return self.is_there(thread.awaits)
        return not thread.is_over

    def take_turn_of(self, number: int) -> Effect:
        """One call of one invocation, and what it touched."""
        thread = self.threads[number]
        self.effect = Effect()
        if thread.next == "receive":
            self._receive(thread)
        elif thread.next == "end":
            self._end(thread)
        else:
            assert thread.task is not None
            thread.task.take_turn()
        return self.effect

    def _receive(self, thread: Thread) -> None:
        assert thread.awaits is not None
        self.effect.reads.add(("queue", thread.awaits))
        self._receiving = thread
        self.receive(thread.awaits)
        self._receiving = None

    def _end(self, thread: Thread) -> None:
        invocation = thread.invocation
        assert invocation is not None
        if self._fault(thread) == "crash":
            invocation.result, invocation.error = None, Crash()
        thread.is_over = invocation.is_dead = True
        function, about = invocation.name.partition("-")[0], invocation.name.split()[1]
        if function == "disconnect":
            self.effect.reads.add(item_of(about))
        elif function in ("connect", "message"):
            self.effect.writes.add(socket(about))
        invocation.on_end(invocation)

    def _fault(self, thread: Thread) -> str:
        thread.turns += 1
        wanted = self.placement
        if wanted is None or (wanted.thread, wanted.turn) != (thread.number, thread.turns):
            return ""
        if wanted.kind not in KINDS[thread.next]:
            return ""
        self.has_struck = True
        return wanted.kind

    def rest(self) -> None:
        """From now on everything happens by itself, what was kept for later first."""
        self.phase, self.threads = "resting", []
        self.now_us += BETWEEN_US
        for delay_us, happen in self._held:
            self.after(delay_us, happen)
        self._held = []

    def forget_what_is_held(self) -> None:
        self._held = []

    # The invocations

    def turn(self, kind: str) -> str:
        """Wait for the turn to make a call of a kind; the fault that strikes it."""
        thread = self._of(self.current)
        assert thread.invocation is not None
        if thread.invocation.is_dead:
            raise Crash
        thread.next = kind
        self.hub.switch()
        fault = self._fault(thread)
        if fault == "crash":
            self.crash()
        return fault

    def remaining_us(self) -> int:
        """An invocation's clock goes on while it sleeps, and no time passes otherwise."""
        assert self.current is not None
        slept_us = self.current.invocation.skew_us if self.phase != "resting" else 0
        return super().remaining_us() - slept_us

    def sleep(self, pause_us: int) -> None:
        if self.phase == "resting":
            return super().sleep(pause_us)
        assert self.current is not None
        invocation = self.current.invocation
        invocation.skew_us += max(pause_us, PAUSE_US_MIN)
        if self.now_us + invocation.skew_us >= invocation.deadline_us:
            self.crash()
        return None

    def side_by_side(self, works: list[Callable[[], Any]]) -> list[Task]:
        """One after the other: what threads of one invocation do is not explored."""
        if self.phase == "resting":
            return super().side_by_side(works)
        assert self.current is not None
        tasks = []
        for work in works:
            task = Task(self, self.current.invocation, work, lambda task: None)
            try:
                task.result = work()
            except Exception as error:
                task.error = error
            tasks.append(task)
        return tasks


class StagedCalls(Calls):
    """The SDK's calls as turns of an interleaver."""

    def call(self, service: str, operation: str, request: Request, attempts_max: int) -> Reply:
        interleaver = self._scheduler
        assert isinstance(interleaver, Interleaver)
        if interleaver.phase == "resting":
            return super().call(service, operation, request, attempts_max)
        self.made += 1
        if operation == "TransactWriteItems" and "ClientRequestToken" not in request:
            request = request | {"ClientRequestToken": f"token-{self.made}"}
        kind = "send" if service == "sqs" else "read" if operation in READS else "write"
        for _ in range(attempts_max):
            fault = interleaver.turn(kind)
            if fault in ("throttle", "conflict"):
                self._note(operation, request, f"not applied ({fault})")
                raise _not_applied(fault, service, operation, request)
            reply = self._applied(interleaver, service, operation, request, fault)
            if fault != "lost_reply":
                return reply
            self.faults.note(interleaver.now_us)
        raise ReadTimeoutError(endpoint_url="https://aws.invalid")

    def _applied(
        self, interleaver: Interleaver, service: str, operation: str, request: Request, fault: str
    ) -> Reply:
        if service == "dynamodb":
            interleaver.effect.note_request(operation, request)
        elif operation == "SendMessage":
            url = request["QueueUrl"]
            group = request.get("MessageGroupId")
            if group is not None or url == WELCOME_QUEUE:
                interleaver.effect.writes.add(("queue", url, group) if group else ("queue", url))
        elif operation == "DeleteMessage":
            interleaver.effect.writes.add(("queue", request["QueueUrl"]))
        return self._apply(service, operation, request, fault)


def _not_applied(fault: str, service: str, operation: str, request: Request) -> Exception:
    if fault == "throttle":
        code = "RequestThrottled" if service == "sqs" else "ProvisionedThroughputExceededException"
        return client_error(code, operation)
    if operation != "TransactWriteItems":
        return client_error("TransactionConflictException", operation)
    reasons: list[dict[str, Any]] = [{"Code": "None"} for _ in request["TransactItems"]]
    reasons[0] = {"Code": "TransactionConflict", "Message": "ongoing transaction"}
    return transaction_cancelled(reasons)


class StagedGateway(Gateway):
    """`@connections` as turns of an interleaver."""

    def _call(self, method: str, about: str) -> str:
        interleaver = self._scheduler
        assert isinstance(interleaver, Interleaver)
        if interleaver.phase == "resting":
            return super()._call(method, about)
        fault = interleaver.turn(_TURN_OF[method])
        (interleaver.effect.reads if method == "GET" else interleaver.effect.writes).add(
            socket(about)
        )
        return fault

    def _post(self, connection_id: str, message: bytes) -> Delivery:
        outcome = super()._post(connection_id, message)
        interleaver = self._scheduler
        assert isinstance(interleaver, Interleaver)
        if outcome is Delivery.THROTTLED and self.parsed(message)["type"] == "ping":
            # A ping that was not taken changes nothing: two of them may come in any order.
            interleaver.effect.writes.discard(socket(connection_id))
            interleaver.effect.reads.add(socket(connection_id))
        return outcome


@contextmanager
def interleaved() -> Iterator[None]:
    """Simulations that are made while this lasts are stages. Within `seams.installed()`."""
    stands_in = {"Scheduler": Interleaver, "Calls": StagedCalls, "Gateway": StagedGateway}
    originals = {name: getattr(simulations, name) for name in stands_in}
    _put(stands_in)
    try:
        yield
    finally:
        _put(originals)


def _put(parts: dict[str, Any]) -> None:
    for name, part in parts.items():
        setattr(simulations, name, part)


def interleaver_of(simulation: Simulation) -> Interleaver:
    interleaver = simulation.scheduler
    assert isinstance(interleaver, Interleaver)
    return interleaver


def observe(simulation: Simulation) -> None:
    """Have what is written noted as the effect of the turn, besides being checked."""
    interleaver, check, tables = (
        interleaver_of(simulation),
        simulation.ledger.observe,
        simulation.dynamodb.tables,
    )

    def both(written: list[Written]) -> None:
        interleaver.effect.note_writes(written, tables)
        check(written)

    simulation.dynamodb.observe = both
