"""One room of sockets and one score a second, on whatever server: latency, CPU and memory."""

import asyncio
import json
import os
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

CONNECTING_MAX: Final = 20
OPEN_SECONDS: Final = 60
SETTLE_SECONDS: Final = 10
TICKS_PER_SECOND: Final = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Server:
    """Where the room is, and the processes that serve it."""

    url: str
    frame: Callable[[int], str]
    """What the publisher sends; the number is the first participant's score."""
    pids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Used:
    """Of some processes: CPU seconds until now, and memory that is theirs alone."""

    cpu_s: float
    memory_bytes: int


@dataclass(frozen=True, slots=True)
class Watched:
    """What a room's clients have received of so many scores."""

    sockets: int
    scores: int
    delays_ms: list[float]
    cpu_s: float
    memory_bytes: int
    """Of the servers, for all sockets together."""

    @property
    def frames_per_cpu_second(self) -> float:
        return len(self.delays_ms) / self.cpu_s if self.cpu_s else 0.0

    @property
    def lost(self) -> int:
        return self.sockets * self.scores - len(self.delays_ms)


def watch(server: Server, sockets: int, scores: int) -> Watched:
    return asyncio.run(_watch(server, sockets, scores))


async def _watch(server: Server, sockets: int, scores: int) -> Watched:
    before = used(server.pids)
    connections = await _connected(server, sockets)
    await _answered(connections)
    connected = used(server.pids)
    sent_s: dict[int, float] = {}
    delays_ms: list[float] = []
    async with asyncio.TaskGroup() as tasks, connect(server.url) as publisher:
        receiving = [tasks.create_task(_receive(each, sent_s, delays_ms)) for each in connections]
        for number in range(1, scores + 1):
            sent_s[number] = time.monotonic()
            await publisher.send(server.frame(number))
            await asyncio.sleep(1)
        with suppress(TimeoutError):
            await asyncio.wait_for(_all_of(delays_ms, sockets * scores), SETTLE_SECONDS)
        ended = used(server.pids)
        for task in receiving:
            task.cancel()
    await asyncio.gather(*(each.close() for each in connections))
    memory_bytes = max(0, connected.memory_bytes - before.memory_bytes)
    return Watched(sockets, scores, delays_ms, ended.cpu_s - connected.cpu_s, memory_bytes)


async def _connected(server: Server, sockets: int) -> list[ClientConnection]:
    at_once = asyncio.Semaphore(CONNECTING_MAX)

    async def one() -> ClientConnection:
        async with at_once:
            return await connect(server.url, open_timeout=OPEN_SECONDS, ping_interval=None)

    return list(await asyncio.gather(*(one() for _ in range(sockets))))


async def _answered(connections: Iterable[ClientConnection]) -> None:
    """Each socket's server has done what follows its handshake, and replies."""
    await asyncio.gather(*[await each.ping() for each in connections])


async def _receive(
    connection: ClientConnection, sent_s: dict[int, float], delays_ms: list[float]
) -> None:
    with suppress(ConnectionClosed):  # what is not received is lost
        async for text in connection:
            received_s, message = time.monotonic(), json.loads(text)
            if message["type"] == "score_updated":
                number = message["data"]["participant1_score"]
                delays_ms.append((received_s - sent_s[number]) * 1_000)


async def _all_of(delays_ms: list[float], number: int) -> None:
    while len(delays_ms) < number:  # noqa: ASYNC110 (many tasks append to it)
        await asyncio.sleep(0.05)


def used(pids: Iterable[int]) -> Used:
    """Of these processes and all that they have started."""
    found = [each for pid in pids for each in _family(pid)]
    return Used(sum(map(_cpu_s, found)), sum(map(_memory_bytes, found)))


def _family(pid: int) -> list[int]:
    children = [
        int(each)
        for task in Path(f"/proc/{pid}/task").glob("*/children")
        for each in _text(task).split()
    ]
    return [pid, *(each for child in children for each in _family(child))]


def _cpu_s(pid: int) -> float:
    fields = _text(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_SECOND if fields else 0.0


def _memory_bytes(pid: int) -> int:
    lines = [line.split() for line in _text(Path(f"/proc/{pid}/smaps_rollup")).splitlines()]
    return sum(int(line[1]) * 1_024 for line in lines if line[0].startswith("Private_"))


def _text(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:  # it has ended meanwhile
        return ""
