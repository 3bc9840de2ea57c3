import itertools
import json
from typing import Any

import fanout
import pytest

from scorecast.aws.dynamodb import memberships
from scorecast.aws.sqs.fanout_queue import FanoutBatch, FanoutQueue, batch_of
from scorecast.aws.sqs.records import Record
from scorecast.aws.sqs.sweep_queue import (
    PublishViewerCount,
    SweepQueue,
    SweepTask,
)
from scorecast.domain.publication import bucket_of, lane_of, numbered
from scorecast.domain.rooms import Room, match_room, room_from_key, tournament_room
from scorecast.protocol.limits import (
    FANOUT_LANES,
    PLANNED_SHARE,
    VIEWERS_LEASE_MS,
    VIEWERS_QUICK_MAX,
)
from scorecast.runtime import settings
from scorecast.wiring import clients, host, upkeep
from tests.harness.moto_cloud import MotoCloud

ROOM, CUP = match_room("m1"), tournament_room("t1")
TEXT = '{"type":"score_updated"}'


def _publish(cloud: MotoCloud, *rooms: Room, text: str = TEXT, sequence: int = 2) -> None:
    posted = numbered(text, ROOM, sequence)
    cloud.flush_room.broadcast.publish(rooms or (ROOM, CUP), posted)


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch) -> None:
    """moto forgets that SQS remembers deduplication ids per group, so each batch has its own."""
    send = FanoutQueue.send
    numbers = itertools.count()

    def send_apart(
        fanout_queue: FanoutQueue, batch: FanoutBatch, *, lane: str, batch_id: str
    ) -> None:
        send(fanout_queue, batch, lane=lane, batch_id=f"{batch_id}-{next(numbers)}")

    monkeypatch.setattr(FanoutQueue, "send", send_apart)


def _deliver(cloud: MotoCloud) -> int:
    """Process the batches that wait, each lane in order; how many there were."""
    batches = cloud.messages("FANOUT_QUEUE_URL")
    records = [
        {
            "messageId": f"r{n}",
            "body": json.dumps(batch),
            "attributes": {"MessageGroupId": _lane(batch)},
        }
        for n, batch in enumerate(batches)
    ]
    response = fanout.handler({"Records": records}, cloud.context)
    assert response == {"batchItemFailures": []}
    return len(batches)


def _lane(batch: dict[str, Any]) -> str:
    room = room_from_key(batch["room_key"])
    return lane_of(room, bucket_of(batch["connection_ids"][0], FANOUT_LANES))


def _tasks(cloud: MotoCloud, kind: str) -> list[dict[str, Any]]:
    return [body for body in cloud.messages("SWEEP_QUEUE_URL") if body["task"] == kind]


def _sizes(cloud: MotoCloud) -> dict[str, int]:
    return {each: len(bodies) for each, bodies in cloud.api.bodies.items() if bodies}


@pytest.fixture
def small_shards(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memberships, "SHARD_MEMBERS_MAX", 2)


def test_a_small_room_is_posted_to_without_a_batch(cloud: MotoCloud) -> None:
    cloud.connect("c1", ROOM)
    cloud.connect("t1", CUP)
    _publish(cloud)
    assert _sizes(cloud) == {"c1": 1, "t1": 1}
    assert cloud.messages("FANOUT_QUEUE_URL") == []


def test_a_large_room_is_posted_to_in_lanes(cloud: MotoCloud, small_shards: None) -> None:
    for n in range(5):
        cloud.connect(f"c{n}", ROOM)
    cloud.connect("t1", CUP)
    _publish(cloud)
    assert _sizes(cloud) == {"t1": 1}
    lanes = {bucket_of(f"c{n}", FANOUT_LANES) for n in range(5)}
    assert _deliver(cloud) == len(lanes) > 1
    assert _sizes(cloud) == {"t1": 1} | {f"c{n}": 1 for n in range(5)}


def test_messages_that_wait_in_a_lane_are_posted_together(
    cloud: MotoCloud, small_shards: None
) -> None:
    for n in range(5):
        cloud.connect(f"c{n}", ROOM)
    _publish(cloud, text='{"n":1}', sequence=1)
    _publish(cloud, text='{"n":2}', sequence=2)
    _deliver(cloud)
    assert _sizes(cloud) == {f"c{n}": 1 for n in range(5)}
    batch = {"type": "batch", "data": {"messages": [{"n": 1}, {"n": 2}]}}
    assert all(cloud.api.messages(f"c{n}") == [batch] for n in range(5))


