"""Virtual time: one actor runs at a time, and time passes only when all of them wait.

The actors are greenlets and the test is one of them. So the handlers run unchanged, in an order
that is the same in every run, and a minute of updates takes no minute.
"""

import heapq
import itertools
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor
from random import Random
from typing import Any

from greenlet import getcurrent, greenlet

from tests.examples import NOW_MS


class Timeline:
    """The clock of everyone who acts. Waiting lets the others go on."""

    def __init__(self) -> None:
        self._now_us = NOW_MS * 1_000
        self._agenda: list[tuple[int, int, Callable[[], object]]] = []
        self._numbers = itertools.count()
        self._chance = Random(1)
        self._test = getcurrent()

    def now_us(self) -> int:
        return self._now_us

    def now_ms(self) -> int:
        return self._now_us // 1_000

    def random(self) -> float:
        return self._chance.random()

    def new_id(self) -> str:
        return f"id-{next(self._numbers)}"

    def go_back(self, now_us: int) -> None:
        """To an earlier time, at which nothing is planned."""
        self._now_us = now_us
        self._agenda.clear()

    def sleep_ms(self, pause_ms: float) -> None:
        """Wait. In the test itself: have everything happen that is due until then."""
        until_us = self._now_us + int(pause_ms * 1_000)
        actor = getcurrent()
        if actor is not self._test:
            self._put(until_us, actor.switch)
            self._test.switch()
            return
        while self._agenda and self._agenda[0][0] <= until_us:
            self._step()
        self._now_us = until_us

    def start[T](self, work: Callable[[], T], *, delay_ms: float = 0) -> "Task[T]":
        """Have an actor begin its work after a while."""
        task = Task(self, work)
        actor = greenlet(task.run, parent=self._test)
        self._put(self._now_us + int(delay_ms * 1_000), actor.switch)
        return task

    def wait_for(self, task: "Task[Any]") -> None:
        actor = getcurrent()
        while actor is self._test and not task.is_done:
            self._step()
        if not task.is_done:
            task.on_done = lambda: self._put(self._now_us, actor.switch)
            self._test.switch()

    def _put(self, at_us: int, resume: Callable[[], object]) -> None:
        heapq.heappush(self._agenda, (at_us, next(self._numbers), resume))

    def _step(self) -> None:
        at_us, _, resume = heapq.heappop(self._agenda)
        self._now_us = max(self._now_us, at_us)
        resume()


class Task[T]:
    """An actor's work. What it raises is raised to the caller of its result."""

    def __init__(self, timeline: Timeline, work: Callable[[], T]) -> None:
        self.is_done = False
        self.on_done: Callable[[], object] = lambda: None
        self._timeline = timeline
        self._work = work
        self._value: list[T] = []
        self._error: BaseException | None = None

    def run(self) -> None:
        try:
            self._value.append(self._work())
        except BaseException as error:
            self._error = error
        self.is_done = True
        self.on_done()

    def result(self) -> T:
        self._timeline.wait_for(self)
        if self._error is not None:
            raise self._error
        return self._value[0]


class TakingTurns(Executor):
    """A pool whose threads are actors."""

    def __init__(self, timeline: Timeline) -> None:
        self._timeline = timeline

    def map[T](
        self, fn: Callable[..., T], *iterables: Iterable[Any], **_options: Any
    ) -> Iterator[T]:
        tasks = [self._start(fn, *things) for things in zip(*iterables, strict=False)]
        return iter([task.result() for task in tasks])

    def _start[T](self, fn: Callable[..., T], *things: Any) -> Task[T]:
        return self._timeline.start(lambda: fn(*things))
