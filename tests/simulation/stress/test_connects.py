"""T8: what a `$connect` costs that must first free a slot of its user."""

from dataclasses import replace
from functools import partial

from tests.simulation.client import Client
from tests.simulation.ledger import Bounds
from tests.simulation.scheduler import Invocation
from tests.simulation.stress.setting import setting, viewer

CALLS_MAX = 15
TABS = Bounds(per_user=3, per_ip=1_000, room_capacity=2_000)
REPLACING = {"CONNECTION_LIMIT_POLICY": "replace_oldest"}


def _tab(number: int) -> Client:
    """Of one user, who opens more than the limit allows."""
    return replace(viewer("u"), id=f"tab{number}")


def test_t8_a_tab_that_replaces_another_makes_no_more_than_15_calls() -> None:
    calls: list[int] = []

    def ended(function: str, invocation: Invocation) -> None:
        if function == "connect":
            calls.append(invocation.calls)

    with setting(bounds=TABS, settings=REPLACING) as scenario:
        scenario.simulation.on_ended.append(ended)
        for number in range(9):
            scenario.at(number * 1.5, partial(scenario.simulation.gateway.connect, _tab(number)))
        scenario.run()
    assert len(calls) == 9
    assert TABS.per_user < max(calls) <= CALLS_MAX
