import itertools
import json
from typing import Any

import fanout
import pytest

from scorecast import wiring
from scorecast.aws.dynamodb import memberships
from scorecast.aws.dynamodb.throttle_level import ThrottleLevel
from scorecast.aws.sqs.fanout_queue import FanoutBatch, FanoutQueue, batch_of
from scorecast.aws.sqs.records import Record
from scorecast.aws.sqs.sweep_queue import (
    PublishViewerCount,
    SlowConsumerStrike,
    SweepQueue,
    SweepTask,
)
from scorecast.domain.rooms import Room, match_room, tournament_room
from scorecast.protocol.limits import (
    SLOW_STRIKE_SECONDS,
    SLOW_STRIKES_MAX,
    THROTTLE_LEVEL_MAX,
    THROTTLE_LEVEL_SECONDS,
    VIEWERS_LEASE_MS,
    VIEWERS_QUICK_MAX,
)
from scorecast.runtime import settings
from tests import examples
from tests.integration.cloud import Cloud

ROOM, CUP = match_room("m1"), tournament_room("t1")
FRAME = b'{"type":"score_updated"}'


def _publish(cloud: Cloud, *rooms: Room, message_id: str = "m1-2") -> None:
    cloud.flush_room.broadcast.publish(rooms or (ROOM, CUP), FRAME, message_id=message_id)


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto forgets that SQS remembers deduplication ids per group, so each parcel has its own."""
    send = FanoutQueue.send
    numbers = itertools.count()

    def hand_over_apart(
        fanout_queue: FanoutQueue, batch: FanoutBatch, *, lane: str, batch_id: str
    ) -> None:
        send(fanout_queue, batch, lane=lane, batch_id=f"{batch_id}-{next(numbers)}")

    monkeypatch.setattr(FanoutQueue, "send", hand_over_apart)


def _deliver(cloud: Cloud) -> int:
    """Work off the parcels that were handed over; how many there were."""
    parcels = cloud.messages("FANOUT_QUEUE_URL")
    records = [
        {"messageId": f"r{n}", "body": json.dumps(batch), "attributes": {"MessageGroupId": "g"}}
        for n, batch in enumerate(parcels)
    ]
    response = fanout.handler({"Records": records}, cloud.context)
    assert response == {"batchItemFailures": []}
    return len(parcels)


def _tasks(cloud: Cloud, kind: str) -> list[dict[str, Any]]:
    return [body for body in cloud.messages("SWEEP_QUEUE_URL") if body["task"] == kind]


def _sizes(cloud: Cloud) -> dict[str, int]:
    return {each: len(bodies) for each, bodies in cloud.api.bodies.items() if bodies}


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memberships, "SHARD_MEMBERS_MAX", 2)


def test_a_small_room_is_told_without_a_parcel(cloud: Cloud) -> None:
    cloud.connect("c1", ROOM)
    cloud.connect("t1", CUP)
    _publish(cloud)
    assert _sizes(cloud) == {"c1": 1, "t1": 1}
    assert cloud.messages("FANOUT_QUEUE_URL") == []


def test_a_large_room_is_told_shard_by_shard(cloud: Cloud, small_shards: None) -> None:
    for n in range(5):
        cloud.connect(f"c{n}", ROOM)
    cloud.connect("t1", CUP)
    _publish(cloud)
    assert _sizes(cloud) == {"t1": 1}
    assert _deliver(cloud) == 3
    assert _sizes(cloud) == {"t1": 1} | {f"c{n}": 1 for n in range(5)}


@pytest.mark.parametrize("large", ["match", "tournament", "both", "none"])
def test_a_connection_in_both_rooms_is_told_once(
    cloud: Cloud, small_shards: None, large: str
) -> None:
    both = cloud.connect("both", ROOM)
    cloud.memberships.join(both, CUP, capacity=99, rooms_max=9)
    for n in range(4):
        if large in ("match", "both"):
            cloud.connect(f"m{n}", ROOM)
        if large in ("tournament", "both"):
            cloud.connect(f"t{n}", CUP)
    _publish(cloud)
    _deliver(cloud)
    assert set(_sizes(cloud).values()) == {1}
    members = {*cloud.members(ROOM), *cloud.members(CUP)}
    assert set(_sizes(cloud)) == members


def test_a_parcel_handed_over_is_the_one_that_is_read(cloud: Cloud) -> None:
    batch = FanoutBatch('{"type":"ü"}', ["a=", "b"], 400.0)
    fanout_queue = FanoutQueue(cloud.environment["FANOUT_QUEUE_URL"], wiring._sqs())
    fanout_queue.send(batch, lane="m:m1-0", batch_id="m1-2-0")
    (body,) = cloud.messages("FANOUT_QUEUE_URL")
    assert batch_of(Record("1", json.dumps(body))) == batch


def test_a_parcel_that_is_broken_comes_again(cloud: Cloud) -> None:
    records = [{"messageId": "r0", "body": "{}", "attributes": {}}]
    response = fanout.handler({"Records": records}, cloud.context)
    assert response == {"batchItemFailures": [{"itemIdentifier": "r0"}]}


def test_a_full_buffer_is_a_strike_and_a_storm_is_pressure(cloud: Cloud) -> None:
    for n in range(30):
        cloud.connect(f"c{n}", ROOM)
    cloud.api.statuses["c3"] = 429
    _publish(cloud)
    throttle_level = ThrottleLevel(wiring.matches_table(cloud.settings), cloud.system)
    assert [body["connection_ids"] for body in _tasks(cloud, "SlowConsumerStrike")] == [["c3"]]
    assert throttle_level.level() == 0
    cloud.api.statuses |= {f"c{n}": 429 for n in range(30)}
    _publish(cloud)
    assert _tasks(cloud, "SlowConsumerStrike") == []
    assert throttle_level.level() == 1


def test_pressure_rises_falls_and_has_an_end(cloud: Cloud) -> None:
    throttle_level = ThrottleLevel(wiring.matches_table(cloud.settings), cloud.system)
    levels = []
    for _ in range(THROTTLE_LEVEL_MAX + 2):
        throttle_level.raise_level()
        throttle_level.raise_level()
        levels.append(throttle_level.level())
        cloud.system.sleep_ms(THROTTLE_LEVEL_SECONDS * 1_000 - 1)
    assert levels == [*range(1, THROTTLE_LEVEL_MAX + 1), THROTTLE_LEVEL_MAX, THROTTLE_LEVEL_MAX]
    cloud.system.sleep_ms(1)
    assert throttle_level.level() == 0
    throttle_level.raise_level()
    assert throttle_level.level() == 1


def test_pressure_widens_windows_and_clients_are_told(cloud: Cloud) -> None:
    cloud.register("m1")
    cloud.connect("c1", ROOM)
    throttle_level = ThrottleLevel(wiring.matches_table(cloud.settings), cloud.system)
    throttle_level.raise_level()
    cloud.system.sleep_ms(THROTTLE_LEVEL_SECONDS * 500)
    throttle_level.raise_level()
    cloud.execute(examples.score_update(1))
    opened_ms = cloud.system.now_ms()
    cloud.flush()
    assert cloud.system.now_ms() - opened_ms == 400
    assert cloud.api.frames("c1")[0]["data"]["window_ms"] == 400


def _strike(cloud: Cloud, connection_id: str = "c1") -> None:
    maintenance = wiring.maintenance(wiring.settings(settings.SweepSettings))
    maintenance.run(SlowConsumerStrike((connection_id,), cloud.system.now_ms()))


def test_a_slow_client_is_shown_out_at_its_third_strike_in_a_row(cloud: Cloud) -> None:
    cloud.connect("c1", ROOM)
    for _ in range(SLOW_STRIKES_MAX):
        assert cloud.api.closed == []
        cloud.system.sleep_ms(1_000)
        _strike(cloud)
    assert cloud.api.closed == ["c1"]
    goodbye = cloud.api.frames("c1")[-1]
    assert (goodbye["code"], goodbye["reason"]) == (4008, "slow_consumer")
    assert cloud.members(ROOM) == []


def test_strikes_far_apart_are_not_in_a_row(cloud: Cloud) -> None:
    cloud.connect("c1")
    for _ in range(3 * SLOW_STRIKES_MAX):
        cloud.system.sleep_ms(SLOW_STRIKE_SECONDS * 1_000 + 1)
        _strike(cloud)
    assert cloud.api.closed == []


def test_a_strike_delivered_twice_counts_once(cloud: Cloud) -> None:
    cloud.connect("c1")
    for _ in range(2 * SLOW_STRIKES_MAX):
        _strike(cloud)
    assert cloud.api.closed == []


def test_a_strike_at_a_closed_connection_does_nothing(cloud: Cloud) -> None:
    for _ in range(SLOW_STRIKES_MAX):
        cloud.system.sleep_ms(1_000)
        _strike(cloud, "unknown")
    assert cloud.api.requests == []


def _tell_viewers(cloud: Cloud, room: Room = ROOM) -> None:
    maintenance = wiring.maintenance(wiring.settings(settings.SweepSettings))
    maintenance.run(PublishViewerCount(room.key))


@pytest.fixture
def sent(cloud: Cloud, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Chores that were put on the rota, with their delay; moto's queue holds them back."""
    put = SweepQueue.put
    kept: list[tuple[str, int]] = []

    def keep(sweep_queue: SweepQueue, task: SweepTask, *, delay_s: int = 0) -> None:
        kept.append((type(task).__name__, delay_s))
        put(sweep_queue, task, delay_s=delay_s)

    monkeypatch.setattr(SweepQueue, "put", keep)
    return kept


