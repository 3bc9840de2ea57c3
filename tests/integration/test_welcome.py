import json
from typing import Any

import pytest
import welcome

from scorecast.aws.gateway import ApiGateway
from scorecast.domain.connections.identity import Identity
from scorecast.domain.delivery import Delivery
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.limits import HANDSHAKE_SECONDS_MAX, OPENING_WAIT_MS_MAX
from tests import examples
from tests.examples import NOW_MS
from tests.harness.fakes import FakeClock
from tests.harness.moto_cloud import MotoCloud

ROOM = match_room("m1")


def _event(*requests: dict[str, Any]) -> Any:
    (record,) = examples.event("welcome_requests")["Records"]
    return {
        "Records": [
            record | {"messageId": f"r{n}", "body": json.dumps(welcome_request)}
            for n, welcome_request in enumerate(requests)
        ]
    }


def _request(connection_id: str, **ids: str) -> dict[str, Any]:
    return {"connection_id": connection_id, "match_id": None, "tournament_id": None} | ids


def _welcome(cloud: MotoCloud, connection_id: str = "c1", **ids: str) -> list[str]:
    """Ids of the records that are to come again."""
    response = welcome.handler(_event(_request(connection_id, **ids)), cloud.context)
    return [failure["itemIdentifier"] for failure in response["batchItemFailures"]]


def test_a_participant_is_welcomed_to_their_match(cloud: MotoCloud) -> None:
    cloud.register("m1")
    cloud.execute(examples.score_update(2))
    identity = Identity(user_id="p1", name="Ann", expires_at_ms=NOW_MS + 60_000)
    cloud.connect("c1", identity=identity)
    assert _welcome(cloud, match_id="m1") == []
    (message,) = cloud.api.messages("c1")
    data = message["data"]
    snapshot = data.pop("snapshot")
    assert message["type"] == "connection_established"
    assert data == {
        "connection_id": "c1",
        "user_id": "p1",
        "username": "Ann",
        "role": "participant",
        "is_participant": True,
        "match_id": "m1",
        "tournament_id": "t1",
        "heartbeat_interval": 25,
        "heartbeat_timeout": 50,
        "protocol": 1,
        "server_time": cloud.system.now_ms(),
        "expires_at": NOW_MS + 60_000,
        "sequence": 1,
        "viewers": 1,
    }
    assert (snapshot["participant1_score"], snapshot["sequence"]) == (2, 1)
    assert cloud.members(ROOM) == ["c1"]


@pytest.mark.parametrize(
    ("identity", "role"),
    [(examples.ADMIN, "admin"), (examples.ORGANIZER, "organizer"),
     (examples.SPECTATOR, "spectator"), (Identity(user_id=None), "spectator")],
)  # fmt: skip
def test_the_welcome_names_the_role(cloud: MotoCloud, identity: Identity, role: str) -> None:
    cloud.register("m1")
    cloud.connect("c1", identity=identity)
    _welcome(cloud, match_id="m1")
    data = cloud.api.messages("c1")[0]["data"]
    assert (data["role"], data["is_participant"]) == (role, False)
    assert data["user_id"] == identity.user_id


def test_a_tournaments_room_is_joined_by_its_url(cloud: MotoCloud) -> None:
    cloud.register("m1", "m2")
    cloud.connect("c1")
    _welcome(cloud, tournament_id="t1")
    data = cloud.api.messages("c1")[0]["data"]
    assert (data["match_id"], data["tournament_id"], data["viewers"]) == (None, "t1", 1)
    assert [each["match_id"] for each in data["snapshot"]["matches"]] == ["m1", "m2"]
    assert cloud.members(tournament_room("t1")) == ["c1"]


def test_without_a_room_in_the_url_a_connection_is_welcomed_and_in_no_room(
    cloud: MotoCloud,
) -> None:
    cloud.connect("c1")
    _welcome(cloud)
    data = cloud.api.messages("c1")[0]["data"]
    assert (data["match_id"], data["tournament_id"], data["snapshot"]) == (None, None, None)
    assert cloud.connections.get("c1").rooms == ()


@pytest.mark.parametrize("ids", [{"match_id": "m9"}, {"tournament_id": "t9"}])
def test_an_unknown_room_ends_the_connection(cloud: MotoCloud, ids: dict[str, str]) -> None:
    cloud.connect("c1")
    assert _welcome(cloud, **ids) == []
    error, goodbye = cloud.api.messages("c1")
    assert (error["type"], error["code"]) == ("error", "not_found")
    assert (goodbye["code"], goodbye["reason"], goodbye["reconnect"]) == (4004, "not_found", False)
    assert cloud.api.closed == ["c1"]


