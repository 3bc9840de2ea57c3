"""Where the units of operations go, as measured: the capacity model finds hot keys from them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import history
import pytest

from infra.capacity.places import READ_FROM, SPREAD, WRITTEN, Units
from infra.cost import CALLS
from tests.acceptance.test_budgets import QUIET, known, quiet_connections, reporting
from tests.harness.fake_api import FakeApi
from tests.harness.meter import Meter
from tests.harness.wire import Wire


@dataclass
class Measured:
    meter: Meter
    written: dict[str, Units] = field(default_factory=dict)
    read_from: dict[str, Units] = field(default_factory=dict)

    @contextmanager
    def operation(self, name: str) -> Iterator[None]:
        self.meter.reset()
        yield
        self.written[name] = dict(self.meter.written)
        self.read_from[name] = dict(self.meter.read_from)


def _coming_and_going(fake_api: FakeApi, measured: Measured) -> None:
    fake_api.register("m1")
    fake_api.enter("u2", match_id="m1")
    with measured.operation("first connect"):
        fake_api.connect("u9", ip="203.0.113.77", match_id="m1")
    fake_api.deliver_welcomes()
    socket = known(fake_api, match_id="m1")
    fake_api.wait(2)
    with measured.operation("connect"):
        fake_api.connect("u1", match_id="m1")
    with measured.operation("welcome"):
        fake_api.deliver_welcomes()
    fake_api.wait(30)
    with measured.operation("comparison of a counter"):
        fake_api.run_tasks([{"task": "Reconcile", "keys": ["R#m:m1"]}])
    with measured.operation("pong"):
        socket.command("pong")
    with measured.operation("disconnect"):
        socket.close()


def _scoring(fake_api: FakeApi, measured: Measured) -> None:
    official = reporting(fake_api)
    for user in ("u1", "u2"):
        fake_api.enter(user, match_id="m1")
    score = {"match_id": "m1", "participant2_score": 0}
    with measured.operation("score"):
        official.ask("score_update", participant1_score=2, **score)
    with measured.operation("flush of a score"):
        fake_api.cloud.flush("m1", request_id="another")
    for name in ("viewer count", "unchanged viewer count"):
        with measured.operation(name):
            fake_api.run_tasks([{"task": "PublishViewerCount", "room_key": "m:m1"}])
    for goals in range(3, 13):
        official.ask("score_update", participant1_score=goals, **score)
    records = fake_api.cloud.stream()[-10:]
    with measured.operation("history of 10 scores"):
        history.handler({"Records": records}, fake_api.cloud.context)


def _sweeping(fake_api: FakeApi, measured: Measured) -> None:
    with measured.operation("sweep, none idle"):
        fake_api.sweep()
    quiet_connections(fake_api, QUIET)
    fake_api.wait(30)
    with measured.operation("sweep, 1,000 idle"):
        fake_api.sweep()


@pytest.mark.parametrize("happen", [_coming_and_going, _scoring, _sweeping])
def test_units_go_where_the_capacity_model_has_them(
    fake_api: FakeApi, wire: Wire, happen: Callable[[FakeApi, Measured], None]
) -> None:
    measured = Measured(Meter(fake_api, wire))

    happen(fake_api, measured)

    assert measured.written == {name: WRITTEN[name] for name in measured.written}
    assert measured.read_from == {name: READ_FROM[name] for name in measured.read_from}


@pytest.mark.parametrize("operation", WRITTEN)
def test_the_places_of_an_operation_add_up_to_its_budget(operation: str) -> None:
    assert sum(WRITTEN[operation].values()) == CALLS[operation].write_units
    assert sum(READ_FROM[operation].values()) == CALLS[operation].read_units


def test_each_place_says_over_how_many_keys_it_is_spread() -> None:
    places = {place for units in (WRITTEN, READ_FROM) for each in units.values() for place in each}
    assert places == SPREAD.keys()
