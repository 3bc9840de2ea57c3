import asyncio
import time
from collections.abc import Awaitable, Callable

import pytest

from scorecast_client import (
    CommandRefused,
    Connection,
    ConnectionLost,
    ConnectRefused,
    Event,
    connect,
)
from tests.clients.python.peer import QUICK, Json, Peer, serving

DEADLINE_SECONDS = 10


def against(
    play: Callable[[Peer], Awaitable[None]], test: Callable[[Connection], Awaitable[None]]
) -> None:
    """Run the client's side of a test against a server that plays a part, once."""

    async def run() -> None:
        async with asyncio.timeout(DEADLINE_SECONDS), serving(play) as url:
            async with connect(url, token="t", match="m1", timings=QUICK) as connection:
                await test(connection)

    asyncio.run(run())


async def events_of(connection: Connection) -> list[Event]:
    return [event async for event in connection if event.type != "snapshot"]


def test_the_url_names_the_room_and_the_header_carries_the_token() -> None:
    seen: list[str | None] = []

    async def play(peer: Peer) -> None:
        seen.extend([peer.path, peer.authorization])
        await peer.welcome(match_id="m1", sequence=3)

    async def test(connection: Connection) -> None:
        assert connection.established["connection_id"] == "c1"

    against(play, test)
    assert seen == ["/stage?match_id=m1", "Bearer t"]


def test_answers_find_their_commands_whatever_their_order() -> None:
    async def play(peer: Peer) -> None:
        await peer.welcome()
        commands = [await peer.receive(), await peer.receive()]
        for command in reversed(commands):
            data = {"match_id": command["match_id"], "revision": len(command["match_id"])}
            await peer.send("accepted", id=command["id"], data=data)

    async def test(connection: Connection) -> None:
        first, second = await asyncio.gather(connection.start("m"), connection.start("m2"))
        assert (first.match_id, first.revision) == ("m", 1)
        assert (second.match_id, second.revision) == ("m2", 2)

    against(play, test)


def test_a_refused_command_raises_its_code_and_the_connection_goes_on() -> None:
    async def play(peer: Peer) -> None:
        await peer.welcome()
        refusal = {"code": "stale", "message": "Too late.", "retry_after_ms": 5, "data": {"r": 7}}
        await peer.send("error", id=(await peer.receive())["id"], **refusal)
        await peer.send("pong", id=(await peer.receive())["id"])

    async def test(connection: Connection) -> None:
        with pytest.raises(CommandRefused, match="stale: Too late") as failure:
            await connection.score("m1", (1, 0))
        assert failure.value.code == "stale"
        assert failure.value.retry_after_ms == 5
        assert failure.value.data == {"r": 7}
        assert (await connection.ping())["type"] == "pong"

    against(play, test)


def test_revisions_are_the_servers_milliseconds_and_strictly_increase() -> None:
    seen: list[Json] = []

    async def play(peer: Peer) -> None:
        await peer.welcome()
        for revision in range(5):
            seen.append(await peer.receive())
            data = {"match_id": "m1", "revision": revision}
            await peer.send("accepted", id=seen[-1]["id"], data=data)

    async def test(connection: Connection) -> None:
        await asyncio.gather(*(connection.score("m1", (n, 0)) for n in range(5)))

    before = time.time_ns() // 10**6
    against(play, test)
    revisions = [message["client_revision"] for message in seen]
    assert revisions == sorted(set(revisions))
    assert 0 <= revisions[0] < before  # the peer's clock begins with its welcome
    assert len({message["update_id"] for message in seen}) == 5
    assert "details" not in seen[0]


def test_a_draw_is_completed_with_a_null_winner() -> None:
    seen: list[Json] = []

    async def play(peer: Peer) -> None:
        await peer.welcome()
        seen.append(await peer.receive())
        data = {"match_id": "m1", "revision": 1}
        await peer.send("accepted", id=seen[-1]["id"], data=data)

    async def test(connection: Connection) -> None:
        sets = [{"participant1_score": 2, "participant2_score": 2}]
        await connection.complete("m1", winner_id=None, score=(2, 2), periods=sets)

    against(play, test)
    del seen[0]["id"]
    assert seen == [
        {
            "type": "match_complete",
            "match_id": "m1",
            "winner_id": None,
            "participant1_score": 2,
            "participant2_score": 2,
            "periods": [{"participant1_score": 2, "participant2_score": 2}],
        }
    ]


def test_pings_are_answered() -> None:
    async def play(peer: Peer) -> None:
        await peer.welcome()
        await peer.send("ping", timestamp=1)
        assert await peer.receive() == {"type": "pong"}
        await peer.send("goodbye", code=4012, reason="server_drain", reconnect=True)

    async def test(connection: Connection) -> None:
        assert await events_of(connection) == []
        assert connection.goodbye is not None
        assert connection.goodbye.reason == "server_drain"

    against(play, test)


