from typing import Any

import pytest

from scorecast.aws.dynamodb.registry import Registry
from scorecast.aws.dynamodb.slots import Slots
from scorecast.aws.dynamodb.table import Contention, Table
from scorecast.aws.dynamodb.writes import Update
from scorecast.domain.connections.admission import (
    Admitted,
    AlreadyClosed,
    Connection,
    Holder,
    LimitReached,
    Limits,
)
from scorecast.domain.connections.identity import Identity
from scorecast.domain.rooms import match_room
from scorecast.protocol.limits import CONNECTION_ROW_SECONDS, SLOTS_PER_ITEM, TOMBSTONE_SECONDS
from scorecast.protocol.strict_json import compact
from tests import examples
from tests.examples import NOW_MS
from tests.harness.moto_cloud import MotoCloud
from tests.harness.threads import at_once

LIMITS = Limits(per_user=3, per_ip=10)
ROOM = match_room("m1")


def _of(number: int, *, user: str | None = "u1", ip: str = "ip") -> Connection:
    return examples.connection(f"c{number}", identity=Identity(user_id=user), ip_hash=ip)


def _admit(cloud: MotoCloud, *connections: Connection, limits: Limits = LIMITS) -> list[Any]:
    return [cloud.registry.admit(each, limits) for each in connections]


def _assert_counters_equal_items(cloud: MotoCloud) -> None:
    """Every slot counted is held by a connection's item, and every item holds its slots."""
    items = cloud.items(cloud.connections_table)
    held: dict[str, int] = {}
    for (pk, _), item in items.items():
        if pk.startswith("C#") and "closed_at_ms" not in item:
            holders = [f"I#{item['ip_hash']}"] + (
                [f"U#{item['user_id']}"] if "user_id" in item else []
            )
            for holder in holders:
                held[holder] = held.get(holder, 0) + 1
    counted = {pk: cloud.slots(pk) for pk, _ in items if pk[0] in "UI"}
    assert {pk: n for pk, n in counted.items() if n} == held


def test_connections_up_to_the_users_limit_are_in_and_the_next_is_not(cloud: MotoCloud) -> None:
    outcomes = _admit(cloud, *map(_of, range(4)))
    assert outcomes == [Admitted(), Admitted(), Admitted(), LimitReached("user")]


def test_connections_up_to_the_ips_limit_are_in_and_the_next_is_not(cloud: MotoCloud) -> None:
    users = [_of(n, user=f"u{n}") for n in range(11)]
    assert _admit(cloud, *users) == [*[Admitted()] * 10, LimitReached("ip")]


def test_a_refused_connect_changes_nothing(cloud: MotoCloud) -> None:
    _admit(cloud, *map(_of, range(3)))
    before = cloud.items(cloud.connections_table)
    for n in range(3, 20):
        assert _admit(cloud, _of(n)) == [LimitReached("user")]
    assert cloud.items(cloud.connections_table) == before


def test_a_connect_refused_for_its_ip_takes_no_slot_of_its_user(cloud: MotoCloud) -> None:
    limits = Limits(per_user=3, per_ip=1)
    _admit(cloud, _of(0, user="u0"), limits=limits)
    assert _admit(cloud, _of(1), limits=limits) == [LimitReached("ip")]
    assert cloud.slots("U#u1") == 0


def test_refused_connects_however_many_free_no_place(cloud: MotoCloud) -> None:
    _admit(cloud, *map(_of, range(3)))
    for n in range(10, 30):
        _admit(cloud, _of(n))
        cloud.registry.release(f"c{n}")
    assert _admit(cloud, _of(4)) == [LimitReached("user")]


def test_an_anonymous_connection_is_limited_by_its_ip_alone(cloud: MotoCloud) -> None:
    limits = Limits(per_user=1, per_ip=2)
    outcomes = _admit(cloud, *[_of(n, user=None) for n in range(3)], limits=limits)
    assert outcomes == [Admitted(), Admitted(), LimitReached("ip")]


def test_two_users_and_two_ips_have_slots_of_their_own(cloud: MotoCloud) -> None:
    limits = Limits(per_user=1, per_ip=1)
    assert _admit(cloud, _of(0, ip="a"), _of(1, user="u2", ip="b"), limits=limits) == [
        Admitted(),
        Admitted(),
    ]


def test_a_connect_sent_twice_takes_one_slot(cloud: MotoCloud) -> None:
    assert _admit(cloud, _of(0), _of(0)) == [Admitted(), Admitted()]
    assert (cloud.slots("U#u1"), cloud.slots("I#ip")) == (1, 1)


