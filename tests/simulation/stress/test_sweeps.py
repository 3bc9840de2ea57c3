"""R20, T9: sweeps that were held up, and a backlog that comes at once."""

from collections import Counter
from functools import partial

import pytest

from scorecast.domain.connections.idle import shard_of
from scorecast.protocol.limits import CONNECTION_SHARDS
from tests.simulation.simulation import SWEEP_QUEUE
from tests.simulation.stress.setting import SECOND_US, Posted, fill_buffers, setting, watching

PINGS_MAX = 2


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("pong_ms", [150, 2_000])
@pytest.mark.parametrize("held_s", [20, 40, 60, 90])
def test_r20_a_sweep_that_was_held_up_ends_no_client_that_answers(
    held_s: int, pong_ms: int, seed: int
) -> None:
    clients = [watching(f"c{n}", pong_delay_us=pong_ms * 1_000) for n in range(12)]
    with setting(clients, seed=seed) as scenario:
        simulation = scenario.simulation
        scenario.sweep_until(300)
        scenario.at(100, partial(simulation.hold, SWEEP_QUEUE, held_s * SECOND_US))
        scenario.run()
        assert scenario.ended_s == {}, f"{len(scenario.ended_s)} of {len(clients)} were ended"


@pytest.mark.parametrize("minutes", [1, 5, 30])
def test_t9_a_backlog_of_the_schedule_pings_at_most_twice(minutes: int) -> None:
    clients = [watching(f"c{number}", pong_delay_us=300_000) for number in range(20)]
    with setting(clients) as scenario:
        simulation = scenario.simulation
        for age in range(minutes):
            scenario.at(40, partial(simulation.schedule, age_us=age * 60 * SECOND_US))
        scenario.run()
        assert max(_pings_by_interval(scenario.events(kind="ping")).values()) <= PINGS_MAX


def _pings_by_interval(pings: list[Posted]) -> Counter[tuple[str, int]]:
    """How many each client got in each heartbeat's interval."""
    return Counter((ping.client_id, int(ping.at_s - 40) // 25) for ping in pings)


@pytest.mark.parametrize("held_s", [60, 300])
def test_t9_a_backlog_of_the_sweep_queue_pings_at_most_twice(held_s: int) -> None:
    clients = [watching(f"c{number}", pong_delay_us=300_000) for number in range(20)]
    with setting(clients) as scenario:
        simulation = scenario.simulation
        scenario.at(40, partial(simulation.hold, SWEEP_QUEUE, held_s * SECOND_US))
        scenario.sweep_until(held_s + 60)
        scenario.run()
        soon = [p for p in scenario.events(kind="ping") if 0 <= p.at_s - 40 - held_s < 20]
        by_client = Counter(ping.client_id for ping in soon)
        assert max(by_client.values()) <= PINGS_MAX


@pytest.mark.parametrize("has_deaf", [False, True])
def test_a_client_that_reads_nothing_keeps_no_other_silent_client_alive(has_deaf: bool) -> None:
    """Both are in one shard of the sweep. A ping that did not fit into a buffer was sent."""
    shard = shard_of("silent", CONNECTION_SHARDS)
    name = next(f"d{n}" for n in range(99) if shard_of(f"d{n}", CONNECTION_SHARDS) == shard)
    deaf = watching(name, reads=False, answers_pings=False)
    silent = watching("silent", answers_pings=False)
    with setting([*([deaf] if has_deaf else []), silent]) as scenario:
        fill_buffers(scenario)
        scenario.sweep_until(150)
        scenario.run()
        assert scenario.ended_s.get("silent", float("inf")) < 100
