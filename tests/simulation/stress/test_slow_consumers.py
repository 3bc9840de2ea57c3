"""T4, R19: 429 is the account's quota or one client's full buffer, and they are distinguished."""

from itertools import product

import pytest

from tests.simulation.client import Client
from tests.simulation.stress.neighbours import deaf, latencies_s, nothing
from tests.simulation.stress.setting import fill_buffers, setting, watching

LATER_MAX = 1.2
"""T4: by how much another match's latency may grow."""
ENDED_S_MAX = 60


def _deaf(number: int, match_id: str = "m2") -> Client:
    """It reads nothing from the start, and answers nothing."""
    return watching(f"deaf{number}", match_id, reads=False, answers_pings=False)


def test_t4_two_clients_that_read_nothing_slow_no_other_match() -> None:
    undisturbed, disturbed = sorted(latencies_s(nothing)), sorted(latencies_s(deaf))
    assert sum(disturbed) < LATER_MAX * sum(undisturbed), (undisturbed, disturbed)
    assert disturbed[-1] < LATER_MAX * undisturbed[-1] + 0.1, (undisturbed, disturbed)


@pytest.mark.parametrize("viewers", [0, 5, 28])
def test_r19_a_client_that_reads_nothing_is_ended_within_60_s(viewers: int) -> None:
    room = [watching(f"v{number}", "m2") for number in range(viewers)]
    with setting([*room, _deaf(0)]) as scenario:
        fill_buffers(scenario)
        for number in range(40):
            scenario.score(number * 2, number + 1, match_id="m2")
        scenario.sweep_until(90)
        scenario.run()
        assert scenario.ended_s.get("deaf0", float("inf")) < ENDED_S_MAX
        assert scenario.ended_s.keys() == {"deaf0"}


@pytest.mark.parametrize("share", [0.005, 0.02, 0.05])
def test_r19_no_healthy_client_is_ended_while_the_quota_throttles(share: float) -> None:
    with setting([watching(f"v{number}") for number in range(20)]) as scenario:
        scenario.simulation.gateway.network.false_throttled = share
        for number in range(600):
            scenario.score(number / 2, number + 1)
        scenario.sweep_until(300)
        scenario.run()
        ended = [client.id for client in scenario.simulation.gateway.clients.values()]
        assert scenario.ended_s == {}, f"{len(scenario.ended_s)} of {len(ended)} were ended"


@pytest.mark.parametrize("rooms", [("m2",), ("m2", "m3")])
def test_t4_rooms_whose_clients_read_nothing_widen_no_other_rooms_window(
    rooms: tuple[str, ...],
) -> None:
    disturbed, undisturbed = _latencies(rooms, reads=False), _latencies(rooms, reads=True)
    assert sum(disturbed) < LATER_MAX * sum(undisturbed), (undisturbed, disturbed)


def _latencies(rooms: tuple[str, ...], *, reads: bool) -> list[float]:
    """Of a match's scores, while other rooms of five clients each have some, too."""
    clients = [watching(f"{room}-{n}", room, reads=reads) for room in rooms for n in range(5)]
    with setting([watching("other"), *clients], matches=("m1", *rooms)) as scenario:
        fill_buffers(scenario)
        for number, room in product(range(20), rooms):
            scenario.score(number, number + 1, match_id=room)
        sent_s = [5.5 + number * 3 for number in range(4)]
        for goals, at_s in enumerate(sent_s, start=1):
            scenario.score(at_s, goals)
        scenario.run()
        return [scenario.first_s("other", n) - at_s for n, at_s in enumerate(sent_s, 1)]
