"""Connects the viewers, reports the scores, and waits until every viewer has the last one."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from copy import copy
from datetime import UTC, datetime
from typing import Any, Final
from uuid import uuid4

from scorecast_client.async_publisher import AsyncPublisher
from scorecast_client.errors import PublishError, ScorecastError
from scorecast_client.load.crowd import Address, Crowd, CrowdState, memory_bytes
from scorecast_client.load.load_stats import Delays, LoadStats
from scorecast_client.load.plan import Plan
from scorecast_client.load.processes import RemoteCrowd, Task
from scorecast_client.socket import now_ms

SETTLE_SECONDS: Final = 30
"""How long viewers may still wait for the last score."""
SETTLE_POLL_SECONDS: Final = 0.05
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
        self._sent = LoadStats()
        """What was reported and answered; the viewers' part is each crowd's own."""
        self._crowds: list[Crowd | RemoteCrowd] = []
        self._run_id = uuid4().hex[:8]
        self._connecting_s: float | None = None
        self._began_at: float | None = None
        self._ended_at: float | None = None
        self._memory_bytes = 0
        """When all were connected."""
        self._final: dict[str, Any] | None = None

    async def run(self) -> dict[str, Any]:
        """Raises ScorecastError if there is no match, or no viewer can connect."""
        async with self._publisher:
            match_id = self._match_id or await self._register()
            self.phase = "connecting"
            try:
                await self._connect(match_id)
                self.phase = "sending"
                await self._send_all(match_id)
                self.phase = "settling"
                await self._settle()
                room = await self._room_viewers(match_id)
                # before the viewers are disconnected, which is not a result
                ended = self.figures()
            finally:
                await asyncio.gather(*(crowd.close() for crowd in self._crowds))
            # Other processes send what they have received with their last state.
            measured = self.figures()["accepted_to_received"]
            self._final = ended | {"accepted_to_received": measured, "room_viewers": room}
            self.phase = "done"
            return self._final

    @property
    def _states(self) -> list[CrowdState]:
        return [crowd.state for crowd in self._crowds]

    def figures(self) -> dict[str, Any]:
        if self._final is not None:
            return self._final
        states = self._states
        stats, elapsed = self._stats(states), self._elapsed_seconds()
        messages = sum(viewer.messages for viewer in stats.viewers)
        return {
            "viewers": self._plan.viewers,
            "connected": sum(state.connected for state in states),
            "connecting": self._connecting(states),
            "refused": dict(_added(state.refused for state in states)),
            "sent": stats.sent,
            "accepted": len(stats.accepted_at_ms),
            "overtaken": stats.overtaken,
            "messages": messages,
            "messages_per_second": round(messages / elapsed, 1) if elapsed else 0.0,
            "accepted_to_received": stats.delays.summary(),
            "merged_ratio": stats.merged_ratio(),
            "gaps": sum(state.gaps for state in states),
            "reconnects": sum(state.reconnects for state in states),
            "errors": dict(stats.errors),
            "disconnected": dict(_added(state.disconnected for state in states)),
            "uncovered": stats.uncovered(),
            "viewers_behind": stats.behind(),
            "final_score": stats.final_score,
            "memory_mb": self._memory(states),
            "seconds": round(elapsed, 1),
        }

    def _stats(self, states: list[CrowdState]) -> LoadStats:
        """All viewers' together."""
        stats = copy(self._sent)
        stats.viewers, stats.errors = [], Counter(self._sent.errors)
        stats.delays, stats.received_early = Delays(), {}
        for state in states:
            stats.add(state.stats)
        return stats

    def _connecting(self, states: list[CrowdState]) -> dict[str, Any]:
        """The storm: how long it took, and each handshake until its welcome."""
        handshakes = Delays(_added(state.handshakes.counted for state in states))
        seconds = self._connecting_s
        return {
            "seconds": None if seconds is None else round(seconds, 1),
            "per_second": round(handshakes.count / seconds, 1) if seconds else None,
            "handshake": handshakes.summary(),
        }

    def _memory(self, states: list[CrowdState]) -> dict[str, float]:
        """Of this program's processes, when all were connected and now."""
        now = _memory_of(states)
        return {"connected": _megabytes(self._memory_bytes), "now": _megabytes(now)}

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

    async def _connect(self, match_id: str) -> None:
        begun = time.monotonic()
        address = Address(self._ws_url, match_id)
        processes = min(self._plan.processes, self._plan.viewers)
        users = [f"load-{self._run_id}-{number}" for number in range(self._plan.viewers)]
        per_second = self._plan.connections_per_second / processes
        for number in range(processes):
            task = Task(address, users[number::processes], self._token_for, per_second)
            self._crowds.append(RemoteCrowd(task) if processes > 1 else _here(task))
        await asyncio.gather(*(crowd.connect() for crowd in self._crowds))
        self._connecting_s = time.monotonic() - begun
        states = self._states
        self._memory_bytes = _memory_of(states)
        if not any(state.stats.viewers for state in states):
            raise ScorecastError(f"No viewer could connect: {states[0].refusal}")

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
        self._sent.sent += 1
        try:
            answer = await self._publisher.score(match_id, score)
        except PublishError as refused:
            if refused.code == "stale":
                self._sent.overtaken += 1
            else:
                self._sent.errors[refused.code or str(refused)] += 1
        else:
            self._sent.accept(int(answer["revision"]), score, now_ms=now_ms())

    async def _settle(self) -> None:
        with suppress(TimeoutError):
            async with asyncio.timeout(SETTLE_SECONDS):
                # the figures change meanwhile
                while self._stats(self._states).behind():  # noqa: ASYNC110
                    await asyncio.sleep(SETTLE_POLL_SECONDS)
        self._ended_at = time.monotonic()

    async def _room_viewers(self, match_id: str) -> int | None:
        """What the server counts; it should be those that are connected."""
        try:
            return int((await self._publisher.room(match_id))["viewers"])
        except (PublishError, KeyError, TypeError, ValueError):
            return None


def _here(task: Task) -> Crowd:
    return Crowd(task.address, task.user_ids, token_for=task.token_for, per_second=task.per_second)


def _added(counters: Any) -> Counter[Any]:
    return sum(counters, Counter())


def _memory_of(states: list[CrowdState]) -> int:
    """Of this process, and of the others where the viewers are theirs."""
    others = sum(state.memory_bytes for state in states) if len(states) > 1 else 0
    return memory_bytes() + others


def _megabytes(size: int) -> float:
    return round(size / 1e6, 1)


def lost(figures: dict[str, Any]) -> bool:
    """Whether an accepted score did not reach every viewer, or a viewer was not connected."""
    missing = figures["connected"] < figures["viewers"]
    return bool(missing or figures["uncovered"] or figures["viewers_behind"])


async def _sleep_until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.monotonic()))
