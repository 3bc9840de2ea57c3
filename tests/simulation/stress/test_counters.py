"""I1, I2: a room's counter is repaired to what it counts, and never below it."""

from functools import partial
from typing import Any

import pytest

from scorecast.aws.dynamodb.occupancy import Occupancy
from scorecast.aws.sqs.sweep_queue import PlanReconciliation
from tests.simulation.ledger import CONNECTIONS, Bounds
from tests.simulation.simulation import Plan
from tests.simulation.stress.setting import QUIET, SECOND_US, Setting, setting, watching

ROOM_OF_TWO = Bounds(per_user=1_000, per_ip=1_000, room_capacity=2)
ROOM_OF_THREE = Bounds(per_user=1_000, per_ip=1_000, room_capacity=3)


def _set_counter(scenario: Setting, members: int) -> None:
    """However it came about."""
    table, now_us = scenario.simulation.dynamodb.tables[CONNECTIONS], scenario.begun_us
    item = table.items["R#m:m1", "R"] | {"members": {"N": str(members)}}
    table.write(now_us, ("R#m:m1", "R"), item)


def _look(scenario: Setting) -> None:
    scenario.simulation.put_task(PlanReconciliation())


def test_i2_items_whose_time_was_up_are_not_counted_out_again() -> None:
    """They were taken off the counter by a repair, and are released by the sweep after that."""
    silent = watching("silent", answers_pings=False)
    plan = Plan(habits=QUIET, ends_the_living=True)  # after two hours
    with setting([silent], bounds=ROOM_OF_TWO, plan=plan) as scenario:
        simulation = scenario.simulation
        silent.state = "closed"  # its $disconnect was lost, and no sweep has run for two hours
        simulation.scheduler.now_us += 126 * 60 * SECOND_US
        simulation.gateway.connect(watching("b"))
        simulation.run()
        for _ in range(4):
            _look(scenario)
            simulation.run()
            simulation.scheduler.now_us += 61 * SECOND_US
        simulation.sweep_for(30 * SECOND_US)
        simulation.run()
        for number in range(3):
            simulation.gateway.connect(watching(f"n{number}"))
        simulation.run()
        simulation.sweep_for(60 * SECOND_US)
        simulation.run()
        counted, members = scenario.members()
        assert counted == members == 2


@pytest.mark.parametrize("surplus", [0, 1])
@pytest.mark.parametrize("offset_s", [0, 61])
def test_i2_members_that_leave_around_each_look_are_taken_off_once(
    monkeypatch: pytest.MonkeyPatch, offset_s: int, surplus: int
) -> None:
    """Each has deleted its item and not yet counted itself out when the counter is compared.

    What was too much before is taken off, and no more than that.
    """
    names = ("a", "b", "stays")
    clients = {name: watching(name) for name in names}
    bounds = Bounds(per_user=1_000, per_ip=1_000, room_capacity=4)
    with setting(clients.values(), bounds=bounds) as scenario:
        _set_counter(scenario, len(names) + surplus)
        count_out = Occupancy.count_out

        def slowly(occupancy: Occupancy, *args: Any) -> None:
            scenario.simulation.scheduler.sleep(SECOND_US)
            count_out(occupancy, *args)

        monkeypatch.setattr(Occupancy, "count_out", slowly)
        for place, name in enumerate(names[:2]):
            at_s = 1 + place * 61 + offset_s
            scenario.send(clients[name], at_s, type="unsubscribe", match_id="m1")
        for look in range(8):
            scenario.at(1.5 + look * 61, partial(_look, scenario))
        scenario.run()
        assert scenario.members() == (1, 1)


def test_i2_a_deficit_is_lifted() -> None:
    """Rows outnumber the counter, and nothing has joined meanwhile."""
    with setting([watching("a"), watching("b")], bounds=ROOM_OF_THREE) as scenario:
        simulation = scenario.simulation
        simulation.ledger.fail = lambda claim: None
        _set_counter(scenario, 1)
        for _ in range(4):
            _look(scenario)
            simulation.run()
            simulation.scheduler.now_us += 61 * SECOND_US
        assert scenario.members() == (2, 2)
