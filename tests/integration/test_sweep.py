import json
from dataclasses import asdict
from typing import Any

import pytest
import sweep

from scorecast.aws.sqs.sweep_queue import (
    CompleteMove,
    PlanReconciliation,
    ProbeSlow,
    PublishViewerCount,
    Reconcile,
    Repost,
    RequeueStalled,
    SuspectSlow,
    SweepPortion,
    SweepQueue,
    SweepTask,
    VerifyGone,
    task_of,
    text_of,
)
from scorecast.domain.connections.identity import Identity
from scorecast.domain.connections.idle import shard_of
from scorecast.domain.publication import newest, numbered, portions
from scorecast.domain.rooms import match_room
from scorecast.protocol.limits import (
    CONNECTION_ROW_SECONDS,
    CONNECTION_SHARDS,
    GONE_CONFIRMED_MAX,
    HANDSHAKE_SECONDS_MAX,
    ID_CHARACTERS_MAX,
    RECONCILE_LOOKS,
    RECONCILE_SECONDS,
    SENT_BYTES_MAX,
    STALLED_AFTER_MS,
    SWEEP_LATE_SECONDS_MAX,
)
from scorecast.wiring import clients
from tests import examples
from tests.examples import NOW_MS
from tests.harness.moto_cloud import MotoCloud

SMALLEST_MESSAGE_BYTES = 150
"""A numbered message names at least its match, its number and a time."""
RECORD_BYTES_MAX = 262_144
"""SQS's limit."""
ROOM = match_room("m1")


def _body(task: SweepTask) -> dict[str, Any]:
    return {"task": type(task).__name__, **asdict(task)}


def _do(cloud: MotoCloud, *maintenance: SweepTask) -> list[str]:
    """Run tasks; the ids of the records that are to come again."""
    records = [
        {"messageId": f"r{n}", "body": json.dumps(_body(task)), "attributes": {}}
        for n, task in enumerate(maintenance)
    ]
    response = sweep.handler({"Records": records}, cloud.context)
    return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


def _sweep(cloud: MotoCloud, connection_id: str = "c1") -> None:
    """Sweep the shard of a connection now."""
    assert _do(cloud, _portion(connection_id, cloud.system.now_ms())) == []


def _portion(connection_id: str, at_ms: int) -> SweepPortion:
    shard = shard_of(connection_id, CONNECTION_SHARDS)
    return SweepPortion(shard, CONNECTION_SHARDS, at_ms)