def test_joins_and_leaves_of_a_second_are_told_once(
    cloud: Cloud, sent: list[tuple[str, int]]
) -> None:
    cloud.register("m1")
    for n in range(3):
        cloud.connect(f"c{n}", ROOM)
        cloud.system.sleep_ms(100)
    cloud.registry.release("c1")
    assert sent == [("PublishViewerCount", 1)]
    _tell_viewers(cloud)
    (message,) = cloud.api.frames("c0")
    data = message["data"]
    assert (message["type"], data["count"], data["room"]) == ("viewers", 2, "match")
    assert (data["match_id"], data["tournament_id"], data["sequence"]) == ("m1", None, 1)
    _tell_viewers(cloud)
    assert len(cloud.api.frames("c0")) == 1


def test_the_next_change_is_told_again(cloud: Cloud, sent: list[tuple[str, int]]) -> None:
    cloud.connect("c0", ROOM)
    _tell_viewers(cloud)
    cloud.system.sleep_ms(1_000)
    cloud.connect("c1", ROOM)
    assert sent == [("PublishViewerCount", 1)] * 2
    _tell_viewers(cloud)
    assert [message["data"]["count"] for message in cloud.api.frames("c0")] == [1, 2]


def test_a_large_room_is_told_less_often(cloud: Cloud, sent: list[tuple[str, int]]) -> None:
    occupancy = cloud.occupancy
    for _ in range(VIEWERS_QUICK_MAX):
        occupancy.count_in(ROOM, 1_000)
    occupancy.claim_dirty(ROOM)
    sent.clear()
    cloud.system.sleep_ms(1_000)
    occupancy.count_in(ROOM, 1_000)
    assert sent == [("PublishViewerCount", 5)]


def test_a_mark_whose_message_was_lost_is_sent_for_again(
    cloud: Cloud, sent: list[tuple[str, int]]
) -> None:
    cloud.connect("c0", ROOM)
    cloud.system.sleep_ms(VIEWERS_LEASE_MS)
    cloud.connect("c1", ROOM)
    assert sent == [("PublishViewerCount", 1)] * 2


def test_a_join_stands_even_if_its_viewers_cannot_be_told(cloud: Cloud) -> None:
    cloud.environment["SWEEP_QUEUE_URL"] += "-gone"
    cloud.connect("c0", ROOM)
    assert (cloud.members(ROOM), cloud.counted(ROOM)) == (["c0"], 1)
