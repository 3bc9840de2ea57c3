from typing import Any

import disconnect

from scorecast.domain.rooms import match_room, tournament_room
from tests import examples
from tests.harness.moto_cloud import MotoCloud
from tests.harness.threads import at_once

ROOM = match_room("m1")


def _disconnect(cloud: MotoCloud, connection_id: str) -> Any:
    event = examples.event("disconnect")
    event["requestContext"]["connectionId"] = connection_id
    return disconnect.handler(event, cloud.context)


def test_a_disconnect_releases_slots_and_rooms(cloud: MotoCloud) -> None:
    connection = cloud.connect("c1", ROOM)
    cloud.memberships.join(connection, tournament_room("t1"), capacity=9, rooms_max=9)
    assert _disconnect(cloud, "c1") == {"statusCode": 200}
    assert (cloud.slots("U#user-c1"), cloud.slots("I#c1")) == (0, 0)
    for room in (ROOM, tournament_room("t1")):
        assert (cloud.members(room), cloud.counted(room)) == ([], 0)


def test_disconnects_at_once_release_once(cloud: MotoCloud, switching: None) -> None:
    cloud.connect("c1", ROOM)
    cloud.connect("c2", ROOM)
    answers = at_once(lambda _: _disconnect(cloud, "c1"), range(6))
    assert answers == [{"statusCode": 200}] * 6
    assert (cloud.members(ROOM), cloud.counted(ROOM)) == (["c2"], 1)


def test_a_disconnect_of_an_unknown_connection_succeeds(cloud: MotoCloud) -> None:
    assert _disconnect(cloud, "unknown") == {"statusCode": 200}
    assert cloud.connections.get("unknown").closed


def test_sends_after_a_disconnect_raise_nothing(cloud: MotoCloud) -> None:
    cloud.connect("c1", ROOM)
    cloud.register("m1")
    _disconnect(cloud, "c1")
    cloud.execute(examples.score_update(1))
    cloud.flush()
    assert cloud.api.messages("c1") == []