def _sweep_for(cloud: MotoCloud, seconds: int) -> None:
    """A sweep of the connection's shard every ten seconds."""
    for _ in range(seconds // 10):
        cloud.system.sleep_ms(10_000)
        _sweep(cloud)


def test_a_minutes_tasks_are_scheduled(cloud: MotoCloud) -> None:
    assert sweep.handler({}, cloud.context) == {}
    planned = cloud.messages("SWEEP_QUEUE_URL")
    assert {body["task"] for body in planned} >= {"RequeueStalled", "PlanReconciliation"}


@pytest.mark.parametrize(
    "task",
    [
        SweepPortion(3, 4, 5),
        RequeueStalled(),
        PlanReconciliation(),
        Reconcile(("R#m:m1",)),
        VerifyGone(("a=", "b")),
        VerifyGone(("a=",), (Repost(numbered("{}", ROOM, 3), (), 5, 1),)),
        SuspectSlow(("a=",)),
        ProbeSlow(("a=",), 2),
        Repost(numbered("{}", ROOM, 3), ("a=", "b"), 5, 1),
        PublishViewerCount("m:m1"),
        CompleteMove("t1"),
    ],
    ids=lambda task: type(task).__name__,
)
def test_a_task_is_read_back_from_its_record(cloud: MotoCloud, task: SweepTask) -> None:
    SweepQueue(cloud.environment["SWEEP_QUEUE_URL"], clients.sqs()).put(task)
    (body,) = cloud.messages("SWEEP_QUEUE_URL")
    assert task_of(json.dumps(body)) == task


def test_a_broken_record_fails_no_other(cloud: MotoCloud) -> None:
    cloud.connect("c1")
    records = [
        {"messageId": "broken", "body": "{}", "attributes": {}},
        {"messageId": "good", "body": '{"task":"RequeueStalled"}', "attributes": {}},
    ]
    response = sweep.handler({"Records": records}, cloud.context)
    assert response["batchItemFailures"] == [{"itemIdentifier": "broken"}]


def test_a_quiet_connection_is_pinged_once(cloud: MotoCloud) -> None:
    cloud.connect("c1")
    _sweep_for(cloud, 40)
    assert cloud.api.types("c1") == ["ping"]


def test_a_connection_that_speaks_is_not_pinged(cloud: MotoCloud) -> None:
    cloud.connect("c1")
    for _ in range(6):
        _sweep_for(cloud, 20)
        cloud.connections.touch("c1")
    assert cloud.api.types("c1") == []


def test_a_connection_that_answers_its_ping_stays(cloud: MotoCloud) -> None:
    cloud.connect("c1")
    for _ in range(3):
        _sweep_for(cloud, 30)
        cloud.connections.touch("c1")
    assert cloud.api.types("c1") == ["ping"] * 3
    assert cloud.api.closed == []


def test_a_silent_connection_is_notified_closed_and_released(cloud: MotoCloud) -> None:
    cloud.connect("c1", ROOM)
    _sweep_for(cloud, 70)
    assert cloud.api.types("c1") == ["ping", "goodbye"]
    goodbye = cloud.api.messages("c1")[1]
    assert (goodbye["code"], goodbye["reason"]) == (4004, "heartbeat_timeout")
    assert (goodbye["reconnect"], goodbye["retry_after_ms"] > 0) == (True, True)
    assert cloud.api.closed == ["c1"]
    assert (cloud.slots("U#user-c1"), cloud.counted(ROOM), cloud.members(ROOM)) == (0, 0, [])


def test_a_released_connection_is_swept_no_more(cloud: MotoCloud) -> None:
    cloud.connect("c1")
    cloud.registry.release("c1")
    _sweep_for(cloud, 70)
    assert cloud.api.types("c1") == []


def test_an_expired_token_is_announced_and_then_ends_the_connection(cloud: MotoCloud) -> None:
    identity = Identity(user_id="u1", expires_at_ms=NOW_MS + 30_000)
    cloud.connect("c1", identity=identity)
    _sweep_for(cloud, 40)
    cloud.connections.touch("c1")
    _sweep_for(cloud, 50)
    published = [(message["type"], message.get("code")) for message in cloud.api.messages("c1")]
    assert ("error", "token_expired") in published
    assert published[-1] == ("goodbye", 4001)
    assert cloud.api.closed == ["c1"]


def test_an_old_connection_is_asked_to_reconnect_before_the_cut(cloud: MotoCloud) -> None:
    cloud.connect("c1", connected_at_ms=NOW_MS - 118 * 60_000)
    cloud.system.sleep_ms(30_000)
    _sweep(cloud)
    goodbye = cloud.api.messages("c1")[-1]
    assert (goodbye["code"], goodbye["reason"]) == (4012, "max_duration")
    assert goodbye["reconnect"] is True


def test_a_stale_connection_that_the_gateway_confirms_is_released(cloud: MotoCloud) -> None:
    for n in (1, 2):
        cloud.connect(f"c{n}", ROOM)
    cloud.api.statuses["c1"] = 410
    cloud.system.sleep_ms(HANDSHAKE_SECONDS_MAX * 1_000)
    assert _do(cloud, VerifyGone(("c1", "c2", "unknown"))) == []
    assert cloud.members(ROOM) == ["c2"]


def test_a_410_in_the_handshake_releases_nothing_and_is_looked_at_again(cloud: MotoCloud) -> None:
    cloud.connect("c1", ROOM)
    cloud.api.statuses["c1"] = 410
    _do(cloud, VerifyGone(("c1",)))
    assert cloud.members(ROOM) == ["c1"]


def test_a_post_that_answers_410_is_looked_at_later(cloud: MotoCloud) -> None:
    cloud.register("m1")
    cloud.connect("c1", ROOM)
    cloud.api.statuses["c1"] = 410
    cloud.execute(examples.score_update(1))
    cloud.flush()
    assert cloud.members(ROOM) == ["c1"]
    (task,) = [body for body in cloud.messages("SWEEP_QUEUE_URL") if body["task"] == "VerifyGone"]
    assert task["connection_ids"] == ["c1"]
    assert [repost["posted"]["stream"] for repost in task["reposts"]] == ["m:m1"]


def test_many_410s_are_looked_at_in_messages_of_bounded_size(cloud: MotoCloud) -> None:
    sweep_queue = SweepQueue(cloud.environment["SWEEP_QUEUE_URL"], clients.sqs())
    sweep_queue.put_gone([f"c{n}" for n in range(2 * GONE_CONFIRMED_MAX + 1)])
    sizes = [len(body["connection_ids"]) for body in cloud.messages("SWEEP_QUEUE_URL")]
    assert sorted(sizes) == [1, GONE_CONFIRMED_MAX, GONE_CONFIRMED_MAX]


def test_a_410_to_several_messages_together_is_verified_with_all_of_them(cloud: MotoCloud) -> None:
    sweep_queue = SweepQueue(cloud.environment["SWEEP_QUEUE_URL"], clients.sqs())
    reposts = [Repost(numbered("{}", match_room(f"m{n}"), 3), (), 5) for n in range(3)]
    sweep_queue.put_gone(["c1"], reposts)
    (body,) = cloud.messages("SWEEP_QUEUE_URL")
    assert task_of(json.dumps(body)) == VerifyGone(("c1",), tuple(reposts))


def test_a_verification_of_all_that_one_post_holds_fits_in_a_record() -> None:
    """Every character escaped once more, every id as long as it may be, one stream a message."""
    message = '"' * SMALLEST_MESSAGE_BYTES
    posts = [
        numbered(message, match_room(f"{n:0{ID_CHARACTERS_MAX}}"), 2**31)
        for n in range(SENT_BYTES_MAX // SMALLEST_MESSAGE_BYTES)
    ]
    reposts = tuple(Repost(posted, (), NOW_MS) for posted in newest(next(portions(posts))))
    ids = tuple(f"{n:016}" for n in range(GONE_CONFIRMED_MAX))
    assert len(reposts) > 100
    assert len(text_of(VerifyGone(ids, reposts)).encode()) < RECORD_BYTES_MAX


def test_a_match_whose_flush_request_was_lost_gets_another(cloud: MotoCloud) -> None:
    cloud.register("m1")
    at_ms = cloud.system.now_ms()
    update = examples.score_update(1)
    cloud.scores.accept(update, update_id="a", received_at_ms=at_ms, user_id="ad")
    _do(cloud, RequeueStalled())
    assert cloud.flush_requests() == []
    cloud.system.sleep_ms(STALLED_AFTER_MS)
    _do(cloud, RequeueStalled())
    assert cloud.flush_requests() == ["m1"]


def test_a_match_with_nothing_pending_is_not_requeued(cloud: MotoCloud) -> None:
    cloud.register("m1")
    cloud.execute(examples.score_update(1))
    cloud.flush()
    cloud.flush_requests()
    cloud.system.sleep_ms(10 * STALLED_AFTER_MS)
    _do(cloud, RequeueStalled())
    assert cloud.flush_requests() == []


def _drift(cloud: MotoCloud, pk: str, attribute: str, by: int) -> None:
    cloud.dynamodb.update_item(
        TableName=cloud.connections_table,
        Key={"pk": {"S": pk}, "sk": {"S": pk[0]}},
        UpdateExpression=f"ADD {attribute} :by",
        ExpressionAttributeValues={":by": {"N": str(by)}},
    )


def _reconcile(cloud: MotoCloud, *, times: int = 1) -> None:
    """Plan and compare, a minute apart."""
    for _ in range(times):
        cloud.messages("SWEEP_QUEUE_URL")
        _do(cloud, PlanReconciliation())
        for body in cloud.messages("SWEEP_QUEUE_URL"):
            if body.pop("task") == "Reconcile":  # viewer counts come after a second of real time
                _do(cloud, Reconcile(**body))
        cloud.system.sleep_ms(RECONCILE_SECONDS * 1_000)


def test_a_room_that_counts_too_many_is_repaired_at_the_third_look(cloud: MotoCloud) -> None:
    cloud.connect("c1", ROOM)
    _drift(cloud, "R#m:m1", "members", 2)
    _reconcile(cloud, times=RECONCILE_LOOKS - 1)
    assert cloud.counted(ROOM) == 3
    _reconcile(cloud)
    assert cloud.counted(ROOM) == 1


def test_a_room_that_counts_too_few_is_reported_and_lifted(
    cloud: MotoCloud, capsys: pytest.CaptureFixture[str]
) -> None:
    cloud.connect("c1", ROOM)
    cloud.connect("c2", ROOM)
    _drift(cloud, "R#m:m1", "members", -1)
    _reconcile(cloud)
    assert cloud.counted(ROOM) == 2
    assert '"CounterDrift":[-1.0]' in capsys.readouterr().out


def test_counters_are_compared_in_portions_side_by_side(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("scorecast.app.maintenance.counters.RECONCILED_MAX", 2)
    for n in range(5):
        cloud.connect(f"c{n}", match_room(f"m{n}"))
    cloud.messages("SWEEP_QUEUE_URL")
    _do(cloud, PlanReconciliation())
    # viewer counts come after a second of real time
    planned = [each for each in cloud.messages("SWEEP_QUEUE_URL") if each["task"] == "Reconcile"]
    assert sorted(len(body["keys"]) for body in planned) == [1, 2, 2]
    assert sorted(key for body in planned for key in body["keys"]) == [
        f"R#m:m{n}" for n in range(5)
    ]


def test_members_whose_time_is_up_are_counted_out_once(cloud: MotoCloud) -> None:
    """The comparison counts them no more, so their release must not count them out again."""
    cloud.connect("c1", ROOM)
    cloud.system.sleep_ms(CONNECTION_ROW_SECONDS * 1_000)
    cloud.connect("c2", ROOM, connected_at_ms=cloud.system.now_ms())
    _reconcile(cloud, times=RECONCILE_LOOKS)
    assert cloud.counted(ROOM) == 1
    cloud.registry.release("c1")
    assert cloud.counted(ROOM) == 1


def test_a_sweep_that_comes_late_is_dropped(cloud: MotoCloud) -> None:
    cloud.connect("c1")
    planned_at_ms = cloud.system.now_ms() + 40_000
    cloud.system.sleep_ms(40_000 + SWEEP_LATE_SECONDS_MAX * 1_000 + 1)
    _do(cloud, _portion("c1", planned_at_ms))
    assert cloud.api.types("c1") == []
    _do(cloud, _portion("c1", planned_at_ms + 1))
    assert cloud.api.types("c1") == ["ping"]


def test_right_counters_are_left_alone(cloud: MotoCloud) -> None:
    for n in range(3):
        cloud.connect(f"c{n}", ROOM)
    before = cloud.items(cloud.connections_table)
    _reconcile(cloud)
    assert cloud.items(cloud.connections_table) == before
