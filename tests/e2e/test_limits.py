"""Limits as a client meets them, through the whole path."""

import time

import pytest
from websockets.exceptions import InvalidStatus

from tests.e2e.client import Client, Frame
from tests.e2e.cup import Cup
from tests.e2e.deployed import (
    CONNECTIONS_PER_USER,
    MESSAGE_BYTES_MAX,
    ROOM_CAPACITY,
    Deployed,
    unique,
    until,
)

REFUSED_BY_CONNECT = (429, 403)
"""AWS passes the status on that `connect` answers with; MiniStack makes 403 of it."""
BURST = 20
"""The default of MessageBurstPerUser."""
REFUSAL_SECONDS_MAX = 20


def answers_to_pings(client: Client, count: int) -> list[Frame]:
    """Send so many pings at once. A refused frame is answered without its id, so send none."""
    for _ in range(count):
        client.send_text('{"type":"ping"}')
    return [client.next_frame() for _ in range(count)]


def refused_last(client: Client) -> Frame:
    """Go just so much over the allowance that the newest ping is refused; returns the refusal.

    Not far over it: a client that is refused again and again may be disconnected.
    """
    deadline = time.monotonic() + REFUSAL_SECONDS_MAX
    newest = answers_to_pings(client, BURST + 8)[-1]
    while newest["type"] != "error":
        assert time.monotonic() < deadline, "the allowance is never used up"
        newest = answers_to_pings(client, 3)[-1]
    return newest


def test_too_fast_a_client_gets_the_time_to_wait(cup: Cup) -> None:
    client, other = (
        cup.enter(cup.token(unique("user"))),
        cup.enter(cup.token(unique("other"))),
    )

    refusal = refused_last(client)

    assert refusal["code"] == "message_rate_limit_exceeded"
    assert refusal["retry_after_ms"] > 0
    due = time.monotonic() + refusal["retry_after_ms"] / 1000
    while time.monotonic() < due:
        assert other.ask("ping")["type"] == "pong"  # another user's allowance is their own
    assert answers_to_pings(client, 1)[0]["type"] == "pong"


def test_the_allowance_is_the_users_not_the_connections(cup: Cup) -> None:
    token = cup.token(unique("user"))
    first, second = cup.enter(token), cup.enter(token)

    refused_last(first)
    # The second connection has sent nothing yet: an allowance of its own would pass all of these.
    answers: list[Frame] = []
    while len(answers) < BURST and not any(answer["type"] == "error" for answer in answers):
        answers += answers_to_pings(second, 4)

    assert "message_rate_limit_exceeded" in {answer.get("code") for answer in answers}


def test_a_frame_of_exactly_the_longest_size_passes(cup: Cup) -> None:
    client = cup.enter(cup.token(unique("user")))

    client.send_text('{"type":"ping"}'.ljust(MESSAGE_BYTES_MAX))

    assert client.next_frame()["type"] == "pong"


def test_one_byte_more_ends_the_connection(cup: Cup, deployed: Deployed) -> None:
    user_id = unique("user")
    client = cup.enter(cup.token(user_id))

    # Of as many characters as may be, but one of them has two bytes.
    client.send_text('{"type":"é"}'.ljust(MESSAGE_BYTES_MAX))

    assert client.refusal()["code"] == "payload_too_large"
    goodbye = client.next_frame()
    assert (goodbye["type"], goodbye["code"]) == ("goodbye", 4009)
    assert (goodbye["reason"], goodbye["reconnect"]) == ("payload_too_large", False)
    assert client.close_code() == 1000
    until(lambda: deployed.open_connections(user_id) == 0)


def test_one_connection_too_many_is_refused_and_changes_no_counter(
    cup: Cup, deployed: Deployed
) -> None:
    token = cup.token(user_id := unique("user"))
    clients = [cup.enter(token) for _ in range(CONNECTIONS_PER_USER)]
    assert deployed.open_connections(user_id) == CONNECTIONS_PER_USER

    with pytest.raises(InvalidStatus) as refused:
        cup.open(token)

    assert refused.value.response.status_code in REFUSED_BY_CONNECT
    assert deployed.open_connections(user_id) == CONNECTIONS_PER_USER
    clients[0].close()
    until(lambda: deployed.open_connections(user_id) == CONNECTIONS_PER_USER - 1)
    assert cup.enter(token).established["user_id"] == user_id


def test_a_full_room_refuses_and_a_place_that_falls_free_is_given(
    cup: Cup, deployed: Deployed
) -> None:
    match = cup.new_match()
    inside = [cup.fan(match) for _ in range(ROOM_CAPACITY)]
    assert [client.established["viewers"] for client in inside] == [1, 2, 3, 4, 5]

    late = cup.open(cup.token(unique("fan")), match_id=match.id)

    error, goodbye = late.refusal(), late.next_frame()
    assert error["code"] == "room_full"
    assert error["retry_after_ms"] > 0
    assert (goodbye["type"], goodbye["code"]) == ("goodbye", 4008)
    assert (goodbye["reason"], goodbye["reconnect"]) == ("room_full", True)
    assert goodbye["retry_after_ms"] > 0
    assert late.close_code() == 1000
    idler = cup.enter(cup.token(unique("fan")))
    assert idler.ask("subscribe", match_id=match.id)["code"] == "room_full"
    assert idler.ask("ping")["type"] == "pong"  # no goodbye: the room was not that of the URL
    inside[0].close()

    def members() -> int:
        item = deployed.connections_item(f"R#m:{match.id}", "R")
        assert item is not None
        return int(item["members"])

    until(lambda: members() == ROOM_CAPACITY - 1)
    assert idler.ask("subscribe", match_id=match.id)["data"]["viewers"] == ROOM_CAPACITY
