"""What a connection does when sockets do not last."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import replace as changed
from typing import Any

import pytest

from scorecast_client import (
    AnswerTimeout,
    CommandRefused,
    Connection,
    ConnectionLost,
    ConnectRefused,
    Event,
    Timings,
    connect,
)
from scorecast_client.reconnect_policy import Retry
from tests.clients.python.peer import FRESH, QUICK, Json, Part, Peer, decisive, serving, until

DEADLINE_SECONDS = 10
HOUR_MS = 3_600_000
Test = Callable[[Connection], Awaitable[None]]


def against(
    *parts: Part | int,
    test: Test,
    token: Any = "t",
    match: str | None = "m1",
    timings: Timings = QUICK,
) -> None:
    """Run the client's side of a test against a server that plays these parts in turn."""

    async def run() -> None:
        async with asyncio.timeout(DEADLINE_SECONDS), serving(*parts) as url:
            async with connect(url, token=token, match=match, timings=timings) as connection:
                await test(connection)

    asyncio.run(run())


async def received_by(connection: Connection) -> list[tuple[str, int | None]]:
    """All events by type and number, until the connection is closed for good."""
    return [(event.type, event.data.get("sequence")) async for event in connection]


async def next_of(connection: Connection, kind: str) -> Event:
    return await anext(event async for event in connection if event.type == kind)


def welcomed(sequence: int) -> Part:
    """A part that welcomes and then closes."""

    async def play(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=sequence)

    return play


def test_a_cut_connection_reconnects_and_recovers() -> None:
    paths: list[str] = []

    async def first(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=3)
        await peer.score("m1", 4)
        paths.append(peer.path)

    async def second(peer: Peer) -> None:
        paths.append(peer.path)
        await peer.welcome()
        command = await peer.receive()
        assert (command["match_id"], command["since"]) == ("m1", 4)
        await peer.score("m1", 7)  # may overtake the answer
        await peer.joined(command, 6, decisive(5), decisive(6, "dispute_created"))

    async def test(connection: Connection) -> None:
        assert await received_by(connection) == [
            ("snapshot", None),
            ("score_updated", 4),
            ("match_started", 5),
            ("dispute_created", 6),
            ("snapshot", 6),
            ("score_updated", 7),
        ]
        assert (connection.phase, connection.reconnects) == ("closed", 1)
        assert "403" in connection.reason

    against(first, second, test=test)
    assert paths == ["/stage?match_id=m1", "/stage"]


def test_a_goodbyes_pause_is_kept() -> None:
    closed_at = opened_at = 0.0

    async def first(peer: Peer) -> None:
        nonlocal closed_at
        await peer.welcome(match_id="m1", sequence=0)
        closed_at = time.monotonic()
        await peer.goodbye("server_drain", retry_after_ms=150)

    async def second(peer: Peer) -> None:
        nonlocal opened_at
        opened_at = time.monotonic()
        await peer.welcome()

    async def test(connection: Connection) -> None:
        await received_by(connection)

    against(first, second, test=test)
    assert opened_at - closed_at >= 0.15


@pytest.mark.parametrize(("code", "reason"), [(4003, "disconnected_by_server"), (4001, "expired")])
def test_a_goodbye_without_a_return_ends_with_its_reason(code: int, reason: str) -> None:
    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=0)
        await peer.goodbye(reason, code=code, reconnect=code == 4001)

    async def test(connection: Connection) -> None:
        assert await received_by(connection) == [("snapshot", None)]
        assert connection.goodbye is not None
        assert connection.goodbye.code == code
        assert reason in connection.reason
        with pytest.raises(ConnectionLost, match=reason):
            await connection.score("m1", (1, 0))

    against(only, welcomed(0), test=test)


def test_an_expired_token_is_replaced_by_a_newer_one() -> None:
    tokens = iter(["old", "new"])
    shown: list[str | None] = []

    async def first(peer: Peer) -> None:
        shown.append(peer.authorization)
        await peer.welcome(match_id="m1", sequence=0)
        await peer.goodbye("token_expired", code=4001)

    async def second(peer: Peer) -> None:
        shown.append(peer.authorization)
        await peer.welcome()

    async def test(connection: Connection) -> None:
        await received_by(connection)

    against(first, second, test=test, token=lambda: next(tokens, "last"))
    assert shown == ["Bearer old", "Bearer new"]


