from typing import Any

import pytest

from scorecast.aws.dynamodb import memberships
from scorecast.domain.rooms import (
    ConnectionClosed,
    Joined,
    Room,
    RoomFull,
    TooManyRooms,
    match_room,
    tournament_room,
)
from scorecast.protocol.limits import CONNECTION_ROW_SECONDS
from tests import examples
from tests.examples import NOW_MS
from tests.harness.moto_cloud import MotoCloud
from tests.harness.threads import at_once

ROOM = match_room("m1")


def _join(cloud: MotoCloud, connection_id: str, room: Room = ROOM, **limits: Any) -> Any:
    connection = cloud.connections.get(connection_id)
    return cloud.memberships.join(connection, room, **({"capacity": 2, "rooms_max": 2} | limits))


def _leave(cloud: MotoCloud, connection_id: str, room: Room = ROOM) -> bool:
    left: bool = cloud.memberships.leave(cloud.connections.get(connection_id), room)
    return left


def test_a_room_takes_as_many_as_it_holds_and_the_next_not(cloud: MotoCloud) -> None:
    for n in range(3):
        cloud.connect(f"c{n}")
    outcomes = [_join(cloud, f"c{n}") for n in range(3)]
    assert outcomes == [Joined(1), Joined(2), RoomFull(2)]
    assert (cloud.members(ROOM), cloud.counted(ROOM)) == (["c0", "c1"], 2)


def test_joining_again_changes_nothing(cloud: MotoCloud) -> None:
    cloud.connect("c0")
    _join(cloud, "c0")
    before = cloud.items(cloud.connections_table)
    assert _join(cloud, "c0") == Joined(1)
    assert cloud.items(cloud.connections_table) == before


def test_joining_again_by_a_connection_read_before_changes_nothing(cloud: MotoCloud) -> None:
    read_before = cloud.connect("c0")
    _join(cloud, "c0")
    outcome = cloud.memberships.join(read_before, ROOM, capacity=2, rooms_max=2)
    assert isinstance(outcome, Joined)
    assert (cloud.members(ROOM), cloud.counted(ROOM)) == (["c0"], 1)


def test_a_place_that_falls_free_is_taken(cloud: MotoCloud) -> None:
    for n in range(3):
        cloud.connect(f"c{n}")
        _join(cloud, f"c{n}")
    assert _leave(cloud, "c0")
    assert _join(cloud, "c2") == Joined(2)


def test_leaving_takes_one_off_once(cloud: MotoCloud) -> None:
    cloud.connect("c0", ROOM)
    cloud.connect("c1", ROOM)
    assert [_leave(cloud, "c0"), _leave(cloud, "c0")] == [True, False]
    assert (cloud.members(ROOM), cloud.counted(ROOM)) == (["c1"], 1)


def test_leaving_at_once_takes_one_off_once(cloud: MotoCloud, switching: None) -> None:
    cloud.connect("c1", ROOM)
    connection = cloud.connect("c0", ROOM)
    outcomes = at_once(lambda _: cloud.memberships.leave(connection, ROOM), range(8))
    assert outcomes.count(True) == 1
    assert cloud.counted(ROOM) == 1


def test_a_connection_is_in_so_many_rooms_and_no_more(cloud: MotoCloud) -> None:
    cloud.connect("c0")
    rooms = [match_room("m1"), tournament_room("m1"), match_room("m2")]
    outcomes = [_join(cloud, "c0", room) for room in rooms]
    assert outcomes == [Joined(1), Joined(1), TooManyRooms(2)]
    assert cloud.counted(rooms[2]) == 0


def test_joins_of_one_connection_at_once_keep_to_its_rooms(
    cloud: MotoCloud, switching: None
) -> None:
    connection = cloud.connect("c0")
    rooms = [match_room(f"m{n}") for n in range(8)]
    at_once(lambda r: cloud.memberships.join(connection, r, capacity=9, rooms_max=3), rooms)
    counted = [cloud.counted(room) for room in rooms]
    assert sum(counted) == 3
    assert counted == [len(cloud.members(room)) for room in rooms]


def test_joins_and_leaves_at_once_leave_the_counter_equal_to_the_items(
    cloud: MotoCloud, switching: None
) -> None:
    inside = [cloud.connect(f"c{n}", ROOM) for n in range(15)]
    outside = [cloud.connect(f"d{n}") for n in range(15)]

    def change(n: int) -> object:
        if n < 15:
            return cloud.memberships.leave(inside[n], ROOM)
        return cloud.memberships.join(outside[n - 15], ROOM, capacity=20, rooms_max=10)

    at_once(change, range(30))
    assert len(cloud.members(ROOM)) == cloud.counted(ROOM) <= 20


def test_closing_one_of_two_tabs_of_a_user_leaves_the_other_in(cloud: MotoCloud) -> None:
    for tab in ("c0", "c1"):
        cloud.connect(tab, ROOM, identity=examples.SPECTATOR)
    cloud.registry.release("c0")
    assert (cloud.members(ROOM), cloud.counted(ROOM), cloud.slots("U#sp")) == (["c1"], 1, 1)


def test_a_closed_connection_joins_nothing(cloud: MotoCloud) -> None:
    connection = cloud.connect("c0")
    cloud.registry.release("c0")
    outcome = cloud.memberships.join(connection, ROOM, capacity=2, rooms_max=2)
    assert outcome == ConnectionClosed()
    assert (cloud.members(ROOM), cloud.counted(ROOM)) == ([], 0)


def test_a_connection_that_was_never_admitted_joins_nothing(cloud: MotoCloud) -> None:
    outcome = cloud.memberships.join(examples.connection(), ROOM, capacity=2, rooms_max=2)
    assert outcome == ConnectionClosed()
    assert cloud.counted(ROOM) == 0


def test_members_of_every_shard_are_found(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(memberships, "SHARD_MEMBERS_MAX", 2)
    for n in range(5):
        cloud.connect(f"c{n}", ROOM)
    assert cloud.members(ROOM) == [f"c{n}" for n in range(5)]
    shards = {pk for pk, _ in cloud.items(cloud.connections_table, "R#m:m1#")}
    assert shards == {"R#m:m1#0", "R#m:m1#1", "R#m:m1#2"}
    for n in range(5):
        assert _leave(cloud, f"c{n}")
    assert (cloud.members(ROOM), cloud.counted(ROOM)) == ([], 0)


def test_a_member_whose_time_is_up_is_posted_to_no_more(cloud: MotoCloud) -> None:
    cloud.connect("old", ROOM)
    cloud.connect("new", ROOM, connected_at_ms=NOW_MS + 60_000)
    cloud.system.sleep_ms(CONNECTION_ROW_SECONDS * 1_000)
    assert cloud.members(ROOM) == ["new"]


def test_an_unknown_room_is_empty(cloud: MotoCloud) -> None:
    assert (cloud.members(ROOM), cloud.occupancy.viewers(ROOM)) == ([], 0)


def test_a_match_and_a_tournament_of_one_id_have_their_own_members(cloud: MotoCloud) -> None:
    cloud.connect("c0", match_room("x"))
    cloud.connect("c1", tournament_room("x"))
    assert cloud.members(match_room("x")) == ["c0"]
    assert cloud.members(tournament_room("x")) == ["c1"]
