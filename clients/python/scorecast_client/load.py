"""Puts viewers and score updates on a match, and counts what becomes of them."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from scorecast_client.async_publisher import AsyncPublisher
from scorecast_client.connection import Connection, connect
from scorecast_client.errors import ScorecastError
from scorecast_client.exchange import PublishError
from scorecast_client.tally import Tally, Viewer
from scorecast_client.wire import now_ms

SETTLE_SECONDS: Final = 30
"""How long viewers may still wait for the last score."""
SETTLE_POLL_SECONDS: Final = 0.05
CONNECTING_MAX: Final = 20
"""Handshakes under way at once."""
SCORE_MAX: Final = 1_000_000


@dataclass(frozen=True)
class Plan:
    viewers: int = 10
    updates_per_second: float = 1
    seconds: float = 10
    connections_per_second: float = 10


class Load:
    """`run` it once; `figures` can be looked at meanwhile."""

    def __init__(
        self,
        plan: Plan,
        *,
        ws_url: str,
        http_url: str,
        token: str,
        token_for: Callable[[str], str | None],
        match_id: str | None = None,
    ) -> None:
        self.phase = "starting"
        self._plan = plan
        self._ws_url = ws_url
        self._publisher = AsyncPublisher(http_url, token=token)
        self._token_for = token_for
        self._match_id = match_id
        self._tally = Tally()
        self._connections: list[Connection] = []
        self._run_id = uuid4().hex[:8]
        self._began_at: float | None = None
        self._ended_at: float | None = None

    async def run(self) -> dict[str, Any]:
        """Raises ScorecastError where the load cannot be put on at all."""
        async with self._publisher, AsyncExitStack() as sockets:
            match_id = self._match_id or await self._register()
            self.phase = "connecting"
            hearing = await self._seat(match_id, sockets)
            try:
                self.phase = "sending"
                await self._send_all(match_id)
                self.phase = "settling"
                await self._settle()
            finally:
                self.phase = "over"
                for task in hearing:
                    task.cancel()
                await asyncio.gather(*hearing, return_exceptions=True)
            return self.figures()

    def figures(self) -> dict[str, Any]:
        tally, elapsed = self._tally, self._elapsed_seconds()
        frames = sum(viewer.frames for viewer in tally.viewers)
        return {
            "viewers": self._plan.viewers,
            "connected": sum(connection.phase == "live" for connection in self._connections),
            "sent": tally.sent,
            "accepted": len(tally.accepted_at_ms),
            "overtaken": tally.overtaken,
            "frames": frames,
            "frames_per_second": round(frames / elapsed, 1) if elapsed else 0.0,
            "accepted_to_received": tally.delays.summary(),
            "merged_ratio": tally.merged_ratio(),
            "gaps": sum(connection.gaps for connection in self._connections),
            "reconnects": sum(connection.reconnects for connection in self._connections),
            "errors": dict(tally.errors),
            "away": dict(Counter(c.reason for c in self._connections if c.phase != "live")),
            "uncovered": tally.uncovered(),
            "viewers_behind": tally.behind(),
            "final_score": tally.final_score,
            "seconds": round(elapsed, 1),
        }

    def _elapsed_seconds(self) -> float:
        if self._began_at is None:
            return 0.0
        return (self._ended_at or time.monotonic()) - self._began_at

    async def _register(self) -> str:
        tournament_id, match_id = f"load-{self._run_id}", f"load-{self._run_id}-1"
        await self._publisher.put_tournament(tournament_id, name="Load", organizers=[])
        await self._publisher.put_match(
            match_id,
            tournament_id=tournament_id,
            participants=[("load-a", "Load A"), ("load-b", "Load B")],
            scheduled_at=datetime.now(UTC),
        )
        await self._publisher.start(match_id)
        return match_id

    async def _seat(self, match_id: str, sockets: AsyncExitStack) -> list[asyncio.Task[None]]:
        """Connect the viewers, so many a second. Whoever is not let in is an error."""
        at_once = asyncio.Semaphore(CONNECTING_MAX)
        hearing: list[asyncio.Task[None]] = []
        begun = time.monotonic()

        async def sit_down(number: int) -> None:
            await _sleep_until(begun + number / self._plan.connections_per_second)
            token = self._token_for(f"load-{self._run_id}-{number}")
            async with at_once:
                connection = await _entered(
                    sockets, connect(self._ws_url, token=token, match=match_id)
                )
            viewer = Viewer()
            self._tally.viewers.append(viewer)
            self._connections.append(connection)
            hearing.append(asyncio.create_task(self._hear(connection, viewer)))

        seats = [asyncio.create_task(sit_down(number)) for number in range(self._plan.viewers)]
        for refused in await asyncio.gather(*seats, return_exceptions=True):
            if isinstance(refused, ScorecastError):
                self._tally.errors[str(refused)] += 1
            elif isinstance(refused, BaseException):
                raise refused
        if not self._connections:
            raise ScorecastError(f"No viewer was let in: {next(iter(self._tally.errors))}")
        return hearing

    async def _hear(self, connection: Connection, viewer: Viewer) -> None:
        async for event in connection:
            self._tally.hear(viewer, event)

    async def _send_all(self, match_id: str) -> None:
        """Send at the given rate, whatever becomes of it: a slow service gets no mercy."""
        self._began_at = begun = time.monotonic()
        updates = int(self._plan.updates_per_second * self._plan.seconds)
        async with asyncio.TaskGroup() as tasks:
            for number in range(1, updates + 1):
                await _sleep_until(begun + (number - 1) / self._plan.updates_per_second)
                tasks.create_task(self._send(match_id, (number % SCORE_MAX, number // SCORE_MAX)))
            await _sleep_until(begun + self._plan.seconds)

    async def _send(self, match_id: str, score: tuple[int, int]) -> None:
        self._tally.sent += 1
        try:
            answer = await self._publisher.score(match_id, score)
        except PublishError as refused:
            if refused.code == "stale":
                self._tally.overtaken += 1
            else:
                self._tally.errors[refused.code or str(refused)] += 1
        else:
            self._tally.accept(int(answer["revision"]), score, now_ms=now_ms())

    async def _settle(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                while self._tally.behind():  # noqa: ASYNC110 (the table moves meanwhile)
                    await asyncio.sleep(SETTLE_POLL_SECONDS)
        self._ended_at = time.monotonic()


def lost(figures: dict[str, Any]) -> bool:
    """Whether a score that was accepted did not reach everyone, or someone was not there."""
    unseated = figures["connected"] < figures["viewers"]
    return bool(unseated or figures["uncovered"] or figures["viewers_behind"])


async def _entered(sockets: AsyncExitStack, connecting: Any) -> Connection:
    connection: Connection = await sockets.enter_async_context(connecting)
    return connection


async def _sleep_until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.monotonic()))