def test_connects_and_releases_at_once_leave_counters_equal_to_items(
    cloud: MotoCloud, switching: None
) -> None:
    limits = Limits(per_user=1_000, per_ip=1_000)
    _admit(cloud, *map(_of, range(20)), limits=limits)

    def churn(n: int) -> object:
        if n < 20:
            return cloud.registry.release(f"c{n % 10}")
        return cloud.registry.admit(_of(n), limits)

    at_once(churn, range(40))
    assert cloud.slots("U#u1") == 30
    _assert_counters_equal_items(cloud)


def test_a_release_gives_back_the_slots_once(cloud: MotoCloud) -> None:
    _admit(cloud, _of(0), _of(1))
    assert [cloud.registry.release("c0") for _ in range(3)] == [True, False, False]
    assert (cloud.slots("U#u1"), cloud.slots("I#ip")) == (1, 1)


def test_releases_at_once_release_once(cloud: MotoCloud, switching: None) -> None:
    _admit(cloud, _of(0), _of(1))
    assert at_once(lambda _: cloud.registry.release("c0"), range(8)).count(True) == 1
    assert (cloud.slots("U#u1"), cloud.slots("I#ip")) == (1, 1)


def test_a_release_takes_the_connection_out_of_its_rooms(cloud: MotoCloud) -> None:
    cloud.connect("c0", ROOM)
    cloud.connect("c1", ROOM)
    cloud.registry.release("c0")
    assert (cloud.members(ROOM), cloud.counted(ROOM)) == (["c1"], 1)


def test_a_disconnect_before_its_connect_makes_the_connect_fail(cloud: MotoCloud) -> None:
    assert cloud.registry.release("c0") is False
    assert _admit(cloud, _of(0)) == [AlreadyClosed()]
    assert cloud.slots("U#u1") == 0


def test_nothing_is_left_of_a_connection_that_is_released(cloud: MotoCloud) -> None:
    cloud.connect("c0", ROOM)
    cloud.registry.release("c0")
    items = cloud.items(cloud.connections_table)
    assert cloud.connections.get("c0") is None
    assert not any("c0" in str(item) for (pk, _), item in items.items() if pk[0] not in "UI")


def test_a_release_of_an_old_connection_leaves_no_tombstone(cloud: MotoCloud) -> None:
    long_ago_ms = NOW_MS - TOMBSTONE_SECONDS * 1_000 - 1
    assert cloud.registry.release("c0", connected_at_ms=long_ago_ms) is False
    assert cloud.items(cloud.connections_table) == {}


