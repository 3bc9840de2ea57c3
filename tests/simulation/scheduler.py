"""Virtual time, and invocations that take turns: one greenlet each, switched at every AWS call.

Whose turn it is, and how long everything takes, is drawn from one seeded generator, so a seed is a
schedule. A killed Lambda is a `Crash`, which no `except Exception` survives, and which every later
call of that invocation raises again.
"""

import heapq
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor
from random import Random
from typing import Any, Final

from greenlet import getcurrent, greenlet

START_US: Final = 1_780_000_000_000_000
"""When virtual time begins: a moment in 2026."""

STEP_US_MAX: Final = 3_000
"""The longest that one step takes by itself."""

STEPS_MAX: Final = 20_000
"""A run that takes more steps never ends."""


class Crash(BaseException):
    """The Lambda is gone: killed, out of memory, or past its time."""


class Violation(Exception):
    """An invariant does not hold."""


class Event:
    """Something outside of the Lambdas that happens at its time."""

    __slots__ = ("happen", "priority")

    def __init__(self, happen: Callable[[], None], priority: float) -> None:
        self.happen = happen
        self.priority = priority

    def take_turn(self) -> None:
        self.happen()


class Invocation:
    """One run of a Lambda function."""

    __slots__ = (
        "begun_us",
        "calls",
        "deadline_us",
        "error",
        "hops",
        "is_dead",
        "name",
        "on_end",
        "priority",
        "result",
        "skew_us",
    )

    def __init__(
        self,
        name: str,
        *,
        deadline_us: int,
        skew_us: int,
        priority: float,
        on_end: Callable[["Invocation"], None],
        hops: Mapping[str, int] | None = None,
    ) -> None:
        self.name = name
        self.begun_us = 0
        self.calls = 0
        self.hops = hops or {}
        """How often each function has been invoked in the chain that led to this one."""
        self.deadline_us = deadline_us
        self.skew_us = skew_us
        self.priority = priority
        self.on_end = on_end
        self.is_dead = False
        self.result: Any = None
        self.error: BaseException | None = None


class Task:
    """One thread of an invocation: its handler, or one of a pool's."""

    __slots__ = ("_greenlet", "_scheduler", "error", "invocation", "result")

    def __init__(
        self,
        scheduler: "Scheduler",
        invocation: Invocation,
        work: Callable[[], Any],
        on_end: Callable[["Task"], None],
    ) -> None:
        self.invocation = invocation
        self.result: Any = None
        self.error: BaseException | None = None
        self._scheduler = scheduler

        def body() -> None:
            try:
                self.result = work()
            except (Exception, Crash) as error:
                self.error = error
            on_end(self)

        self._greenlet = greenlet(body, parent=scheduler.hub)

    @property
    def priority(self) -> float:
        return self.invocation.priority

    def take_turn(self) -> None:
        self._scheduler.current = self
        self._greenlet.switch()
        self._scheduler.current = None


