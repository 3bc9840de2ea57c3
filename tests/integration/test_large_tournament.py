"""A tournament's snapshot has to fit into one frame."""

import json
from typing import Any

import message
import pytest

from scorecast.protocol.limits import MESSAGE_METERED_BYTES
from tests import examples
from tests.harness.moto_cloud import MotoCloud

MATCHES = 16


def _subscribed(cloud: MotoCloud) -> Any:
    event = examples.event("message") | {"body": '{"type":"subscribe","tournament_id":"t1"}'}
    event["requestContext"] |= {
        "connectionId": "c1",
        "requestTimeEpoch": cloud.system.now_ms(),
        "authorizer": {"user_id": "sp", "ip_hash": "ip"},
    }
    body = message.handler(event, cloud.context)["body"]
    assert len(body.encode()) <= MESSAGE_METERED_BYTES
    return json.loads(body)["data"]["snapshot"]


@pytest.mark.parametrize(("details_bytes", "complete"), [(10, True), (2_000, False)])
def test_a_snapshot_that_is_too_large_is_without_details_and_says_so(
    cloud: MotoCloud, details_bytes: int, complete: bool
) -> None:
    ids = [f"m{n:02}" for n in range(MATCHES)]
    cloud.register(*ids)
    for match_id in ids:
        details = {"text": "x" * details_bytes}
        cloud.execute(examples.score_update(2, match_id, details=details))
    cloud.connect("c1", identity=examples.SPECTATOR)
    snapshot = _subscribed(cloud)
    assert snapshot["complete"] is complete
    assert [each["participant1_score"] for each in snapshot["matches"]] == [2] * MATCHES
    assert [each["match_id"] for each in snapshot["matches"]] == ids
    assert all(("details" in each) is complete for each in snapshot["matches"])
