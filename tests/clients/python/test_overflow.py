"""A room that is full: its snapshots over HTTP, and then its place."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from scorecast_client import Connection, ConnectRefused, connect
from scorecast_client.credentials import Credentials
from scorecast_client.feed import Feed
from scorecast_client.messages import Event
from scorecast_client.overflow import SLOWDOWN, Overflow
from scorecast_client.rooms import Room
from tests.clients.python.peer import FRESH, QUICK, Part, Peer, serving, until

FAST = replace(QUICK, poll_seconds=0.01, poll_seconds_max=0.02)
Test = Callable[[Connection], Awaitable[None]]


class Snapshots(ThreadingHTTPServer):
    """Answers for one match, whose sequence a test sets."""

    sequence = 4
    failures = 0
    """How many requests are answered with 503 first."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.asked: list[tuple[str, str | None, str | None]] = []
        """The path, the token and the entity tag of each request."""


class _Handler(BaseHTTPRequestHandler):
    server: Snapshots

    def do_GET(self) -> None:
        tag = f'"{self.server.sequence}"'
        given = self.headers.get("If-None-Match")
        self.server.asked.append((self.path, self.headers.get("Authorization"), given))
        status = 304 if given == tag else 200
        if self.server.failures:
            self.server.failures -= 1
            status = 503
        body = json.dumps({"match_id": "m1", "sequence": self.server.sequence}).encode()
        self.send_response(status)
        self.send_header("ETag", tag)
        self.send_header("Content-Length", "0" if status == 304 else str(len(body)))
        self.end_headers()
        if status != 304:
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


def _polls(task: asyncio.Task[Any]) -> bool:
    return "Overflow._poll" in repr(task.get_coro())


@pytest.fixture
def snapshots() -> Iterator[Snapshots]:
    with Snapshots() as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


async def full(peer: Peer) -> None:
    await peer.send("error", code="room_full", message="The room is full.")
    await peer.goodbye("room_full", code=4008, retry_after_ms=10)


def against(snapshots: Snapshots, test: Test, *parts: Part) -> None:
    async def run() -> None:
        http_url = f"http://127.0.0.1:{snapshots.server_port}"
        async with (
            serving(*parts) as url,
            connect(url, token=FRESH, match="m1", http_url=http_url, timings=FAST) as connection,
        ):
            await test(connection)

    asyncio.run(asyncio.wait_for(run(), 20))


def phase(connection: Connection) -> str:
    return connection.phase


async def sequences(connection: Connection, wanted: list[int]) -> None:
    for sequence in wanted:
        event = await anext(connection)
        assert (event.type, event.data["snapshot"]["sequence"]) == ("snapshot", sequence)


def test_a_full_room_is_read_over_http_until_there_is_a_place(snapshots: Snapshots) -> None:
    has_place = asyncio.Event()

    async def outside(peer: Peer) -> None:
        await peer.welcome()
        while not has_place.is_set():
            command = await peer.receive()
            await peer.send(
                "error", id=command["id"], code="room_full", message="Full.", retry_after_ms=5
            )
        await peer.joined(await peer.receive(), 9)
        await peer.until_closed()

    async def test(connection: Connection) -> None:
        await sequences(connection, [4])
        assert phase(connection) == "polling"
        assert connection.reason.startswith("The room is full")
        snapshots.sequence = 5
        await sequences(connection, [5])
        has_place.set()
        await sequences(connection, [9])
        assert phase(connection) == "live"
        await until(lambda: not any(map(_polls, asyncio.all_tasks())))

    against(snapshots, test, full, outside)
    assert snapshots.asked[0] == ("/matches/m1", f"Bearer {FRESH}", None)
    assert {tag for _, _, tag in snapshots.asked[1:]} <= {'"4"', '"5"'}


def test_a_room_that_is_full_after_a_reconnect_is_read_too(snapshots: Snapshots) -> None:
    async def inside(peer: Peer) -> None:
        await peer.welcome(match_id="m1", sequence=4)
        peer.cut()

    async def outside(peer: Peer) -> None:
        await peer.welcome()
        command = await peer.receive()
        await peer.send(
            "error", id=command["id"], code="room_full", message="Full.", retry_after_ms=60_000
        )
        await peer.until_closed()

    async def test(connection: Connection) -> None:
        await sequences(connection, [4])
        snapshots.sequence = 6
        await sequences(connection, [6])
        assert phase(connection) == "polling"
        await connection.unsubscribe(match="m1")
        assert phase(connection) == "live"

    against(snapshots, test, inside, outside)


def test_an_answer_without_a_snapshot_is_ignored(snapshots: Snapshots) -> None:
    async def outside(peer: Peer) -> None:
        await peer.welcome()
        await peer.until_closed()

    async def test(connection: Connection) -> None:
        await sequences(connection, [4])
        assert len(snapshots.asked) == 3

    snapshots.failures = 2
    against(snapshots, test, full, outside)


def test_without_the_http_api_a_full_room_refuses() -> None:
    async def run() -> None:
        timings = replace(QUICK, open_seconds=0.1)
        async with serving(full) as url, connect(url, match="m1", timings=timings):
            raise AssertionError("a connection was made")

    with pytest.raises(ConnectRefused):
        asyncio.run(run())


class Paces(Overflow):
    """Pauses for no time, and keeps for how long it would have."""

    def __init__(self, url: str, feed: Feed, emit: Callable[[list[Event]], None]) -> None:
        super().__init__(
            url, feed, emit, credentials=Credentials(FRESH), timings=FAST, random=lambda: 0.0
        )
        self.seconds: list[float] = []

    async def _pause(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await asyncio.sleep(0)


def test_reads_slow_down_until_something_changes(
    snapshots: Snapshots,
) -> None:
    match = Room("match", "m1")

    async def run() -> list[float]:
        paces = Paces(f"http://127.0.0.1:{snapshots.server_port}", Feed(), lambda _: None)
        paces.start(match)
        await until(lambda: len(paces.seconds) >= 4)
        snapshots.sequence += 1
        await until(lambda: paces.seconds.count(FAST.poll_seconds) >= 2)
        await paces.close()
        return paces.seconds

    seconds = asyncio.run(run())
    slower = FAST.poll_seconds * SLOWDOWN
    assert seconds[:3] == [FAST.poll_seconds, slower, FAST.poll_seconds_max]
    assert set(seconds) == {FAST.poll_seconds, slower, FAST.poll_seconds_max}
