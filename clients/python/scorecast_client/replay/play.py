"""Plays a tournament through the service, and compares what a spectator received with the file."""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import AsyncExitStack
from typing import Final

from scorecast_client.async_publisher import AsyncPublisher
from scorecast_client.connection import Connection, connect
from scorecast_client.replay.official import Official, ReplayError
from scorecast_client.replay.report import Received, Report, Sent, report
from scorecast_client.replay.script import Action, Complete, Score, Start, script, sessions
from scorecast_client.replay.structure import structure_of
from scorecast_client.replay.tournament import Match, Tournament
from scorecast_client.scoreboard import Scoreboard
from scorecast_client.stack import Stack

OFFICIALS: Final = 4
"""Users with a socket each. They take turns, so that none exceeds the rate limit."""
OFFICIALS_OF_ONE_USER: Final = 2
"""With the spectator's that makes the three connections that a user may hold."""
LAST_EVENTS_SECONDS: Final = 30
"""How long the spectator may still wait for events after the last command was accepted."""

Progress = Callable[[int, int, str], None]
"""Called with how many steps are done, how many there are, and a text for the newest."""


async def replay_on(
    stack: Stack,
    tournament: Tournament,
    *,
    speed: float = math.inf,
    progress: Progress = lambda done, total, text: None,
) -> Report:
    """Replay on a stack whose secret is known, with a user of its own for each official."""
    return await replay(
        tournament,
        ws_url=stack.ws_url,
        http_url=stack.http_url,
        token=stack.tokens["admin"],
        token_for=stack.token_for,
        speed=speed,
        progress=progress,
    )


async def replay(
    tournament: Tournament,
    *,
    ws_url: str,
    http_url: str,
    token: str,
    token_for: Callable[[str], str] | None = None,
    speed: float = math.inf,
    progress: Progress = lambda done, total, text: None,
) -> Report:
    """Register the tournament, play its matches, compare what a spectator ended with.

    `token` is an admin's or a service's. `token_for` returns one for a user id; without it
    all connections use `token`. `speed` is a factor over real time: 3600 plays an hour of a match
    in a second, infinity plays as fast as the server accepts. The time between matches is left
    out; matches that overlapped are played at the same time. Raises ScorecastError.
    """
    own_tokens = token_for or (lambda user_id: token)
    officials = OFFICIALS if token_for else OFFICIALS_OF_ONE_USER
    users = [f"official-{number}" for number in range(1, officials + 1)]
    steps = _Steps(tournament, progress)
    async with AsyncPublisher(http_url, token=token) as publisher:
        await _register(tournament, publisher, organizers=users, steps=steps)
    async with AsyncExitStack() as sockets:
        spectator = await sockets.enter_async_context(
            connect(ws_url, token=own_tokens("replay-spectator"), tournament=tournament.id)
        )
        play = _Play(tournament, spectator, speed=speed, steps=steps)
        for user in users:
            official = connect(ws_url, token=own_tokens(user))
            play.add_official(await sockets.enter_async_context(official))
        return await _first_failure(play.run())


class _Steps:
    def __init__(self, tournament: Tournament, progress: Progress) -> None:
        actions = sum(len(script(match)) for match in tournament.played)
        self._total = len(tournament.matches) + actions
        self._done = 0
        self._progress = progress

    def done(self, text: str) -> None:
        self._done += 1
        self._progress(self._done, self._total, text)


class _Play:
    def __init__(
        self, tournament: Tournament, spectator: Connection, *, speed: float, steps: _Steps
    ) -> None:
        self._matches = tournament.played
        self._spectator = spectator
        self._speed = speed
        self._steps = steps
        self._free: asyncio.Queue[Official] = asyncio.Queue()
        self._sent: list[Sent] = []
        self._received = Received()
        snapshot = spectator.established.get("snapshot")
        if not snapshot:
            raise ReplayError(f"The spectator was not admitted to the room of {tournament.id}.")
        self._received.scoreboard.load(snapshot)
        _check_unplayed(tournament, self._received.scoreboard)

    def add_official(self, connection: Connection) -> None:
        self._free.put_nowait(Official(connection))

    async def run(self) -> Report:
        begun = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            receiving = tasks.create_task(self._receive())
            for session in sessions(self._matches):
                await self._play_together(session)
            await asyncio.wait({receiving}, timeout=LAST_EVENTS_SECONDS)
            receiving.cancel()
        seconds = time.monotonic() - begun
        return report(self._matches, sent=self._sent, received=self._received, seconds=seconds)

    async def _receive(self) -> None:
        """Until every match is completed."""
        async for event in self._spectator:
            self._received.take(event)
            if event.type in ("match_completed", "snapshot") and self._all_completed():
                return
        raise ReplayError(
            f"The spectator's connection ended before the last match did. {self._spectator.reason}"
        )

    def _all_completed(self) -> bool:
        rows = self._received.scoreboard.rows
        return all(
            match.id in rows and rows[match.id].state == "completed" for match in self._matches
        )

    async def _play_together(self, session: Sequence[Match]) -> None:
        begun = time.monotonic()
        async with asyncio.TaskGroup() as tasks:
            for match in session:
                late = match.kick_off - session[0].kick_off
                kick_off = begun + late.total_seconds() / self._speed
                tasks.create_task(self._play(match, kick_off))

    async def _play(self, match: Match, kick_off: float) -> None:
        await _sleep_until(kick_off)
        official = await self._free.get()
        try:
            for action in script(match):
                await _sleep_until(kick_off + action.minute * 60 / self._speed)
                await self._perform(official, match, action)
        finally:
            self._free.put_nowait(official)

    async def _perform(self, official: Official, match: Match, action: Action) -> None:
        score = match.final
        match action:
            case Start():
                score = (0, 0)
                await official.start(match)
            case Score():
                score = action.score
                self._sent.append(await official.score(match, action))
            case Complete():
                await official.complete(match, action)
        first, second = match.teams
        self._steps.done(f"{first.name} {score[0]}:{score[1]} {second.name}")


async def _register(
    tournament: Tournament, publisher: AsyncPublisher, *, organizers: list[str], steps: _Steps
) -> None:
    await publisher.put_tournament(tournament.id, name=tournament.name, organizers=organizers)
    for match in tournament.matches:
        await publisher.put_match(
            match.id,
            tournament_id=tournament.id,
            participants=[(team.id, team.name) for team in match.teams],
            scheduled_at=match.kick_off,
        )
        steps.done(f"{match.id} registered")
    await publisher.put_structure(tournament.id, structure_of(tournament))


def _check_unplayed(tournament: Tournament, scoreboard: Scoreboard) -> None:
    for match in tournament.matches:
        row = scoreboard.rows.get(match.id)
        if row and row.state != "scheduled":
            raise ReplayError(
                f"{match.id} of {tournament.id} is already {row.state} here: "
                "replay the file under another id."
            )


async def _first_failure(play: Awaitable[Report]) -> Report:
    try:
        return await play
    except ExceptionGroup as group:
        failure: BaseException = group
        while isinstance(failure, ExceptionGroup):
            failure = failure.exceptions[0]
        raise failure from group


async def _sleep_until(moment: float) -> None:
    await asyncio.sleep(max(0.0, moment - time.monotonic()))
