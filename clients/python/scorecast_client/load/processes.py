"""Crowds in processes of their own, and what each has seen."""

import asyncio
import multiprocessing
import signal
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection as Pipe
from typing import Final

from scorecast_client.errors import ScorecastError
from scorecast_client.load.crowd import Address, Crowd, CrowdState

STATE_SECONDS: Final = 0.5
"""Between two states that a process sends."""
STOP_SECONDS: Final = 20
"""For the sockets of a process to be closed. It is ended after that."""


@dataclass(frozen=True)
class Task:
    """All that a process needs, as it is sent to it."""

    address: Address
    user_ids: list[str]
    token_for: Callable[[str], str | None]
    per_second: float


class RemoteCrowd:
    """A crowd in a process of its own, with the same face as `Crowd`."""

    def __init__(self, task: Task) -> None:
        self.state = CrowdState()
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, task), daemon=True)
        self._process.start()
        theirs.close()
        self._changed = asyncio.Event()
        self._is_over = False
        asyncio.get_running_loop().add_reader(self._pipe.fileno(), self._read)

    async def connect(self) -> None:
        while not self.state.is_complete:
            if self._is_over:
                raise ScorecastError("A process of the load has ended before its viewers.")
            self._changed.clear()
            await self._changed.wait()

    async def close(self) -> None:
        """Its last state comes before its sockets are closed."""
        with suppress(OSError):
            self._pipe.send("stop")
        with suppress(TimeoutError):
            async with asyncio.timeout(STOP_SECONDS):
                while not self._is_over:
                    self._changed.clear()
                    await self._changed.wait()
        self._forget()
        if self._process.is_alive():
            self._process.terminate()
        self._process.join()

    def _read(self) -> None:
        try:
            self.state = self._pipe.recv()
        except (EOFError, OSError):
            self._forget()
        self._changed.set()

    def _forget(self) -> None:
        if not self._is_over:
            self._is_over = True
            asyncio.get_running_loop().remove_reader(self._pipe.fileno())
            self._pipe.close()


def serve(pipe: Pipe, task: Task) -> None:
    """The process: its parent says when to stop, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to answer
    _allow_open_files(len(task.user_ids))
    asyncio.run(_run(pipe, task))


async def _run(pipe: Pipe, task: Task) -> None:
    crowd = Crowd(task.address, task.user_ids, token_for=task.token_for, per_second=task.per_second)
    connecting = asyncio.create_task(crowd.connect())
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_reader(pipe.fileno(), stopped.set)
    try:
        while not stopped.is_set():
            pipe.send(_light(crowd.state))
            with suppress(TimeoutError):
                async with asyncio.timeout(STATE_SECONDS):
                    await stopped.wait()
        pipe.send(crowd.state)
    except OSError:
        pass  # the parent is gone
    finally:
        connecting.cancel()
        await asyncio.gather(connecting, return_exceptions=True)
        await crowd.close()


def _light(state: CrowdState) -> CrowdState:
    """Without what only the end needs: it grows, and is sent over and over."""
    stats = replace(state.stats, received_early={})
    return replace(state, stats=stats)


def _allow_open_files(sockets: int) -> None:
    """As many as the system lets a process have, where it says so."""
    with suppress(ImportError, ValueError, OSError):
        import resource

        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        wanted = sockets + 200
        if soft < wanted:
            limit = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
            resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