def test_the_same_expired_token_is_not_shown_twice() -> None:
    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=0)
        await peer.goodbye("token_expired", code=4001)

    async def test(connection: Connection) -> None:
        await received_by(connection)
        assert connection.reason.endswith("token_expired. There is no newer token.")

    async def same() -> str:
        return "old"

    against(only, welcomed(0), test=test, token=same)


def test_one_refused_handshake_is_not_final_since_it_may_be_a_proxys() -> None:
    async def test(connection: Connection) -> None:
        assert connection.phase in ("connecting", "live")

    for status in (401, 403, 404):
        against(status, welcomed(0), test=test)


def test_two_refused_handshakes_give_the_first_connection_its_reason() -> None:
    with pytest.raises(ConnectRefused, match="401: the token"):
        against(401, 401, welcomed(0), test=_never)


def test_a_reconnecting_client_gives_up_after_five_refusals_in_a_row() -> None:
    async def test(connection: Connection) -> None:
        await received_by(connection)
        assert connection.reconnects == 1  # the fifth in a row comes after the second socket

    against(welcomed(0), 403, 403, 403, 403, welcomed(0), 403, 403, 403, 403, 403, test=test)


async def _never(connection: Connection) -> None:
    raise AssertionError("a connection was made")


@pytest.mark.parametrize("status", [429, 500, 503, 410])
def test_a_busy_server_is_asked_again(status: int) -> None:
    async def test(connection: Connection) -> None:
        assert connection.established["connection_id"] == "c1"

    against(status, status, welcomed(0), test=test, token=FRESH)


def test_refusals_that_pass_are_waited_for_while_it_reconnects() -> None:
    async def second(peer: Peer) -> None:
        await peer.welcome()
        await peer.joined(await peer.receive(), 2)

    async def test(connection: Connection) -> None:
        assert await received_by(connection) == [("snapshot", None), ("snapshot", 2)]

    against(welcomed(1), 429, 503, 500, second, test=test)


def test_a_number_that_jumps_makes_it_ask_and_waits_for_the_answer() -> None:
    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=1)
        await peer.score("m1", 4)
        await peer.score("m1", 5)
        command = await peer.receive()
        assert command["since"] == 1
        await peer.joined(command, 4, decisive(2), decisive(3))

    async def test(connection: Connection) -> None:
        assert await received_by(connection) == [
            ("snapshot", None),
            ("match_started", 2),
            ("match_started", 3),
            ("score_updated", 4),
            ("snapshot", 4),
            ("score_updated", 5),
        ]
        assert connection.gaps == 1

    against(only, test=test)


def test_the_number_of_viewers_shows_what_a_quiet_client_missed() -> None:
    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=1)
        for sequence in (1, 2):
            data = {"room": "match", "match_id": "m1", "count": 4, "sequence": sequence}
            await peer.send("viewers", data={**data, "tournament_id": None})
        await peer.joined(await peer.receive(), 2, decisive(2))

    async def test(connection: Connection) -> None:
        received = await received_by(connection)
        assert received[-2:] == [("match_started", 2), ("snapshot", 2)]
        assert connection.gaps == 1

    against(only, test=test)


def test_an_incomplete_recovery_emits_no_part() -> None:
    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=1)
        await peer.send("match_completed", data={"match_id": "m1", "sequence": 3})
        await peer.joined(await peer.receive(), 3, recovered=False)
        await peer.score("m1", 3)

    async def test(connection: Connection) -> None:
        assert await received_by(connection) == [("snapshot", None), ("snapshot", 3)]

    against(only, test=test)


def test_a_match_that_starts_over_is_followed_from_its_new_numbers() -> None:
    async def second(peer: Peer) -> None:
        await peer.welcome()
        await peer.joined(await peer.receive(), 2, recovered=False)
        await peer.score("m1", 3)

    async def test(connection: Connection) -> None:
        assert (await received_by(connection))[1:] == [("snapshot", 2), ("score_updated", 3)]

    against(welcomed(40), second, test=test)


def test_a_room_that_is_gone_becomes_an_error_and_is_not_asked_for_again() -> None:
    async def second(peer: Peer) -> None:
        await peer.welcome()
        command = await peer.receive()
        await peer.send("error", id=command["id"], code="not_found", message="There is no m1.")
        await peer.send("ping", timestamp=1)
        assert await peer.receive() == {"type": "pong"}

    async def test(connection: Connection) -> None:
        error = await next_of(connection, "error")
        assert (error.data["code"], error.match_id) == ("not_found", "m1")
        await received_by(connection)

    against(welcomed(0), second, test=test)


