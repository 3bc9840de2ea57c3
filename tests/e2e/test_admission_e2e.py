"""Admission at the real socket: limits of users, races, and an admin who ends it all."""

import random
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Semaphore

import httpx
from websockets.exceptions import InvalidStatus

from tests.e2e.client import Client
from tests.e2e.cup import Cup, Pairing
from tests.e2e.deployed import CONNECTIONS_PER_USER, Deployed, unique, until
from tests.e2e.test_limits import REFUSED_BY_CONNECT

CROWD = 8
"""Each of them may start two functions cold at the same time, on a small machine."""
THREADS = 20
DEEDS_EACH = 6


def enter_or_be_refused(cup: Cup, token: str) -> Client | int:
    try:
        return cup.open(token)
    except InvalidStatus as refused:
        return refused.response.status_code


def test_R1_and_R2_as_many_as_the_limit_are_in_and_the_next_is_refused(
    cup: Cup, deployed: Deployed
) -> None:
    """two connections with a limit of two: both in; the third is refused, changes no counter"""
    token = cup.token(user_id := unique("user"))

    inside = [cup.enter(token) for _ in range(CONNECTIONS_PER_USER)]
    refused = [enter_or_be_refused(cup, token) for _ in range(3)]

    assert all(status in REFUSED_BY_CONNECT for status in refused)
    assert deployed.open_connections(user_id) == CONNECTIONS_PER_USER
    assert [client.ask("ping")["type"] for client in inside] == ["pong"] * CONNECTIONS_PER_USER


def test_R11_of_a_crowd_of_one_user_exactly_the_limit_are_in(cup: Cup, deployed: Deployed) -> None:
    """per-user connection limit holds under simultaneous connects: exactly the limit are in"""
    token = cup.token(user_id := unique("user"))
    together = Barrier(CROWD)

    def come(_: int) -> Client | int:
        together.wait()
        return enter_or_be_refused(cup, token)

    with ThreadPoolExecutor(CROWD) as pool:
        came = list(pool.map(come, range(CROWD)))

    inside = [client for client in came if isinstance(client, Client)]
    assert len(inside) == CONNECTIONS_PER_USER
    assert all(status in REFUSED_BY_CONNECT for status in came if isinstance(status, int))
    assert deployed.open_connections(user_id) == CONNECTIONS_PER_USER
    for client in inside:
        client.receive("connection_established")


def test_I2_when_all_is_quiet_counters_equal_what_they_count(cup: Cup, deployed: Deployed) -> None:
    """when all is quiet, every counter equals what it counts: 20 clients come, go, join, leave"""
    users = [unique("user") for _ in range(5)]
    matches = [cup.new_match() for _ in range(2)]
    at_the_door = Semaphore(CROWD)

    def come_and_go(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(DEEDS_EACH):
            with at_the_door:
                came = enter_or_be_refused(cup, cup.token(chance.choice(users)))
            if isinstance(came, int):
                continue
            came.receive("connection_established")
            for command in chance.sample(["subscribe", "subscribe", "unsubscribe"], 2):
                came.send(command, match_id=chance.choice(matches).id)
            came.close()

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(come_and_go, range(THREADS)))

    # What a client had sent before it left may run after it has left, and undoes itself.
    until(lambda: all(deployed.open_connections(user_id) == 0 for user_id in users))
    until(lambda: all(members(deployed, match) == 0 for match in matches))


def members(deployed: Deployed, match: Pairing) -> int:
    item = deployed.connections_item(f"R#m:{match.id}", "R")
    return int(item["members"]) if item else 0


def test_an_admin_ends_every_connection_of_a_user(cup: Cup, deployed: Deployed) -> None:
    token = cup.token(user_id := unique("user"))
    match = cup.new_match()
    ended = [cup.enter(token, match_id=match.id), cup.enter(token)]
    other = cup.enter(cup.token(unique("user")))
    admin = {"Authorization": f"Bearer {deployed.stack.tokens['admin']}"}

    answer = httpx.delete(
        f"{deployed.stack.http_url}/users/{user_id}/connections", headers=admin, timeout=20
    )

    assert (answer.status_code, answer.json()) == (200, {"disconnected": 2})
    for client in ended:
        goodbye = client.next_frame()
        assert (goodbye["code"], goodbye["reason"]) == (4003, "disconnected_by_server")
        assert goodbye["reconnect"] is False
        assert client.close_code() == 1000
    until(lambda: deployed.open_connections(user_id) == 0)
    assert other.ask("ping")["type"] == "pong"
    # Ended and revoked, not locked out: a token that was issued later is good again.
    revoked_at_s = int(time.time())
    until(lambda: int(time.time()) > revoked_at_s)
    assert cup.enter(cup.token(user_id)).established["user_id"] == user_id


def test_only_admins_may_end_the_connections_of_a_user(cup: Cup, deployed: Deployed) -> None:
    client = cup.enter(cup.token(user_id := unique("user")))
    spectator = {"Authorization": f"Bearer {deployed.stack.tokens['spectator']}"}

    answer = httpx.delete(
        f"{deployed.stack.http_url}/users/{user_id}/connections", headers=spectator, timeout=20
    )

    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert client.ask("ping")["type"] == "pong"
