"""An official of a replay: reports one match at a time, within the rate limit."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final

from scorecast_client.connection import Connection
from scorecast_client.errors import CommandRefused, ScorecastError
from scorecast_client.messages import Acceptance
from scorecast_client.replay.pace import Pace
from scorecast_client.replay.report import Sent
from scorecast_client.replay.script import Complete, Score
from scorecast_client.replay.tournament import Match

ATTEMPTS: Final = 20
"""How often a command is sent before its refusal counts, where sending it again can help."""
FAULT_PAUSE_SECONDS: Final = 0.5


class ReplayError(ScorecastError):
    """The replay could not be played to its end."""


class Official:
    """A connection of a user with the right to report scores."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pace = Pace()

    async def start(self, match: Match) -> None:
        await self._until_accepted(match, lambda: self._connection.start(match.id))

    async def score(self, match: Match, action: Score) -> Sent:
        sent_at_ms = 0.0

        async def report_it() -> Acceptance:
            nonlocal sent_at_ms
            sent_at_ms = time.time_ns() / 1e6
            return await self._connection.score(
                match.id, action.score, details=action.details, update_id=update_id
            )

        update_id = f"{match.id}-{sum(action.score)}"
        accepted = await self._until_accepted(match, report_it)
        return Sent(match.id, accepted.revision, sent_at_ms)

    async def complete(self, match: Match, action: Complete) -> None:
        await self._until_accepted(
            match,
            lambda: self._connection.complete(
                match.id, winner_id=action.winner_id, details=action.details
            ),
        )

    async def _until_accepted(
        self, match: Match, command: Callable[[], Awaitable[Acceptance]]
    ) -> Acceptance:
        for attempt in range(1, ATTEMPTS + 1):
            await asyncio.sleep(self._pace.wait_seconds(time.monotonic()))
            try:
                return await command()
            except CommandRefused as refused:
                pause_seconds = _pause_seconds(refused)
                if pause_seconds is None or attempt == ATTEMPTS:
                    reason = str(refused).rstrip(".")
                    sentence = f"An official was refused in {match.id}: {reason}."
                    raise ReplayError(sentence) from refused
            await asyncio.sleep(pause_seconds)
        raise AssertionError("the last attempt returns or raises")


def _pause_seconds(refusal: CommandRefused) -> float | None:
    """How long to wait before the same command may be accepted; None if it never will be."""
    if refusal.retry_after_ms is not None:
        return refusal.retry_after_ms / 1000
    return FAULT_PAUSE_SECONDS if refusal.code == "internal_error" else None
