"""A connection that is never quiet is swept by nobody: its own frames have it end in time."""

import json
from typing import Any

import message
import pytest

from scorecast.domain.connections.idle import drain_at_ms
from tests import examples
from tests.examples import NOW_MS
from tests.harness.moto_cloud import MotoCloud


def _send(cloud: MotoCloud, **fields: Any) -> Any:
    event = examples.event("message") | {"body": json.dumps(fields)}
    event["requestContext"] |= {
        "connectionId": "c1",
        "requestTimeEpoch": cloud.system.now_ms(),
        "authorizer": {"user_id": "user-c1", "ip_hash": "c1"},
    }
    return message.handler(event, cloud.context)


@pytest.mark.parametrize("kind", ["ping", "pong"])
def test_a_busy_connection_is_asked_to_reconnect_before_the_cut(
    cloud: MotoCloud, kind: str
) -> None:
    cloud.connect("c1")
    cloud.system.at_ms = drain_at_ms("c1", NOW_MS)
    assert "body" not in _send(cloud, type=kind)
    (goodbye,) = cloud.api.messages("c1")
    assert (goodbye["code"], goodbye["reason"], goodbye["reconnect"]) == (
        4012,
        "max_duration",
        True,
    )
    assert cloud.api.closed == ["c1"]


def test_a_busy_connection_goes_on_until_then(cloud: MotoCloud) -> None:
    cloud.connect("c1")
    cloud.system.at_ms = drain_at_ms("c1", NOW_MS) - 1
    assert json.loads(_send(cloud, type="ping")["body"])["type"] == "pong"
    assert cloud.api.messages("c1") == []


def test_no_command_of_an_old_connection_is_dropped(cloud: MotoCloud) -> None:
    """A score that was sent in time counts, however old the connection."""
    cloud.register("m1")
    cloud.connect("c1", identity=examples.ADMIN)
    cloud.system.at_ms = drain_at_ms("c1", NOW_MS)
    score = {"match_id": "m1", "participant1_score": 1, "participant2_score": 0}
    answer = json.loads(_send(cloud, type="score_update", **score)["body"])
    assert answer["type"] == "accepted"
    assert cloud.matches.get("m1").score.participant1 == 1