def test_old_and_repeated_events_are_dropped_match_by_match() -> None:
    async def play(peer: Peer) -> None:
        await peer.score("m2", 6)
        await peer.score("m2", 4)
        matches = [{"match_id": "m1", "sequence": 2}, {"match_id": "m2", "sequence": 5}]
        await peer.welcome(tournament_id="t1", sequence=9, matches=matches)
        for match_id, sequence in (("m1", 2), ("m1", 3), ("m1", 3), ("m2", 6), ("m2", 7)):
            await peer.score(match_id, sequence)
        await peer.send("viewers", data={"tournament_id": "t1", "count": 4, "sequence": 9})

    async def test(connection: Connection) -> None:
        received = [
            (event.type, event.match_id, event.data["sequence"])
            for event in await events_of(connection)
        ]
        assert [number for _, match_id, number in received if match_id == "m1"] == [3]
        assert [number for _, match_id, number in received if match_id == "m2"] == [6, 7]
        assert ("viewers", None, 9) in received

    against(play, test)


def test_events_of_a_subscriptions_answer_are_not_repeated() -> None:
    async def play(peer: Peer) -> None:
        await peer.welcome()
        command = await peer.receive()
        assert command["tournament_id"] == "t2"
        snapshot = {"tournament_id": "t2", "matches": [{"match_id": "m9", "sequence": 4}]}
        await peer.send("subscribed", id=command["id"], data={"snapshot": snapshot})
        await peer.score("m9", 4, tournament_id="t2")
        await peer.score("m9", 5, tournament_id="t2")

    async def test(connection: Connection) -> None:
        joined = await connection.subscribe(tournament="t2")
        assert joined["snapshot"]["tournament_id"] == "t2"
        assert [event.data["sequence"] for event in await events_of(connection)] == [5]

    against(play, test)


def test_errors_that_answer_nothing_become_events() -> None:
    async def play(peer: Peer) -> None:
        await peer.welcome()
        await peer.send("error", code="token_expired", message="Your token has expired.")
        await peer.raw('{"message": "Internal server error", "requestId": "r"}')
        await peer.raw("not a message")

    async def test(connection: Connection) -> None:
        first, *others = await events_of(connection)
        assert (first.type, first.data["code"]) == ("error", "token_expired")
        assert [event.type for event in others] == ["error", "error"]

    against(play, test)


def test_a_command_without_an_answer_ends_with_the_connection() -> None:
    async def play(peer: Peer) -> None:
        await peer.welcome()
        await peer.receive()
        await peer.send("goodbye", code=4004, reason="heartbeat_timeout", reconnect=True)

    async def test(connection: Connection) -> None:
        with pytest.raises(ConnectionLost, match="closed the connection: heartbeat_timeout"):
            await connection.start("m1")
        with pytest.raises(ConnectionLost):
            await connection.start("m1")

    against(play, test)


def test_a_full_room_refuses_with_its_reason() -> None:
    async def play(peer: Peer) -> None:
        await peer.send("error", code="room_full", message="The room is full.")
        last_word = {"code": 4008, "reason": "room_full", "reconnect": True}
        await peer.send("goodbye", retry_after_ms=9000, **last_word)

    async def test(connection: Connection) -> None:
        raise AssertionError("a connection was made")

    with pytest.raises(ConnectRefused, match=r"room_full \(The room is full\)\.") as failure:
        against(play, test)
    assert failure.value.goodbye is not None
    assert failure.value.goodbye.retry_after_ms == 9000


@pytest.mark.parametrize(
    ("status", "reason"), [(400, "known"), (401, "token"), (403, "not allowed")]
)
def test_a_refused_handshake_names_its_status(status: int, reason: str) -> None:
    async def run() -> None:
        async with serving(status, status) as url, connect(url, timings=QUICK):
            raise AssertionError("a connection was made")

    with pytest.raises(ConnectRefused, match=f"{status}: .*{reason}") as failure:
        asyncio.run(run())
    assert failure.value.status == status


@pytest.mark.parametrize("url", ["ws://127.0.0.1:1", "http://127.0.0.1", "nonsense"])
def test_an_address_without_a_socket_is_refused_in_one_sentence(url: str) -> None:
    async def run() -> None:
        async with connect(url):
            raise AssertionError("a connection was made")

    with pytest.raises(ConnectRefused, match="No WebSocket connection"):
        asyncio.run(run())


@pytest.mark.parametrize(
    "url", ["ws://h:99999/?token=hidden", "http://h/?token=hidden", "ws://[h/?token=hidden"]
)
def test_a_wrong_address_is_named_without_its_token(url: str) -> None:
    async def run() -> None:
        async with connect(url):
            raise AssertionError("a connection was made")

    with pytest.raises(ConnectRefused, match="No WebSocket connection") as failure:
        asyncio.run(run())
    assert "hidden" not in str(failure.value)
