"""Invariants I1 and I2, whatever clients, failures and the sweep do, and in whatever order."""

import random
from functools import partial
from typing import cast

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from scorecast.protocol.limits import HANDSHAKE_SECONDS_MAX, RECONCILE_SECONDS, SETTLE_SECONDS
from tests.harness.counters import Items, assert_at_rest, assert_sound, count_places, places
from tests.harness.fake_api import FakeApi
from tests.harness.socket import Socket
from tests.harness.threads import at_once
from tests.harness.wire import Attempt, Fault, Wire

PER_USER = 2
PER_IP = 3
CAPACITY = 2
USERS = ["u1", "u2", "u3"]
IPS = ["192.0.2.1", "192.0.2.2"]
ROOMS = ["m1", "m2"]

COMPARISONS_MAX = 6
"""The first may find what was noted before, the next starts anew, the third is a minute later."""

THREADS = 20
DEEDS_EACH = 8
OF_A_SOCKET = ["close", "vanish", "confirm", "subscribe", "unsubscribe"]

users, ips, rooms = st.sampled_from(USERS), st.sampled_from(IPS), st.sampled_from(ROOMS)
which = st.integers(0, 100)


@pytest.fixture(autouse=True)
def _limits(fake_api: FakeApi, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = {
        "CONNECTIONS_PER_USER": PER_USER,
        "CONNECTIONS_PER_IP": PER_IP,
        "ROOM_CAPACITY": CAPACITY,
        "MESSAGES_PER_SECOND_PER_USER": 1_000,
        "MESSAGE_BURST_PER_USER": 1_000,
        "MESSAGES_PER_SECOND_PER_IP": 1_000,
        "MESSAGE_BURST_PER_IP": 1_000,
    }
    for name, limit in limits.items():
        monkeypatch.setenv(name, str(limit))


def items_of(fake_api: FakeApi) -> Items:
    return fake_api.cloud.items(fake_api.cloud.connections_table)


def assert_within_limits(items: Items) -> None:
    assert_sound(items, per_user=PER_USER, per_ip=PER_IP, capacity=CAPACITY)


def settle(fake_api: FakeApi, *, has_failed: bool) -> None:
    """All is quiet: what died half-way is finished by the sweep, and a surplus is seen twice."""
    fake_api.wait(SETTLE_SECONDS + 1)
    fake_api.sweep()
    for _ in range(COMPARISONS_MAX):
        found = count_places(items_of(fake_api))
        if places(found.counted) == places(found.held):
            break
        fake_api.reconcile()
        fake_api.wait(RECONCILE_SECONDS)
    assert_at_rest(items_of(fake_api), has_failed=has_failed)


def end_all(fake_api: FakeApi, sockets: list[Socket], *, has_failed: bool = False) -> None:
    for socket in sockets:
        assert socket.close() == 200
    found = count_places(items_of(fake_api))
    assert found.held == found.listed == places(found.counted) == {}
    assert has_failed or found.counted == {}


class Lifecycle(RuleBasedStateMachine):
    """Clients of few users, behind few addresses, in few rooms: so that limits are met often."""

    def __init__(self, fake_api: FakeApi, wire: Wire) -> None:
        super().__init__()
        self.fake_api, self.wire = fake_api, wire
        self.sockets: list[Socket] = []
        self.fault_free = True
        fake_api.delete_connections()

    def _one(self, number: int) -> Socket:
        """Of all that ever connected: open, refused, stale, or gone already."""
        return self.sockets[number % len(self.sockets)]

    def _inside(self, number: int) -> Socket:
        """One that is open, or, if none is, any."""
        inside = [socket for socket in self.sockets if socket.has_not_left]
        return inside[number % len(inside)] if inside else self._one(number)

    @initialize(match_id=rooms)
    def open_with_a_full_room(self, match_id: str) -> None:
        for user_id, ip in zip(USERS, [*IPS, IPS[0]], strict=True):
            self.connect(user_id, ip)
            self.sockets[-1].command("subscribe", match_id=match_id)

    @rule(user_id=users, ip=ips)
    def connect(self, user_id: str, ip: str) -> None:
        socket = self.fake_api.connect(user_id, ip=ip)
        assert socket.status in (200, 429)
        self.sockets.append(socket)

    @rule(user_id=users, ip=ips, number=st.integers())
    def disconnect_before_connect(self, user_id: str, ip: str, number: int) -> None:
        early = Socket(self.fake_api, f"early-{number}", 0, authorizer={"ip_hash": "ip"})
        assert early.close() == 200
        late = self.fake_api.connect(user_id, ip=ip, connection_id=early.id)
        assert late.status in (410, 429)  # Slots are taken first: it may meet the limit too.

    @rule(number=which)
    def disconnect(self, number: int) -> None:
        assert self._inside(number).close() == 200

    @rule(number=which)
    def disconnect_again_or_though_refused(self, number: int) -> None:
        assert self._one(number).close() == 200

    @rule(number=which)
    def lose_its_socket(self, number: int) -> None:
        self._inside(number).vanish()

    @rule(number=which, match_id=rooms)
    def join(self, number: int, match_id: str) -> None:
        self._inside(number).command("subscribe", match_id=match_id)

    @rule(number=which, match_id=rooms)
    def join_once_more(self, number: int, match_id: str) -> None:
        self._inside(number).command("subscribe", match_id=match_id)

    @rule(number=which, match_id=rooms)
    def leave(self, number: int, match_id: str) -> None:
        self._inside(number).command("unsubscribe", match_id=match_id)

    @rule(number=which, task=st.sampled_from(["confirm", "sweep", "reconcile", "end a user"]))
    def keep_house(self, number: int, task: str) -> None:
        match task:
            case "confirm":
                ids = [socket.id for socket in self.sockets]
                self.fake_api.run_tasks([{"task": "VerifyGone", "connection_ids": ids}])
            case "sweep":
                self.fake_api.wait(HANDSHAKE_SECONDS_MAX)
                self.fake_api.sweep()
            case "reconcile":
                self.fake_api.wait(RECONCILE_SECONDS / 2)
                self.fake_api.reconcile()
            case "end a user":
                user_id = USERS[number % len(USERS)]
                self.fake_api.http(
                    "DELETE", f"/users/{user_id}/connections", query={"tokens": "keep"}
                )

    @rule(
        number=which,
        match_id=rooms,
        operation=st.sampled_from(["connect", "close", "join", "leave", "sweep"]),
        fault=st.sampled_from([Fault.REPLY_LOST, Fault.UNREACHABLE, Fault.THROTTLED]),
        after=st.integers(0, 6),
    )
    def lose_dynamodb_in(
        self, number: int, match_id: str, operation: str, fault: Fault, after: int
    ) -> None:
        """From some request of an operation on, nothing works; so its Lambda ends in between."""
        seen: list[Attempt] = []

        def decide(attempt: Attempt) -> Fault | None:
            if attempt.service != "DynamoDB":
                return None
            seen.append(attempt)
            return fault if len(seen) > after else None

        socket = self._inside(number)
        self.fault_free = False
        self.wire.fault = decide
        try:
            match operation:
                case "connect":
                    self.sockets.append(self.fake_api.connect("u1"))
                case "close":
                    socket.close()
                case "join":
                    socket.command("subscribe", match_id=match_id)
                case "leave":
                    socket.command("unsubscribe", match_id=match_id)
                case "sweep":
                    self.fake_api.failed_tasks(self.fake_api.sweeps())
        finally:
            self.wire.fault = lambda _attempt: None

    @invariant()
    def limits_hold_and_counters_are_exact_unless_something_failed(self) -> None:
        items = items_of(self.fake_api)
        assert_within_limits(items)
        if self.fault_free:
            assert_at_rest(items)

    def teardown(self) -> None:
        has_failed = not self.fault_free
        settle(self.fake_api, has_failed=has_failed)
        end_all(self.fake_api, self.sockets, has_failed=has_failed)


def test_I1_and_I2_hold_whatever_happens(fake_api: FakeApi, wire: Wire) -> None:
    """members ≤ capacity, connections ≤ limit; when all is quiet, counters equal what they count"""
    fake_api.register(*ROOMS)
    machine = cast(type[RuleBasedStateMachine], partial(Lifecycle, fake_api, wire))
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


def random_deed(fake_api: FakeApi, chance: random.Random, sockets: list[Socket]) -> None:
    operations = ["connect", "reconcile", "sweep"] + OF_A_SOCKET * (2 if sockets else 0)
    operation, match_id = chance.choice(operations), chance.choice(ROOMS)
    one = chance.choice(sockets) if operation in OF_A_SOCKET else None
    match operation, one:
        case "connect", _:
            sockets.append(fake_api.connect(chance.choice(USERS), ip=chance.choice(IPS)))
        case "reconcile", _:
            fake_api.reconcile()
        case "sweep", _:
            fake_api.sweep()
        case "close", Socket():
            one.close()
        case "vanish", Socket():
            one.vanish()
        case "confirm", Socket():
            fake_api.run_tasks([{"task": "VerifyGone", "connection_ids": [one.id]}])
        case (("subscribe" | "unsubscribe"), Socket()):
            one.command(operation, match_id=match_id)


def random_deeds(fake_api: FakeApi, seed: int) -> list[Socket]:
    """One operation after the other, by one thread, and all the sockets that it opened."""
    chance = random.Random(seed)
    sockets: list[Socket] = []
    for _ in range(DEEDS_EACH):
        random_deed(fake_api, chance, sockets)
        assert_within_limits(items_of(fake_api))
    return sockets


def test_I1_and_I2_hold_with_twenty_threads(fake_api: FakeApi) -> None:
    """members ≤ capacity, connections ≤ limit; when all is quiet, counters equal what they count"""
    fake_api.register(*ROOMS)

    left = at_once(lambda seed: random_deeds(fake_api, seed), range(THREADS))

    assert_at_rest(items_of(fake_api))
    end_all(fake_api, [socket for sockets in left for socket in sockets])
