from typing import Any

import pytest

from scorecast.aws.dynamodb.table import Table
from scorecast.domain.connections.admission import (
    Admitted,
    AlreadyClosed,
    Connection,
    LimitReached,
    Limits,
)
from scorecast.domain.connections.identity import Identity
from scorecast.domain.rooms import match_room
from scorecast.protocol.limits import CONNECTION_ROW_SECONDS
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


def _assert_counters_equal_rows(cloud: MotoCloud) -> None:
    """Every slot counted is held by a connection's row, and every row holds its slots."""
    rows = cloud.rows(cloud.connections_table)
    held: dict[str, int] = {}
    for (pk, _), row in rows.items():
        if pk.startswith("C#") and "closed_at_ms" not in row:
            holders = [f"I#{row['ip_hash']}"] + (
                [f"U#{row['user_id']}"] if "user_id" in row else []
            )
            for holder in holders:
                held[holder] = held.get(holder, 0) + 1
    counted = {pk: row["connections"] for (pk, sk), row in rows.items() if sk in ("U", "I")}
    assert {pk: n for pk, n in counted.items() if n} == held


def test_connections_up_to_the_users_limit_are_in_and_the_next_is_not(cloud: MotoCloud) -> None:
    outcomes = _admit(cloud, *map(_of, range(4)))
    assert outcomes == [Admitted(), Admitted(), Admitted(), LimitReached("user")]


def test_connections_up_to_the_ips_limit_are_in_and_the_next_is_not(cloud: MotoCloud) -> None:
    users = [_of(n, user=f"u{n}") for n in range(11)]
    assert _admit(cloud, *users) == [*[Admitted()] * 10, LimitReached("ip")]


def test_a_refused_connect_changes_nothing(cloud: MotoCloud) -> None:
    _admit(cloud, *map(_of, range(3)))
    before = cloud.rows(cloud.connections_table)
    for n in range(3, 20):
        assert _admit(cloud, _of(n)) == [LimitReached("user")]
    assert cloud.rows(cloud.connections_table) == before


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


def test_connects_and_releases_at_once_leave_counters_equal_to_rows(
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
    _assert_counters_equal_rows(cloud)


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


def test_a_closed_connection_is_known_as_closed_and_without_its_user(cloud: MotoCloud) -> None:
    _admit(cloud, _of(0))
    cloud.registry.release("c0")
    connection = cloud.connections.get("c0")
    assert connection.closed
    assert connection.identity.user_id is None
    assert _admit(cloud, _of(0)) == [AlreadyClosed()]


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


def test_every_row_of_a_connection_has_an_end_in_epoch_seconds(cloud: MotoCloud) -> None:
    cloud.connect("c0", ROOM)
    rows = cloud.rows(cloud.connections_table)
    for (pk, _), row in rows.items():
        assert NOW_MS // 1_000 < row["expires_at"] < NOW_MS // 1_000 + 24 * 3_600, pk


def test_a_connection_that_speaks_while_it_is_being_ended_stays(
    cloud: MotoCloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloud.connect("c0")
    cloud.system.sleep_ms(60_000)
    get = Table.get

    def speak_meanwhile(table: Table, pk: str, sk: str) -> Any:
        row = get(table, pk, sk)
        monkeypatch.setattr(Table, "get", get)
        assert cloud.connections.touch("c0")
        return row

    monkeypatch.setattr(Table, "get", speak_meanwhile)
    assert cloud.registry.release("c0", silent_since_ms=NOW_MS) is False
    assert not cloud.connections.get("c0").closed


def test_holders_are_those_of_the_user_or_of_the_ip(cloud: MotoCloud) -> None:
    _admit(cloud, _of(0), _of(1, ip="other"), _of(2, user="u2"))
    assert sorted(cloud.connections.holders(_of(9), "user")) == [("c0", NOW_MS), ("c1", NOW_MS)]
    assert sorted(cloud.connections.holders(_of(9), "ip")) == [("c0", NOW_MS), ("c2", NOW_MS)]


def test_a_closed_connection_holds_nothing(cloud: MotoCloud) -> None:
    _admit(cloud, _of(0))
    cloud.registry.release("c0")
    assert list(cloud.connections.holders(_of(9), "user")) == []


@pytest.mark.parametrize("round_number", range(3))
def test_a_release_under_joins_at_once_leaves_counters_equal_to_rows(
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
