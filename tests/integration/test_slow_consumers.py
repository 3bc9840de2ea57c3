from typing import Any

import pytest

from scorecast.aws.sqs.sweep_queue import ProbeSlow, SuspectSlow, SweepTask
from scorecast.domain.publication import numbered
from scorecast.domain.rooms import match_room
from scorecast.protocol.limits import PROBE_LEASE_SECONDS, PROBE_POSTS_MAX, PROBES_MAX
from scorecast.runtime import settings
from scorecast.wiring import host, tables, upkeep
from tests.harness.moto_cloud import MotoCloud

ROOM = match_room("m1")


@pytest.fixture(autouse=True)
def put(cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch) -> list[tuple[SweepTask, int]]:
    """The tasks that were put on the sweep queue, with their delay."""
    kept: list[tuple[SweepTask, int]] = []

    def keep(_: Any, task: SweepTask, *, delay_s: int = 0) -> None:
        kept.append((task, delay_s))

    monkeypatch.setattr("scorecast.aws.sqs.sweep_queue.SweepQueue.put", keep)
    return kept


def _run(task: SweepTask) -> None:
    upkeep.maintenance(host.settings(settings.SweepSettings)).run(task)


def _publish(cloud: MotoCloud) -> None:
    cloud.flush_room.broadcast.publish([ROOM], numbered("{}", ROOM, 1))


def _tasks[T](put: list[tuple[SweepTask, int]], kind: type[T]) -> list[T]:
    return [task for task, _ in put if isinstance(task, kind)]


def test_a_client_that_stays_throttled_is_suspected(
    cloud: MotoCloud, put: list[tuple[SweepTask, int]]
) -> None:
    for n in range(30):
        cloud.connect(f"c{n}", ROOM)
    cloud.api.statuses |= {"c3": 429, "c4": 429}
    put.clear()
    _publish(cloud)
    (suspects,) = _tasks(put, SuspectSlow)
    assert sorted(suspects.connection_ids) == ["c3", "c4"]
    level = tables.throttle_level(host.settings(settings.FlushSettings))
    assert level.level([ROOM]) == 0


def test_a_client_that_only_the_quota_throttled_is_not_suspected(
    cloud: MotoCloud, put: list[tuple[SweepTask, int]]
) -> None:
    cloud.connect("c1", ROOM)
    cloud.api.once["c1"] = [429]
    put.clear()
    _publish(cloud)
    assert _tasks(put, SuspectSlow) == []
    assert cloud.api.bodies["c1"] == [b"{}"]


def test_a_client_that_takes_no_ping_in_any_round_is_disconnected(
    cloud: MotoCloud, put: list[tuple[SweepTask, int]]
) -> None:
    cloud.connect("deaf", ROOM)
    cloud.api.statuses["deaf"] = 429
    put.clear()
    _run(SuspectSlow(("deaf",)))
    for number in range(1, PROBES_MAX + 1):
        assert cloud.members(ROOM) == ["deaf"]
        assert put.pop() == (ProbeSlow(("deaf",), number), 5)
        _run(ProbeSlow(("deaf",), number))
    assert cloud.members(ROOM) == []
    assert ("DELETE", "deaf") in [
        (method, path.rpartition("/")[2]) for method, path, _ in cloud.api.requests
    ]


@pytest.mark.parametrize("number", range(1, PROBES_MAX + 1))
def test_one_ping_that_is_taken_clears_a_client(
    cloud: MotoCloud, put: list[tuple[SweepTask, int]], number: int
) -> None:
    cloud.connect("c1", ROOM)
    cloud.api.once["c1"] = [429] * (PROBE_POSTS_MAX - 1)
    put.clear()
    _run(ProbeSlow(("c1",), number))
    assert put == []
    assert cloud.members(ROOM) == ["c1"]
    assert cloud.api.types("c1") == ["ping"]


def test_a_client_under_probation_is_not_suspected_twice(
    cloud: MotoCloud, put: list[tuple[SweepTask, int]]
) -> None:
    cloud.connect("deaf", ROOM)
    put.clear()
    _run(SuspectSlow(("deaf",)))
    _run(SuspectSlow(("deaf",)))
    assert len(_tasks(put, ProbeSlow)) == 1
    cloud.system.sleep_ms(PROBE_LEASE_SECONDS * 1_000 + 1)
    _run(SuspectSlow(("deaf",)))
    assert len(_tasks(put, ProbeSlow)) == 2


def test_a_closed_connection_is_not_suspected(put: list[tuple[SweepTask, int]]) -> None:
    _run(SuspectSlow(("unknown",)))
    assert put == []