def test_a_full_room_is_joined_after_its_pause() -> None:
    async def second(peer: Peer) -> None:
        await peer.welcome()
        command = await peer.receive()
        refusal = {"code": "room_full", "message": "Full.", "retry_after_ms": 1}
        await peer.send("error", id=command["id"], **refusal)
        await peer.joined(await peer.receive(), 5)

    async def test(connection: Connection) -> None:
        assert await received_by(connection) == [("snapshot", None), ("snapshot", 5)]

    against(welcomed(0), second, test=test)


def test_a_silent_server_is_asked_and_then_given_up() -> None:
    async def silent(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=0)
        assert (await peer.receive())["type"] == "ping"
        await peer.until_closed()

    async def answering(peer: Peer) -> None:
        await peer.welcome()
        await peer.joined(await peer.receive(), 0)
        for _ in range(3):
            ping = await peer.receive()
            await peer.send("pong", id=ping["id"], timestamp=ping["timestamp"])

    async def test(connection: Connection) -> None:
        await received_by(connection)
        assert connection.reconnects == 1

    timings = changed(QUICK, quiet_seconds=0.05, pong_seconds=0.2)
    against(silent, answering, test=test, timings=timings)


def test_a_token_is_renewed_ahead_of_its_expiry() -> None:
    tokens = iter(["first", "second", "third"])
    shown: list[str] = []

    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=0, expires_in_ms=100)
        for lasts_ms in (100, HOUR_MS):
            command = await peer.receive()
            assert command["type"] == "refresh"
            shown.append(command["token"])
            await peer.answer(command, "refreshed", expires_at=lasts_ms)

    async def test(connection: Connection) -> None:
        await received_by(connection)

    against(only, test=test, token=lambda: next(tokens, "last"))
    assert shown == ["second", "third"]


def test_a_token_that_the_server_calls_expired_is_renewed_at_once() -> None:
    tokens = iter(["first", "second"])

    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=0, expires_in_ms=HOUR_MS)
        await peer.send("error", code="token_expired", message="Your token has expired.")
        command = await peer.receive()
        assert (command["type"], command["token"]) == ("refresh", "second")
        await peer.answer(command, "refreshed", expires_at=None)

    async def test(connection: Connection) -> None:
        await received_by(connection)

    against(only, test=test, token=lambda: next(tokens, "last"))


def test_a_new_socket_takes_over_before_the_old_one_is_cut() -> None:
    order: list[str] = []
    taken_over, closed = asyncio.Event(), asyncio.Event()

    async def old(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=1)
        await taken_over.wait()
        await peer.score("m1", 2)
        order.append("old still open")
        await peer.until_closed()
        order.append("old closed")
        closed.set()

    async def new(peer: Peer) -> None:
        await peer.welcome()
        command = await peer.receive()
        assert command["since"] == 1
        taken_over.set()
        await peer.score("m1", 2)
        await peer.joined(command, 1)
        order.append("new in the room")
        ping = await peer.receive()
        await peer.send("pong", id=ping["id"])

    async def test(connection: Connection) -> None:
        await next_of(connection, "score_updated")
        await closed.wait()
        await connection.ping()
        assert [kind for kind, _ in await received_by(connection)] in ([], ["snapshot"])
        assert connection.reconnects == 0

    against(old, new, test=test, timings=changed(QUICK, lifetime_seconds=0.05))
    assert order[-1] == "old closed"


def test_a_score_is_sent_again_as_it_was_until_it_is_answered() -> None:
    seen: list[Json] = []

    async def unanswered(peer: Peer) -> None:
        await peer.welcome()
        seen.append(await peer.receive())
        peer.cut()

    async def late(peer: Peer) -> None:
        await peer.welcome()
        seen.append(await peer.receive())
        seen.append(await peer.receive())  # the first one was not answered in time
        await peer.answer(seen[-1], "accepted", match_id="m1", revision=7)

    async def test(connection: Connection) -> None:
        accepted = await connection.score("m1", (1, 0), details={"minute": 3})
        assert accepted.revision == 7

    timings = changed(QUICK, repeat_seconds=0.1)
    against(unanswered, late, test=test, match=None, timings=timings)
    assert len({message.pop("id") for message in seen[1:]}) == 2
    del seen[0]["id"]
    assert seen[0] == seen[1] == seen[2]
    assert seen[0]["update_id"]