class Scheduler:
    def __init__(self, rng: Random, *, by_priority: bool = False, start_us: int = START_US) -> None:
        self.rng = rng
        self.now_us = start_us
        self.hub = getcurrent()
        self.current: Task | None = None
        self.steps = 0
        self.steps_max = STEPS_MAX
        self.step_us_max = STEP_US_MAX
        self.violation: Violation | None = None
        self.seen: Counter[str] = Counter()
        """What has happened in the run that does not happen in every one, by its name."""
        self._by_priority = by_priority
        self._ready: list[Event | Task] = []
        self._timers: list[tuple[int, int, Event | Task]] = []
        self._timer_number = 0
        self._handed: Event | Task | None = None
        """Whose turn it is, if that was drawn before the hub came to it."""

    # For those outside of the Lambdas

    def after(self, delay_us: int, happen: Callable[[], None]) -> None:
        priority = self.rng.random() if self._by_priority else 0.0
        self._at(self.now_us + delay_us, Event(happen, priority))

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
        """Start a Lambda. `on_end` is called some time after its end."""
        invocation = Invocation(
            name,
            deadline_us=self.now_us + timeout_us,
            skew_us=skew_us,
            priority=self.rng.random(),
            on_end=on_end,
            hops=hops,
        )
        invocation.begun_us = self.now_us
        self._ready.append(Task(self, invocation, handler, self._ended))

    def _ended(self, task: Task) -> None:
        invocation = task.invocation
        invocation.result, invocation.error = task.result, task.error
        invocation.is_dead = True
        self.after(self._brief_us(), lambda: invocation.on_end(invocation))

    def _brief_us(self) -> int:
        return int(self.rng.random() * 4 * self.step_us_max)

    def run(self) -> None:
        """Until nothing is left to happen. Raises the first Violation."""
        while self.violation is None and self._step():
            pass
        if self.violation is not None:
            raise self.violation

    def _step(self) -> bool:
        turn, self._handed = self._handed or self._next_turn(), None
        if turn is None:
            return False
        turn.take_turn()
        return True

    def _next_turn(self) -> Event | Task | None:
        """Whose turn it is, and when; None if nothing is left to happen."""
        ready, timers = self._ready, self._timers
        self.now_us += int(self.rng.random() * self.step_us_max)
        if not ready:
            if not timers:
                return None
            if timers[0][0] > self.now_us:
                self.now_us = timers[0][0]
        while timers and timers[0][0] <= self.now_us:
            ready.append(heapq.heappop(timers)[2])
        self.steps += 1
        if self.steps > self.steps_max:
            self.fail(f"still busy after {self.steps_max} steps")
        if len(ready) == 1:
            return ready.pop()
        chosen = self._choose()
        turn = ready[chosen]
        ready[chosen] = ready[-1]
        ready.pop()
        return turn

    def _choose(self) -> int:
        """Uniform, or by priorities that change now and then (PCT, Burckhardt 2010)."""
        ready = self._ready
        if not self._by_priority:
            return int(self.rng.random() * len(ready))
        chosen = max(range(len(ready)), key=lambda place: ready[place].priority)
        if self.rng.random() < 0.05:
            turn = ready[chosen]
            lowered = turn if isinstance(turn, Event) else turn.invocation
            lowered.priority = -self.rng.random()
        return chosen

    def _at(self, at_us: int, turn: Event | Task) -> None:
        self._timer_number += 1
        heapq.heappush(self._timers, (at_us, self._timer_number, turn))

    # For those inside

    def switch(self) -> None:
        """Let others have their turn. Raises Crash if the invocation is over by then."""
        task = self.current
        assert task is not None
        if task.invocation.is_dead:
            raise Crash
        self._ready.append(task)
        self._pass_on(task)

    def _pass_on(self, task: Task) -> None:
        """Have the next turn taken: often it is the task's own."""
        if self.violation is None:
            turn = self._next_turn()
            if turn is task:
                self._see_whether_time_is_up(task.invocation)
                return
            self._handed = turn
        self._resumed(task)

    @property
    def hops(self) -> Mapping[str, int]:
        """Of the invocation whose turn it is; none outside of invocations."""
        return self.current.invocation.hops if self.current is not None else {}

    def remaining_us(self) -> int:
        """Until the current invocation is out of time."""
        assert self.current is not None
        return self.current.invocation.deadline_us - self.now_us

    def sleep(self, pause_us: int) -> None:
        task = self.current
        assert task is not None
        if task.invocation.is_dead:
            raise Crash
        self._at(min(self.now_us + pause_us, task.invocation.deadline_us), task)
        self._pass_on(task)

    def _resumed(self, task: Task) -> None:
        self.hub.switch()
        self._see_whether_time_is_up(task.invocation)

    def _see_whether_time_is_up(self, invocation: Invocation) -> None:
        if invocation.is_dead:
            raise Crash
        if self.now_us >= invocation.deadline_us:
            self.seen["lambda timed out"] += 1
            invocation.is_dead = True
            raise Crash

    def crash(self) -> None:
        task = self.current
        assert task is not None
        task.invocation.is_dead = True
        raise Crash

    def fail(self, claim: str) -> None:
        """Note a violation. It is raised by the hub, where no handler can catch it."""
        if self.violation is None:
            self.violation = Violation(claim)

    def side_by_side(self, works: list[Callable[[], Any]]) -> list[Task]:
        """Run parts of the current invocation as threads of it, and wait for all."""
        parent = self.current
        assert parent is not None
        waiting = len(works)

        def ended(_task: Task) -> None:
            nonlocal waiting
            waiting -= 1
            if waiting == 0:
                self._ready.append(parent)

        tasks = [Task(self, parent.invocation, work, ended) for work in works]
        self._ready += tasks
        self._resumed(parent)
        return tasks


class Pool(Executor):
    """`map` of a thread pool, its threads being tasks of the current scheduler."""

    def __init__(self, scheduler: Callable[[], Scheduler]) -> None:
        self._scheduler = scheduler

    def map[T](  # type: ignore[override]
        self, work: Callable[[Any], T], *iterables: Iterable[Any]
    ) -> Iterator[T]:
        (items,) = iterables
        parts = list(items)
        if len(parts) < 2:
            return iter([work(part) for part in parts])
        tasks = self._scheduler().side_by_side(
            [lambda part=part: work(part) for part in parts]  # type: ignore[misc]
        )
        for task in tasks:
            if task.error is not None:
                raise task.error
        return iter([task.result for task in tasks])
