"""The newest wish about a room counts, whatever becomes of the commands before it."""

import asyncio
from dataclasses import replace as changed

import pytest

from scorecast_client import Connection, ScorecastError
from scorecast_client.resync import GAP_SPREAD_SECONDS_MAX
from scorecast_client.rooms import Room
from tests.clients.python.peer import QUICK, Peer, until
from tests.clients.python.test_session import against, next_of, received_by

BRISK = changed(QUICK, repeat_seconds=0.1, deadline_seconds=5)


def test_a_subscribe_outlives_an_unsubscribe_whose_answer_is_lost() -> None:
    order: list[str] = []

    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=1)
        while True:
            command = await peer.receive()
            order.append(command["type"])
            if command["type"] == "subscribe":
                await peer.joined(command, 1)
                await peer.score("m1", 2)

    async def test(connection: Connection) -> None:
        leaving = asyncio.create_task(connection.unsubscribe(match="m1"))
        await until(lambda: bool(order))
        await connection.subscribe(match="m1")
        await leaving
        assert (await next_of(connection, "score_updated")).data["sequence"] == 2
        assert order == ["unsubscribe", "subscribe"]

    against(only, test=test, timings=BRISK)


def test_a_subscribe_outlives_an_unsubscribe_across_a_cut() -> None:
    async def first(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=1)
        assert (await peer.receive())["type"] == "unsubscribe"
        peer.cut()

    async def second(peer: Peer) -> None:
        await peer.welcome()
        await peer.joined(await peer.receive(), 1)
        await peer.score("m1", 2)
        ping = await peer.receive()
        assert ping["type"] == "ping"  # and no `unsubscribe` before it
        await peer.send("pong", id=ping["id"])

    async def test(connection: Connection) -> None:
        leaving = asyncio.create_task(connection.unsubscribe(match="m1"))
        await asyncio.sleep(0)
        await connection.subscribe(match="m1")
        await leaving
        assert (await next_of(connection, "score_updated")).data["sequence"] == 2
        await connection.ping()

    against(first, second, test=test, timings=BRISK)


def test_an_unsubscribe_outlives_a_subscribe_whose_answer_is_lost() -> None:
    order: list[str] = []

    async def only(peer: Peer) -> None:
        await peer.welcome()
        while True:
            command = await peer.receive()
            order.append(command["type"])
            if command["type"] == "unsubscribe":
                await peer.answer(command, "unsubscribed", match_id="m1")

    async def test(connection: Connection) -> None:
        joining = asyncio.create_task(connection.subscribe(match="m1"))
        await until(lambda: bool(order))
        await connection.unsubscribe(match="m1")
        with pytest.raises(ScorecastError, match="unsubscribed meanwhile"):
            await joining
        assert order == ["subscribe", "unsubscribe"]

    against(only, test=test, match=None, timings=BRISK)


def test_a_room_that_is_left_before_its_answer_comes_does_not_come_back() -> None:
    asked, withdrawn = asyncio.Event(), asyncio.Event()

    async def first(peer: Peer) -> None:
        await peer.welcome()
        join = await peer.receive()
        asked.set()
        await withdrawn.wait()
        await peer.joined(join, 1)
        await peer.answer(await peer.receive(), "unsubscribed", match_id="m1")

    async def second(peer: Peer) -> None:
        await peer.welcome()
        ping = await peer.receive()
        assert ping["type"] == "ping"  # and no `subscribe` before it
        await peer.send("pong", id=ping["id"])

    async def test(connection: Connection) -> None:
        joining = asyncio.create_task(connection.subscribe(match="m1"))
        await asked.wait()
        leaving = asyncio.create_task(connection.unsubscribe(match="m1"))
        await asyncio.sleep(0)  # its first step withdraws the wish
        withdrawn.set()
        await leaving
        with pytest.raises(ScorecastError, match="unsubscribed meanwhile"):
            await joining
        await until(lambda: connection.reconnects > 0)
        await connection.ping()

    against(first, second, test=test, match=None)


def test_a_subscribe_that_times_out_leaves_no_stale_member() -> None:
    order: list[str] = []
    left = asyncio.Event()

    async def only(peer: Peer) -> None:
        await peer.welcome()
        while True:
            command = await peer.receive()
            order.append(command["type"])
            if command["type"] == "unsubscribe":
                await peer.answer(command, "unsubscribed", match_id="m1")
                left.set()

    async def test(connection: Connection) -> None:
        with pytest.raises(ScorecastError, match="not answered"):
            await connection.subscribe(match="m1")
        await left.wait()
        assert order[-1] == "unsubscribe"

    timings = changed(QUICK, repeat_seconds=0.05, deadline_seconds=0.1)
    against(only, test=test, match=None, timings=timings)