def test_what_a_release_that_dies_has_left_is_settled_by_the_next(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.connect("c0", ROOM)
    with monkeypatch.context() as patched:
        patched.setattr(Registry, "settle", _die)
        with pytest.raises(SystemExit):
            cloud.registry.release("c0")
    assert (cloud.slots("U#user-c0"), cloud.members(ROOM)) == (1, ["c0"])
    assert cloud.connections.get("c0").closed
    assert cloud.registry.release("c0") is False
    assert (cloud.slots("U#user-c0"), cloud.members(ROOM)) == (0, [])


def test_one_that_is_being_released_is_counted_out_of_its_rooms_by_that_alone(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = cloud.connect("c0", ROOM)
    with monkeypatch.context() as patched:
        patched.setattr(Registry, "settle", _die)
        with pytest.raises(SystemExit):
            cloud.registry.release("c0")
    assert cloud.memberships.leave(connection, ROOM) is False
    assert (cloud.members(ROOM), cloud.counted(ROOM)) == (["c0"], 1)


def _die(_registry: Registry, _item: object) -> None:
    raise SystemExit


def test_a_slot_without_an_item_is_reclaimed(cloud: MotoCloud) -> None:
    """Its `$connect` died between the two, and may still be running for all that is known."""
    slot = cloud.registry.slots.take("U#u1", _of(0), 3)
    assert slot is not None
    assert cloud.registry.reclaim(slot) is True
    assert cloud.registry.reclaim(slot) is False
    assert cloud.slots("U#u1") == 0
    assert _admit(cloud, _of(0)) == [AlreadyClosed()]


def test_an_admission_that_fails_holds_nothing(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_table: Table, _put: object, *, once: bool = False) -> None:
        monkeypatch.undo()
        raise Contention("c0")

    monkeypatch.setattr(Table, "put", fail)
    with pytest.raises(Contention):
        _admit(cloud, _of(0))
    assert (cloud.slots("U#u1"), cloud.slots("I#ip")) == (0, 0)
    assert _admit(cloud, _of(0)) == [AlreadyClosed()], "its item might be written yet"


def test_a_large_limit_is_exact_although_it_is_in_several_items(cloud: MotoCloud) -> None:
    limits = Limits(per_user=1, per_ip=SLOTS_PER_ITEM + 3)
    newcomers = [_of(n, user=f"u{n}") for n in range(limits.per_ip + 2)]
    admitted = [_admit(cloud, each, limits=limits) for each in newcomers]
    assert admitted.count([Admitted()]) == cloud.slots("I#ip") == limits.per_ip
    sizes = [len(item["holders"]) for item in cloud.items(cloud.connections_table, "I#").values()]
    assert sorted(sizes) == [3, SLOTS_PER_ITEM]
    assert _admit(cloud, newcomers[0], limits=limits) == [Admitted()], "it has its slot already"
    assert cloud.slots("I#ip") == limits.per_ip


def test_an_item_of_slots_is_smaller_than_a_write_unit(cloud: MotoCloud) -> None:
    slots = Slots(cloud.registry.table)
    for n in range(SLOTS_PER_ITEM):
        newcomer = examples.connection(f"Z1xXfcJ0IAMCIV{n:02}")
        assert slots.take(f"U#{'u' * 128}", newcomer, SLOTS_PER_ITEM) is not None
    ((_, item),) = cloud.items(cloud.connections_table, "U#").items()
    assert len(compact({**item, "holders": sorted(item["holders"])})) < 1_024


def test_a_connection_is_read_back_as_it_was_registered(cloud: MotoCloud) -> None:
    identity = Identity(
        user_id="u1", name="Ann", role="admin", tournaments=("t1",), expires_at_ms=NOW_MS + 1
    )
    _admit(cloud, examples.connection("c0", identity=identity))
    stored = cloud.connections.get("c0")
    assert (stored.identity, stored.connected_at_ms, stored.rooms) == (identity, NOW_MS, ())


def test_a_connection_whose_time_is_up_is_gone_before_ttl_deletes_it(cloud: MotoCloud) -> None:
    _admit(cloud, _of(0))
    cloud.system.sleep_ms(CONNECTION_ROW_SECONDS * 1_000 - 1)
    assert cloud.connections.get("c0") is not None
    cloud.system.sleep_ms(1)
    assert cloud.connections.get("c0") is None


def test_every_item_of_a_connection_has_an_end_in_epoch_seconds(cloud: MotoCloud) -> None:
    cloud.connect("c0", ROOM)
    items = cloud.items(cloud.connections_table)
    for (pk, _), item in items.items():
        assert NOW_MS // 1_000 < item["expires_at"] < NOW_MS // 1_000 + 24 * 3_600, pk


def test_a_connection_that_speaks_while_it_is_being_ended_stays(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.connect("c0")
    cloud.system.sleep_ms(60_000)
    update = Table.update

    def speak_before(table: Table, change: Update, *, once: bool = False) -> Any:
        monkeypatch.undo()
        assert cloud.connections.touch("c0")
        return update(table, change, once=once)

    monkeypatch.setattr(Table, "update", speak_before)
    assert cloud.registry.release("c0", silent_since_ms=NOW_MS) is False
    assert not cloud.connections.get("c0").closed


def test_holders_are_those_of_the_user_or_of_the_ip(cloud: MotoCloud) -> None:
    _admit(cloud, _of(0), _of(1, ip="other"), _of(2, user="u2"))
    assert _holders(cloud, "user") == ["c0", "c1"]
    assert _holders(cloud, "ip") == ["c0", "c2"]


def _holders(cloud: MotoCloud, holder: Holder) -> list[str]:
    held = cloud.registry.slots.held_beside(_of(9), holder)
    return sorted(slot.connection_id for slot in held)


def test_a_closed_connection_holds_nothing(cloud: MotoCloud) -> None:
    _admit(cloud, _of(0))
    cloud.registry.release("c0")
    assert _holders(cloud, "user") == []


@pytest.mark.parametrize("round_number", range(3))
def test_a_release_under_joins_at_once_leaves_counters_equal_to_items(
    cloud: MotoCloud, switching: None, round_number: int
) -> None:
    rooms = [match_room(f"m{n}") for n in range(6)]
    connection = cloud.connect("c0")

    def join_or_release(n: int) -> object:
        if n == 6:
            return cloud.registry.release("c0")
        return cloud.memberships.join(connection, rooms[n], capacity=9, rooms_max=9)

    outcomes = at_once(join_or_release, range(7))
    assert outcomes[6] is True
    for room in rooms:
        assert (cloud.members(room), cloud.counted(room)) == ([], 0)
    assert cloud.slots("U#user-c0") == 0
