"""Limits when everyone comes at once: rows R11 to R13, some runs of each.

moto tests a condition and writes in two steps, which DynamoDB does not; so requests enter moto
one at a time (see `aws`). The handlers run in a thread each, and change places at every request.
Every order of fewer clients is in tests/simulation/exhaustive.
"""

from collections import Counter

import pytest

from scorecast.domain.rooms import match_room
from scorecast.protocol.limits import HANDSHAKE_SECONDS_MAX
from tests.harness.fake_api import FakeApi
from tests.harness.socket import Socket
from tests.harness.threads import at_once

CROWD = 50
USER_RUNS = 5
GHOST_RUNS = 5
IP_RUNS = 5
PER_USER = 3
PER_IP = 4

JOINERS = 100
JOIN_RUNS = 2
PLACES = 20


def statuses(sockets: list[Socket]) -> Counter[int]:
    return Counter(socket.status for socket in sockets)


def holding(fake_api: FakeApi, attribute: str, value: str) -> set[str]:
    """Ids of the connections whose items hold a slot."""
    items = fake_api.cloud.items(fake_api.cloud.connections_table, "C#").values()
    return {item["sk"] for item in items if item.get(attribute) == value}


def admitted(sockets: list[Socket]) -> set[str]:
    return {socket.id for socket in sockets if socket.status == 200}


def crowd(fake_api: FakeApi, run: int) -> list[Socket]:
    """So many connects of one user at once, each from an address of its own."""

    def connect(number: int) -> Socket:
        return fake_api.connect(f"u{run}", ip=f"10.1.{run}.{number}")

    return at_once(connect, range(CROWD))


def test_R11_of_fifty_connects_of_a_user_exactly_the_limit_are_in(fake_api: FakeApi) -> None:
    """per-user connection limit holds under 50 simultaneous connects: exactly the limit are in"""
    for run in range(USER_RUNS):
        sockets = crowd(fake_api, run)
        assert statuses(sockets) == {200: PER_USER, 429: CROWD - PER_USER}
        assert len(fake_api.cloud.messages("WELCOME_QUEUE_URL")) == PER_USER
        assert fake_api.cloud.slots(f"U#u{run}") == PER_USER
        assert holding(fake_api, "user_id", f"u{run}") == admitted(sockets)
        fake_api.delete_connections()


def test_R11_stale_connections_give_way_to_fifty_connects_within_the_limit(
    fake_api: FakeApi,
) -> None:
    """Stale holders are checked two at a time: some of the crowd get in, and never too many."""
    for run in range(GHOST_RUNS):
        for number in range(PER_USER):
            fake_api.connect(f"u{run}", ip=f"10.0.{run}.{number}").vanish()
        fake_api.wait(HANDSHAKE_SECONDS_MAX)
        sockets = crowd(fake_api, run)
        assert 1 <= len(admitted(sockets)) <= PER_USER
        assert set(statuses(sockets)) == {200, 429}
        assert admitted(sockets) <= holding(fake_api, "user_id", f"u{run}")
        assert len(holding(fake_api, "user_id", f"u{run}")) <= PER_USER
        fake_api.delete_connections()


def test_R12_of_fifty_connects_of_an_ip_exactly_the_limit_are_in(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """per-IP likewise"""
    monkeypatch.setenv("CONNECTIONS_PER_IP", str(PER_IP))
    for run in range(IP_RUNS):

        def connect(number: int, run: int = run) -> Socket:
            return fake_api.connect(f"u{run}-{number}", ip=f"10.2.0.{run}")

        sockets = at_once(connect, range(CROWD))

        assert statuses(sockets) == {200: PER_IP, 429: CROWD - PER_IP}
        ip_hash = sockets[0].authorizer["ip_hash"]
        assert fake_api.cloud.slots(f"I#{ip_hash}") == PER_IP
        assert holding(fake_api, "ip_hash", ip_hash) == admitted(sockets)
        fake_api.delete_connections()


def test_R13_of_a_hundred_joins_exactly_as_many_as_there_are_places_are_in(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """room capacity likewise (100 joins at once into 20 places: exactly 20), `room_full`"""
    monkeypatch.setenv("ROOM_CAPACITY", str(PLACES))
    rooms = [f"m{run}" for run in range(JOIN_RUNS)]
    fake_api.register(*rooms)
    sockets = [fake_api.connect(f"u{n}", ip=f"10.3.0.{n}") for n in range(JOINERS)]

    for match_id in rooms:

        def join(socket: Socket, match_id: str = match_id) -> str:
            answer = socket.ask("subscribe", match_id=match_id)
            if answer["type"] == "subscribed":
                return "in"
            assert answer["retry_after_ms"] > 0
            return str(answer["code"])

        answers = at_once(join, sockets)

        assert Counter(answers) == {"in": PLACES, "room_full": JOINERS - PLACES}
        inside = [
            socket.id for socket, answer in zip(sockets, answers, strict=True) if answer == "in"
        ]
        assert fake_api.cloud.members(match_room(match_id)) == sorted(inside)
        assert fake_api.cloud.counted(match_room(match_id)) == PLACES


def test_R13_joins_and_leaves_at_once_leave_a_counter_that_is_right(
    fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    """room capacity likewise (100 joins at once into 20 places: exactly 20), `room_full`"""
    monkeypatch.setenv("ROOM_CAPACITY", "5")
    fake_api.register("m1")
    sockets = [fake_api.connect(f"u{n}", ip=f"10.3.1.{n}") for n in range(20)]

    def come_and_go(socket: Socket) -> None:
        for _ in range(2):
            socket.ask("subscribe", match_id="m1")
            socket.ask("unsubscribe", match_id="m1")
        socket.ask("subscribe", match_id="m1")
        socket.close()

    at_once(come_and_go, sockets)

    assert fake_api.cloud.counted(match_room("m1")) == 0
    assert fake_api.cloud.members(match_room("m1")) == []
