"""Connects the viewers, reports the scores, and waits until every viewer has the last one."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from scorecast_client.async_publisher import AsyncPublisher
from scorecast_client.connection import Connection, connect
from scorecast_client.errors import PublishError, ScorecastError
from scorecast_client.load.load_stats import LoadStats, Viewer
from scorecast_client.load.plan import Plan
from scorecast_client.socket import now_ms

SETTLE_SECONDS: Final = 30
"""How long viewers may still wait for the last score."""
SETTLE_POLL_SECONDS: Final = 0.05
CONNECTING_MAX: Final = 20
"""Handshakes at the same time."""
SCORE_MAX: Final = 1_000_000


class Load:
    """`run` it once; `figures` can be read meanwhile."""

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
        self._stats = LoadStats()
        self._connections: list[Connection] = []
        self._run_id = uuid4().hex[:8]
        self._began_at: float | None = None
        self._ended_at: float | None = None
        self._final: dict[str, Any] | None = None

    async def run(self) -> dict[str, Any]:
        """Raises ScorecastError if there is no match, or no viewer can connect."""
        async with self._publisher, AsyncExitStack() as sockets:
            match_id = self._match_id or await self._register()
            self.phase = "connecting"
            receiving = await self._connect_viewers(match_id, sockets)
            try:
                self.phase = "sending"
                await self._send_all(match_id)
                self.phase = "settling"
                await self._settle()
            finally:
                # before the viewers are disconnected, which is not a result
                self._final = self.figures()
                self.phase = "done"
                for task in receiving:
                    task.cancel()
                await asyncio.gather(*receiving, return_exceptions=True)
            return self._final

    def figures(self) -> dict[str, Any]:
        if self._final is not None:
            return self._final
        stats, elapsed = self._stats, self._elapsed_seconds()
        messages = sum(viewer.messages for viewer in stats.viewers)
        return {
            "viewers": self._plan.viewers,
            "connected": sum(connection.phase == "live" for connection in self._connections),
            "sent": stats.sent,
            "accepted": len(stats.accepted_at_ms),
            "overtaken": stats.overtaken,
            "messages": messages,
            "messages_per_second": round(messages / elapsed, 1) if elapsed else 0.0,
            "accepted_to_received": stats.delays.summary(),
            "merged_ratio": stats.merged_ratio(),
            "gaps": sum(connection.gaps for connection in self._connections),
            "reconnects": sum(connection.reconnects for connection in self._connections),
            "errors": dict(stats.errors),
            "disconnected": dict(Counter(c.reason for c in self._connections if c.phase != "live")),
            "uncovered": stats.uncovered(),
            "viewers_behind": stats.behind(),
            "final_score": stats.final_score,
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

    async def _connect_viewers(
        self, match_id: str, sockets: AsyncExitStack
    ) -> list[asyncio.Task[None]]:
        """Connect so many a second. A viewer that is refused counts as an error."""
        at_once = asyncio.Semaphore(CONNECTING_MAX)
        receiving: list[asyncio.Task[None]] = []
        begun = time.monotonic()

        async def connect_one(number: int) -> None:
            await _sleep_until(begun + number / self._plan.connections_per_second)
            token = self._token_for(f"load-{self._run_id}-{number}")
            async with at_once:
                connecting = connect(self._ws_url, token=token, match=match_id)
                connection = await sockets.enter_async_context(connecting)
            viewer = Viewer()
            self._stats.viewers.append(viewer)
            self._connections.append(connection)
            receiving.append(asyncio.create_task(self._receive(connection, viewer)))

        connecting = [asyncio.create_task(connect_one(n)) for n in range(self._plan.viewers)]
        refusals = await _refusals(connecting)
        self._stats.errors.update(str(refused) for refused in refusals)
        if not self._connections:
            raise ScorecastError(f"No viewer could connect: {refusals[0]}") from refusals[0]
        return receiving

    async def _receive(self, connection: Connection, viewer: Viewer) -> None:
        async for event in connection:
            self._stats.receive(viewer, event)

    async def _send_all(self, match_id: str) -> None:
        """Send at the given rate, however slow the service answers."""
        self._began_at = begun = time.monotonic()
        updates = int(self._plan.updates_per_second * self._plan.seconds)
        async with asyncio.TaskGroup() as tasks:
            for number in range(1, updates + 1):
                await _sleep_until(begun + (number - 1) / self._plan.updates_per_second)
                tasks.create_task(self._send(match_id, (number % SCORE_MAX, number // SCORE_MAX)))
            await _sleep_until(begun + self._plan.seconds)

    async def _send(self, match_id: str, score: tuple[int, int]) -> None:
        self._stats.sent += 1
        try:
            answer = await self._publisher.score(match_id, score)
        except PublishError as refused:
            if refused.code == "stale":
                self._stats.overtaken += 1
            else:
                self._stats.errors[refused.code or str(refused)] += 1
        else:
            self._stats.accept(int(answer["revision"]), score, now_ms=now_ms())

    async def _settle(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                while self._stats.behind():  # noqa: ASYNC110 (the figures change meanwhile)
                    await asyncio.sleep(SETTLE_POLL_SECONDS)
        self._ended_at = time.monotonic()


def lost(figures: dict[str, Any]) -> bool:
    """Whether an accepted score did not reach every viewer, or a viewer was not connected."""
    missing = figures["connected"] < figures["viewers"]
    return bool(missing or figures["uncovered"] or figures["viewers_behind"])


async def _refusals(connecting: list[asyncio.Task[None]]) -> list[ScorecastError]:
    outcomes = await asyncio.gather(*connecting, return_exceptions=True)
    refusals = []
    for outcome in outcomes:
        if isinstance(outcome, ScorecastError):
            refusals.append(outcome)
        elif isinstance(outcome, BaseException):
            raise outcome
    return refusals


async def _sleep_until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.monotonic()))
