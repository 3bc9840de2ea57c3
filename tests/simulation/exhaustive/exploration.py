"""A scenario's schedules, explored and checked, with or without a fault in each."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from scorecast.aws.dynamodb.connection_items import connection_key
from tests.simulation import seams
from tests.simulation.exhaustive.effects import Effect
from tests.simulation.exhaustive.faults import KINDS, Placement
from tests.simulation.exhaustive.interleaver import interleaved, interleaver_of
from tests.simulation.exhaustive.scenarios import Scenario, new_simulation, opening_of
from tests.simulation.exhaustive.search import Conflict, Search, Turn, orders
from tests.simulation.invariants import check_at_rest, check_healed
from tests.simulation.ledger import CONNECTIONS, MATCHES, is_live
from tests.simulation.reports import Line
from tests.simulation.run import no_garbage_collected, take_apart
from tests.simulation.scheduler import Violation


@dataclass(frozen=True, slots=True)
class Finding:
    """A schedule that breaks an invariant: replayed by its turns."""

    scenario: str
    placement: Placement | None
    turns: tuple[int, ...]
    violation: str


@dataclass(slots=True)
class Tally:
    """`runs` are schedules run to their end, `schedules` those that they stand for."""

    runs: int = 0
    schedules: int = 0
    faulty_runs: int = 0
    faulty_schedules: int = 0
    placements: int = 0
    cut: int = 0
    endings: int = 0
    """States after the last turn that differ: each is brought to rest once."""
    findings: list[Finding] = field(default_factory=list)


class ScheduleRun:
    """One schedule of a scenario."""

    def __init__(
        self, scenario: Scenario, placement: Placement | None, *, is_traced: bool = False
    ) -> None:
        self.simulation = new_simulation(scenario, opening_of(scenario), is_traced=is_traced)
        self.interleaver = interleaver_of(self.simulation)
        self.taken: list[int] = []
        self.kinds: set[tuple[int, int, str]] = set()
        self.interleaver.phase = "collecting"
        for act in scenario.acts:
            act(self.simulation)
        self.interleaver.placement = placement
        self.interleaver.phase = "interleaving"

    def enabled(self) -> list[int]:
        return self.interleaver.enabled()

    def take_turn_of(self, number: int) -> Effect:
        self.taken.append(number)
        thread = self.interleaver.threads[number]
        if thread.next != "receive":
            self.kinds.add((number, thread.turns + 1, thread.next))
        effect = self.interleaver.take_turn_of(number)
        if self.interleaver.violation is not None:
            raise self.interleaver.violation
        return effect

    def bring_to_rest(self) -> None:
        """Redeliveries, then minutes of sweeps; the invariants hold all the time, and after."""
        simulation = self.simulation
        self.interleaver.rest()
        for queue in simulation.queues.queues.values():
            for message in queue.messages:
                late_us = max(0, message.visible_at_us - simulation.scheduler.now_us)
                simulation.queues._poll_after(queue, late_us)
        simulation.run()
        self._time_out_idle()
        check_at_rest(simulation)
        check_healed(simulation)

    def _time_out_idle(self) -> None:
        """API Gateway ends who is silent and let go, if nobody was left to do that."""
        items = self.simulation.dynamodb.tables[CONNECTIONS].items
        for client in self.simulation.gateway.clients.values():
            if not client.answers_pings and not is_live(items.get(connection_key(client.id))):
                self.simulation.gateway.drop(client)
        self.simulation.run()

    def ending(self, opening: dict[str, Any]) -> str:
        """All that what follows depends on."""
        simulation = self.simulation
        items = [
            (name, key, simulation.dynamodb.tables[name].items.get(key))
            for name in (CONNECTIONS, MATCHES)
            for key in sorted(simulation.dynamodb.tables[name].items.keys() | opening[name].keys())
            if simulation.dynamodb.tables[name].items.get(key) is not opening[name].get(key)
        ]
        mail = [
            (queue.name, message.body, message.receive_count, message.is_deleted)
            for queue in simulation.queues.queues.values()
            for message in queue.messages
        ]
        published = (
            sorted(simulation.gateway.sent),
            sorted(simulation.ledger.ended),
            self.interleaver.has_struck,
        )
        return repr((items, mail, published, simulation.gateway.clients))


class Exploration:
    """All schedules of one scenario. Within `seams.installed()` and `interleaved()`."""

    def __init__(self, scenario: Scenario, *, counts_orders: bool = True) -> None:
        self.scenario = scenario
        self.tally = Tally()
        self._counts_orders = counts_orders
        self.kinds: set[tuple[int, int, str]] = set()
        self.endings: set[str] = set()
        start = opening_of(scenario).start
        self._items = {name: start.tables[name].items for name in (CONNECTIONS, MATCHES)}

    def without_faults(self, conflict: Conflict = Effect.conflicts) -> None:
        def end(run: ScheduleRun, turns: Sequence[Turn]) -> None:
            self.tally.runs += 1
            self.tally.schedules += self._orders(turns)
            self.kinds |= run.kinds
            self._check(run)

        self._search(None, end, conflict)

    def placements(self) -> list[Placement]:
        """Every fault that could strike a schedule so far without: see `without_faults`."""
        return sorted(
            {
                Placement(thread, turn, kind)
                for thread, turn, sort in self.kinds
                for kind in KINDS[sort]
            },
            key=lambda one: (one.thread, one.turn, one.kind),
        )

    def with_fault(self, placement: Placement) -> None:
        def end(run: ScheduleRun, turns: Sequence[Turn]) -> None:
            if run.interleaver.has_struck:
                self.tally.faulty_runs += 1
                self.tally.faulty_schedules += self._orders(turns)
                self._check(run)

        self.tally.placements += 1
        self._search(placement, end, Effect.conflicts)

    def _orders(self, turns: Sequence[Turn]) -> int:
        return orders(turns) if self._counts_orders else 0

    def _search(
        self,
        placement: Placement | None,
        end: Callable[[ScheduleRun, Sequence[Turn]], None],
        conflict: Conflict,
    ) -> None:
        latest: list[ScheduleRun] = []

        def begin() -> ScheduleRun:
            if latest:
                take_apart(latest[0].simulation)
            latest[:] = [ScheduleRun(self.scenario, placement)]
            return latest[0]

        search = Search(begin, end, conflict)
        try:
            search.explore()
        except Violation as violation:
            turns = tuple(latest[0].taken)
            finding = Finding(self.scenario.name, placement, turns, str(violation))
            self.tally.findings.append(finding)
        self.tally.cut += search.cut

    def _check(self, run: ScheduleRun) -> None:
        if run.interleaver.has_struck:
            run.simulation.faults.note(run.interleaver.now_us)
        ending = run.ending(self._items)
        if ending in self.endings:
            return
        self.endings.add(ending)
        self.tally.endings += 1
        run.bring_to_rest()


def explore(
    scenario: Scenario,
    *,
    faults: bool,
    placements: slice = slice(None),
    counts_orders: bool = True,
) -> Tally:
    """Until the first violation without faults, and the first of each fault's placement.

    `placements` are those of the faults that are explored, in their order: all, if not given.
    """
    with seams.installed(), interleaved(), no_garbage_collected():
        exploration = Exploration(scenario, counts_orders=counts_orders)
        exploration.without_faults()
        for placement in exploration.placements()[placements] if faults else []:
            exploration.with_fault(placement)
    return exploration.tally


def replay(scenario: Scenario, finding: Finding) -> tuple[list[Line], str | None]:
    """The trace of a schedule, and what it breaks."""
    with seams.installed(), interleaved():
        run = ScheduleRun(scenario, finding.placement, is_traced=True)
        try:
            for number in finding.turns:
                run.take_turn_of(number)
            if not run.enabled():
                if run.interleaver.has_struck:
                    run.simulation.faults.note(run.interleaver.now_us)
                run.bring_to_rest()
        except Violation as violation:
            return run.simulation.trace, str(violation)
    return run.simulation.trace, None