def test_lanes_post_no_faster_than_the_planned_share_of_the_budget(
    cloud: MotoCloud, small_shards: None
) -> None:
    for n in range(5):
        cloud.connect(f"c{n}", ROOM)
    _publish(cloud)
    paces = [batch["posts_per_second"] for batch in cloud.messages("FANOUT_QUEUE_URL")]
    budget = int(cloud.environment["POSTS_PER_SECOND_BUDGET"])
    assert set(paces) == {budget * PLANNED_SHARE / FANOUT_LANES}


def test_a_batch_that_is_sent_is_the_one_that_is_read(cloud: MotoCloud) -> None:
    batch = FanoutBatch(
        posted=numbered('{"type":"ü"}', ROOM, 7),
        room_key=ROOM.key,
        connection_ids=["a=", "b"],
        posts_per_second=400.0,
    )
    fanout_queue = FanoutQueue(cloud.environment["FANOUT_QUEUE_URL"], clients.sqs())
    fanout_queue.send(batch, lane="m:m1-0", batch_id="m1-2-0")
    (body,) = cloud.messages("FANOUT_QUEUE_URL")
    assert batch_of(Record("1", json.dumps(body))) == batch


def test_a_batch_that_is_broken_comes_again(cloud: MotoCloud) -> None:
    records = [{"messageId": "r0", "body": "{}", "attributes": {}}]
    response = fanout.handler({"Records": records}, cloud.context)
    assert response == {"batchItemFailures": [{"itemIdentifier": "r0"}]}


def _publish_viewers(cloud: MotoCloud, room: Room = ROOM) -> None:
    maintenance = upkeep.maintenance(host.settings(settings.SweepSettings))
    maintenance.run(PublishViewerCount(room.key))


@pytest.fixture
def sent(cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, int]]:
    """Tasks that were put on the sweep queue, with their delay; moto's queue holds them back."""
    put = SweepQueue.put
    kept: list[tuple[str, int]] = []

    def keep(sweep_queue: SweepQueue, task: SweepTask, *, delay_s: int = 0) -> None:
        kept.append((type(task).__name__, delay_s))
        put(sweep_queue, task, delay_s=delay_s)

    monkeypatch.setattr(SweepQueue, "put", keep)
    return kept


def test_joins_and_leaves_of_a_second_are_published_once(
    cloud: MotoCloud, sent: list[tuple[str, int]]
) -> None:
    cloud.register("m1")
    for n in range(3):
        cloud.connect(f"c{n}", ROOM)
        cloud.system.sleep_ms(100)
    cloud.registry.release("c1")
    assert sent == [("PublishViewerCount", 1)]
    _publish_viewers(cloud)
    (message,) = cloud.api.messages("c0")
    data = message["data"]
    assert (message["type"], data["count"], data["room"]) == ("viewers", 2, "match")
    assert (data["match_id"], data["tournament_id"], data["sequence"]) == ("m1", None, 1)
    _publish_viewers(cloud)
    assert len(cloud.api.messages("c0")) == 1


def test_the_next_change_is_published_again(cloud: MotoCloud, sent: list[tuple[str, int]]) -> None:
    cloud.connect("c0", ROOM)
    _publish_viewers(cloud)
    cloud.system.sleep_ms(1_000)
    cloud.connect("c1", ROOM)
    assert sent == [("PublishViewerCount", 1)] * 2
    _publish_viewers(cloud)
    assert [message["data"]["count"] for message in cloud.api.messages("c0")] == [1, 2]


def test_a_large_room_is_notified_less_often(cloud: MotoCloud, sent: list[tuple[str, int]]) -> None:
    occupancy = cloud.occupancy
    for _ in range(VIEWERS_QUICK_MAX):
        occupancy.count_in(ROOM, 1_000)
    occupancy.claim_dirty(ROOM)
    sent.clear()
    cloud.system.sleep_ms(1_000)
    occupancy.count_in(ROOM, 1_000)
    assert sent == [("PublishViewerCount", 5)]


def test_a_mark_whose_message_was_lost_is_sent_for_again(
    cloud: MotoCloud, sent: list[tuple[str, int]]
) -> None:
    cloud.connect("c0", ROOM)
    cloud.system.sleep_ms(VIEWERS_LEASE_MS)
    cloud.connect("c1", ROOM)
    assert sent == [("PublishViewerCount", 1)] * 2


def test_a_join_stands_even_if_its_viewers_cannot_be_notified(cloud: MotoCloud) -> None:
    cloud.environment["SWEEP_QUEUE_URL"] += "-gone"
    cloud.connect("c0", ROOM)
    assert (cloud.members(ROOM), cloud.counted(ROOM)) == (["c0"], 1)