def test_a_score_without_an_answer_ends_at_its_deadline() -> None:
    async def only(peer: Peer) -> None:
        await peer.welcome()
        await peer.until_closed()

    async def test(connection: Connection) -> None:
        with pytest.raises(AnswerTimeout, match="score_update was not answered in"):
            await connection.score("m1", (1, 0))

    timings = changed(QUICK, repeat_seconds=0.02, deadline_seconds=0.1)
    against(only, test=test, match=None, timings=timings)


def test_a_decisive_command_is_sent_once() -> None:
    async def first(peer: Peer) -> None:
        await peer.welcome()
        assert (await peer.receive())["type"] == "match_start"
        peer.cut()

    async def second(peer: Peer) -> None:
        await peer.welcome()
        command = await peer.receive()
        assert command["type"] == "dispute_create"
        await peer.answer(command, "accepted", match_id="m1", revision=1, dispute_id="d1")

    async def test(connection: Connection) -> None:
        with pytest.raises(ConnectionLost):
            await connection.start("m1")
        assert (await connection.dispute("m1", "Offside.")).dispute_id == "d1"

    against(first, second, test=test, match=None)


def test_second_thoughts_and_base_revisions_are_in_their_commands() -> None:
    received: list[dict[str, Any]] = []

    async def script(peer: Peer) -> None:
        await peer.welcome()
        for _ in range(5):
            command = await peer.receive()
            received.append(command)
            await peer.answer(command, "accepted", match_id="m1", revision=8)

    async def test(connection: Connection) -> None:
        await connection.score("m1", (1, 0), base_revision=7)
        await connection.complete("m1", winner_id="a", outcome="walkover")
        await connection.amend("m1", reason="Ruled so.", winner_id=None)
        await connection.reopen("m1", "live", reason="Too early.")
        await connection.resolve("m1", "d1", "upheld", note="Seen.")

    against(script, test=test, match=None)
    score, complete, amend, reopen, resolve = received
    assert (score["type"], score["base_revision"]) == ("score_update", 7)
    assert (complete["winner_id"], complete["outcome"]) == ("a", "walkover")
    assert (amend["type"], amend["winner_id"], amend["reason"]) == (
        "match_amend",
        None,
        "Ruled so.",
    )
    assert (reopen["type"], reopen["new_state"]) == ("match_reopen", "live")
    assert (resolve["type"], resolve["dispute_id"], resolve["resolution"], resolve["note"]) == (
        "dispute_resolve",
        "d1",
        "upheld",
        "Seen.",
    )


def test_a_subscription_outlives_its_socket_and_a_refused_one_is_forgotten() -> None:
    async def first(peer: Peer) -> None:
        await peer.welcome()
        await peer.receive()
        peer.cut()

    async def second(peer: Peer) -> None:
        await peer.welcome()
        await peer.joined(await peer.receive(), 3)
        command = await peer.receive()
        await peer.send("error", id=command["id"], code="not_found", message="There is none.")

    async def third(peer: Peer) -> None:
        await peer.welcome()
        command = await peer.receive()
        assert (command["match_id"], command["since"]) == ("m1", 3)
        await peer.joined(command, 3)
        await peer.answer(await peer.receive(), "unsubscribed", match_id="m1")

    async def test(connection: Connection) -> None:
        assert (await connection.subscribe(match="m1"))["sequence"] == 3
        with pytest.raises(CommandRefused, match="not_found"):
            await connection.subscribe(match="m2")
        await next_of(connection, "snapshot")
        await next_of(connection, "snapshot")
        await connection.unsubscribe(match="m1")

    against(first, second, third, test=test, match=None)


def test_a_refused_second_subscribe_does_not_stop_a_rooms_events() -> None:
    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=4)
        command = await peer.receive()
        refusal = {"message": "Too many messages.", "retry_after_ms": 1}
        await peer.send("error", id=command["id"], code="message_rate_limit_exceeded", **refusal)
        await peer.score("m1", 5)
        await peer.joined(await peer.receive(), 4)

    async def test(connection: Connection) -> None:
        with pytest.raises(CommandRefused, match="rate_limit"):
            await connection.subscribe(match="m1")
        assert (await next_of(connection, "score_updated")).data["sequence"] == 5

    against(only, test=test)


