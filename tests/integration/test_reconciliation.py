"""Many counters: a task for each portion; what is right again is forgotten."""

import json
from typing import Any

import sweep

from scorecast.domain.rooms import match_room
from scorecast.protocol.limits import RECONCILE_LOOKS, RECONCILE_SECONDS, RECONCILED_MAX
from tests.harness.moto_cloud import MotoCloud

ROOM = match_room("m1")
COUNTERS = RECONCILED_MAX + 20


def _do(cloud: MotoCloud, task: dict[str, Any]) -> None:
    record = {"messageId": "r", "body": json.dumps(task), "attributes": {}}
    response = sweep.handler({"Records": [record]}, cloud.context)
    assert response == {"batchItemFailures": []}


def _reconcile(cloud: MotoCloud) -> list[dict[str, Any]]:
    """Plan and compare all counters; the tasks that were planned."""
    cloud.messages("SWEEP_QUEUE_URL")
    _do(cloud, {"task": "PlanReconciliation"})
    later = _planned(cloud)
    for task in later:
        _do(cloud, task)
    assert _planned(cloud) == []
    cloud.system.sleep_ms(RECONCILE_SECONDS * 1_000)
    return later


def _planned(cloud: MotoCloud) -> list[dict[str, Any]]:
    """A viewer count that moto has held back may be among the queue's messages."""
    return [task for task in cloud.messages("SWEEP_QUEUE_URL") if task["task"] == "Reconcile"]


def _copy_counter(cloud: MotoCloud, pk: str, *, number: int) -> None:
    """As many further rooms, each with a member too many."""
    key = {"pk": {"S": pk}, "sk": {"S": pk[0]}}
    item = cloud.dynamodb.get_item(TableName=cloud.connections_table, Key=key)["Item"]
    for n in range(number):
        copy = item | {"pk": {"S": f"R#m:lost-{n:03}"}}
        cloud.dynamodb.put_item(TableName=cloud.connections_table, Item=copy)


def test_counters_beyond_one_task_are_compared_by_further_ones(cloud: MotoCloud) -> None:
    cloud.connect("c1", ROOM)
    _copy_counter(cloud, "R#m:m1", number=COUNTERS)
    for _ in range(RECONCILE_LOOKS):
        assert [len(task["keys"]) for task in _reconcile(cloud)] == [RECONCILED_MAX, 21]
    items = cloud.items(cloud.connections_table, "R#m:lost-").values()
    assert [item["members"] for item in items] == [0] * COUNTERS
    assert cloud.counted(ROOM) == 1


def _add(cloud: MotoCloud, members: int) -> None:
    cloud.dynamodb.update_item(
        TableName=cloud.connections_table,
        Key={"pk": {"S": "R#m:m1"}, "sk": {"S": "R"}},
        UpdateExpression="ADD members :number",
        ExpressionAttributeValues={":number": {"N": str(members)}},
    )


def test_a_surplus_that_went_by_itself_is_forgotten(cloud: MotoCloud) -> None:
    """One that comes later is given its own minute."""
    cloud.connect("c1", ROOM)
    before = cloud.items(cloud.connections_table, "R#")
    _add(cloud, 1)
    _reconcile(cloud)
    _add(cloud, -1)
    _reconcile(cloud)
    assert cloud.items(cloud.connections_table, "R#") == before
    _add(cloud, 1)
    for _ in range(RECONCILE_LOOKS - 1):
        _reconcile(cloud)
        assert cloud.counted(ROOM) == 2
    _reconcile(cloud)
    assert cloud.counted(ROOM) == 1