AWAY = {"code": 4003, "reconnect": False}
SOON = changed(QUICK, lifetime_seconds=0.1)


def test_a_socket_that_takes_over_leaves_what_was_left_meanwhile() -> None:
    entered, left = asyncio.Event(), asyncio.Event()

    async def old(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=1)
        await peer.joined(await peer.receive(), 1)
        await peer.answer(await peer.receive(), "unsubscribed", match_id="m1")
        left.set()
        await peer.until_closed()

    async def new(peer: Peer) -> None:
        await peer.welcome()
        await peer.joined(await peer.receive(), 1)
        entered.set()
        join_second = await peer.receive()
        assert join_second["match_id"] == "m2"
        await peer.joined(join_second, 1)
        await left.wait()
        command = await peer.receive()
        assert (command["type"], command["match_id"]) == ("unsubscribe", "m1")
        await peer.answer(command, "unsubscribed", match_id="m1")
        await peer.goodbye("disconnected_by_server", **AWAY)

    async def test(connection: Connection) -> None:
        await connection.subscribe(match="m2")
        await entered.wait()
        await connection.unsubscribe(match="m1")
        await received_by(connection)
        assert connection.goodbye is not None
        assert connection.goodbye.reason == "disconnected_by_server"

    against(old, new, test=test, timings=SOON)


def test_a_socket_that_takes_over_joins_what_was_joined_meanwhile() -> None:
    taken_over = asyncio.Event()

    async def old(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=1)
        join_second = await peer.receive()
        await taken_over.wait()
        await peer.joined(join_second, 1)
        await peer.until_closed()

    async def new(peer: Peer) -> None:
        await peer.welcome()
        await peer.joined(await peer.receive(), 1)
        command = await peer.receive()
        assert (command["type"], command["match_id"]) == ("subscribe", "m2")
        await peer.joined(command, 1)
        await peer.goodbye("disconnected_by_server", **AWAY)

    async def test(connection: Connection) -> None:
        first = connection._session.socket
        joining = asyncio.create_task(connection.subscribe(match="m2"))
        await until(lambda: connection._session.socket is not first)
        taken_over.set()
        await joining
        await received_by(connection)
        assert connection.goodbye is not None
        assert connection.goodbye.reason == "disconnected_by_server"

    against(old, new, test=test, timings=SOON)


def test_a_gap_is_asked_for_at_a_random_time_that_grows_with_the_room() -> None:
    pauses: list[float] = []

    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=1)
        for viewers, sequence in ((50, 3), (2000, 5), (10**9, 7)):
            ping = await peer.receive()
            data = {"room": "match", "match_id": "m1", "count": viewers, "sequence": sequence - 2}
            await peer.send("viewers", data=data)
            await peer.score("m1", sequence)
            await peer.send("pong", id=ping["id"])
            await peer.joined(await peer.receive(), sequence)
        await peer.goodbye("disconnected_by_server", **AWAY)

    async def test(connection: Connection) -> None:
        resync = connection._memberships.resync
        spread = resync._spread_seconds

        def remembered(room: Room) -> float:
            pauses.append(spread(room))
            return 0.0

        resync._spread_seconds = remembered  # type: ignore[method-assign]
        await next_of(connection, "snapshot")
        for gaps in (1, 2, 3):
            await connection.ping()
            await next_of(connection, "snapshot")
            assert connection.gaps == gaps
        await received_by(connection)

    against(only, test=test)
    assert pauses == [0.1, 4.0, GAP_SPREAD_SECONDS_MAX]


def test_viewers_that_miss_the_same_event_ask_at_times_of_their_own() -> None:
    """One draws the beginning of a spread that no test would wait for."""

    async def only(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=1)
        ping = await peer.receive()
        await peer.score("m1", 3)
        await peer.send("pong", id=ping["id"])
        await peer.joined(await peer.receive(), 3)
        await peer.until_closed()

    async def test(connection: Connection) -> None:
        resync = connection._memberships.resync
        resync._random = lambda: 0.0
        resync._spread_seconds = lambda _: 3_600.0  # type: ignore[method-assign,assignment]
        await next_of(connection, "snapshot")
        await connection.ping()
        await next_of(connection, "snapshot")
        assert connection.gaps == 1

    against(only, test=test)