def test_a_room_that_is_left_is_not_brought_back_by_a_late_answer() -> None:
    left = asyncio.Event()

    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=4)
        await peer.score("m1", 6)
        asked = await peer.receive()
        left.set()
        await peer.joined(asked, 6)
        await peer.answer(await peer.receive(), "unsubscribed", match_id="m1")

    async def second(peer: Peer) -> None:
        await peer.welcome()
        for _ in range(2):
            command = await peer.receive()
            assert command["type"] == "ping"  # and no `subscribe` among them
            await peer.send("pong", id=command["id"])

    async def test(connection: Connection) -> None:
        await left.wait()
        await connection.unsubscribe(match="m1")
        await until(lambda: connection.reconnects > 0)
        await connection.ping()
        await connection.ping()

    against(only, second, test=test)


def test_a_token_that_the_server_has_not_taken_may_be_shown_again() -> None:
    tokens = iter(["first"])

    async def first(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=0, expires_in_ms=1)
        assert (await peer.receive())["token"] == "second"
        await peer.goodbye("token_expired", code=4001, reconnect=False)

    async def second(peer: Peer) -> None:
        assert peer.authorization == "Bearer second"
        await peer.welcome()
        await peer.joined(await peer.receive(), 0)

    async def test(connection: Connection) -> None:
        await received_by(connection)
        assert connection.reconnects == 1

    against(first, second, test=test, token=lambda: next(tokens, "second"))


def test_unread_events_do_not_pile_up() -> None:
    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=0)
        await peer.send("pong", id=(await peer.receive())["id"])
        for sequence in range(1, 10_003):
            await peer.score("m1", sequence)
        for command in (await peer.receive(), await peer.receive()):
            if command["type"] == "ping":
                await peer.send("pong", id=command["id"])
            else:
                await peer.joined(command, 10_002)

    async def test(connection: Connection) -> None:
        await connection.ping()
        await connection.ping()
        received = await received_by(connection)
        assert received[0] == ("error", None)
        assert received[-1] == ("snapshot", 10_002)
        assert len(received) < 100

    against(only, test=test)


def test_clients_spread_a_common_pause_and_a_common_start() -> None:
    async def pauses(random: float) -> tuple[float, float]:
        connection = Connection(
            "ws://h", None, http_url=None, timings=Timings(), random=lambda: random
        )
        session = connection._session
        return session._pause_seconds(Retry(2.0)), session._lifetime_seconds()

    assert asyncio.run(pauses(0.0)) == (2.0, 6000)
    assert asyncio.run(pauses(1.0)) == (2.5, 5400)


def test_closing_ends_the_loop() -> None:
    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=0)
        await peer.until_closed()

    async def test(connection: Connection) -> None:
        await connection.close()
        assert await received_by(connection) == [("snapshot", None)]
        with pytest.raises(ConnectionLost):
            await connection.start("m1")

    against(only, test=test)


def test_a_connection_that_has_settled_makes_the_next_wait_short_again() -> None:
    async def last(peer: Peer) -> None:
        await peer.welcome()
        await peer.until_closed()

    async def test(connection: Connection) -> None:
        await until(lambda: connection.reconnects == 4)
        assert connection._session._backoff.failures == 1

    parts = [welcomed(1) for _ in range(4)]
    against(*parts, last, test=test, timings=changed(QUICK, settled_seconds=0))


def test_a_connection_that_has_not_settled_makes_the_next_wait_longer() -> None:
    async def last(peer: Peer) -> None:
        await peer.welcome()
        await peer.until_closed()

    async def test(connection: Connection) -> None:
        await until(lambda: connection.reconnects == 4)
        assert connection._session._backoff.failures == 4

    parts = [welcomed(1) for _ in range(4)]
    against(*parts, last, test=test, timings=changed(QUICK, settled_seconds=3_600))


def test_a_token_of_a_short_life_is_renewed_in_the_middle_of_it_and_not_at_once() -> None:
    received: list[str] = []

    async def only(peer: Peer) -> None:
        await peer.welcome(expires_in_ms=50_000)
        while True:
            command = await peer.receive()
            received.append(command["type"])
            await peer.send("pong", id=command["id"])

    async def test(connection: Connection) -> None:
        for _ in range(3):
            await connection.ping()
        assert received == ["ping"] * 3

    against(only, test=test, token=iter(("first", "second", "third")).__next__)