def test_a_full_room_ends_the_connection_with_a_time(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ROOM_CAPACITY", "1")
    cloud.register("m1")
    cloud.connect("c0", ROOM)
    cloud.connect("c1")
    _welcome(cloud, match_id="m1")
    error, goodbye = cloud.api.messages("c1")
    assert (error["code"], error["retry_after_ms"] > 0) == ("room_full", True)
    assert (goodbye["code"], goodbye["reason"], goodbye["reconnect"]) == (4008, "room_full", True)
    assert goodbye["retry_after_ms"] == error["retry_after_ms"]
    assert cloud.api.closed == ["c1"]
    assert (cloud.members(ROOM), cloud.counted(ROOM)) == (["c0"], 1)


def test_a_connection_closed_before_its_welcome_is_sent_nothing(cloud: MotoCloud) -> None:
    cloud.register("m1")
    cloud.connect("c1")
    cloud.registry.release("c1")
    assert _welcome(cloud, match_id="m1") == []
    assert (cloud.api.messages("c1"), cloud.members(ROOM)) == ([], [])


def test_an_unknown_connection_is_sent_nothing(cloud: MotoCloud) -> None:
    assert _welcome(cloud) == []
    assert cloud.api.messages("c1") == []


def test_a_welcome_delivered_twice_changes_nothing(cloud: MotoCloud) -> None:
    cloud.register("m1")
    cloud.connect("c1")
    _welcome(cloud, match_id="m1")
    _welcome(cloud, match_id="m1")
    assert cloud.api.types("c1") == ["connection_established"] * 2
    assert (cloud.members(ROOM), cloud.counted(ROOM)) == (["c1"], 1)


def test_a_welcome_waits_until_the_connection_is_open(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.register("m1")
    cloud.connect("c1")
    cloud.api.statuses["c1"] = 410
    sleep_ms = FakeClock.sleep_ms

    def open_meanwhile(system: FakeClock, pause_ms: float) -> None:
        assert cloud.members(ROOM) == []
        sleep_ms(system, pause_ms)
        if system.now_ms() - NOW_MS > 500:
            cloud.api.statuses.pop("c1", None)

    monkeypatch.setattr(FakeClock, "sleep_ms", open_meanwhile)
    assert _welcome(cloud, match_id="m1") == []
    assert cloud.api.types("c1") == ["connection_established"]


def test_a_connection_that_does_not_open_in_time_is_tried_again_by_a_redelivery(
    cloud: MotoCloud,
) -> None:
    cloud.register("m1")
    cloud.connect("c1")
    cloud.api.statuses["c1"] = 410
    assert _welcome(cloud, match_id="m1") == ["r0"]
    assert NOW_MS + OPENING_WAIT_MS_MAX <= cloud.system.now_ms() < NOW_MS + 10_000
    assert (cloud.members(ROOM), cloud.counted(ROOM)) == ([], 0)


def test_an_old_unopened_connection_is_checked_once_per_delivery(
    cloud: MotoCloud,
) -> None:
    """Its `$disconnect` was lost: nothing but the sweep will close its item."""
    cloud.register("m1")
    cloud.connect("c1")
    cloud.api.statuses["c1"] = 410
    cloud.system.sleep_ms(HANDSHAKE_SECONDS_MAX * 1_000 + 1)
    before_ms = cloud.system.now_ms()
    assert _welcome(cloud, match_id="m1") == ["r0"]
    assert cloud.system.now_ms() == before_ms
    cloud.api.statuses.clear()
    assert _welcome(cloud, match_id="m1") == []
    assert cloud.api.types("c1") == ["connection_established"]


def test_a_late_welcome_that_meets_a_false_410_is_tried_again(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.register("m1")
    cloud.connect("c1")
    cloud.system.sleep_ms(HANDSHAKE_SECONDS_MAX * 1_000 + 1)
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(ApiGateway, "post", lambda *_: Delivery.GONE)
        assert _welcome(cloud, match_id="m1") == ["r0"]
    assert _welcome(cloud, match_id="m1") == []
    assert cloud.api.types("c1") == ["connection_established"]


def test_a_broken_record_fails_no_other(cloud: MotoCloud) -> None:
    cloud.connect("c1")
    response = welcome.handler(
        _event({"nonsense": 1}, _request("c1"), {"connection_id": 5}), cloud.context
    )
    failed = [failure["itemIdentifier"] for failure in response["batchItemFailures"]]
    assert set(failed) == {"r0", "r2"}
    assert cloud.api.types("c1") == ["connection_established"]


def test_a_score_after_the_welcome_reaches_the_newcomer_or_is_in_its_snapshot(
    cloud: MotoCloud,
) -> None:
    cloud.register("m1")
    cloud.connect("c1")
    cloud.execute(examples.score_update(1))
    _welcome(cloud, match_id="m1")
    cloud.flush()
    welcomed, published = cloud.api.messages("c1")
    assert welcomed["data"]["sequence"] < published["data"]["sequence"]
    assert welcomed["data"]["snapshot"]["participant1_score"] == 1
