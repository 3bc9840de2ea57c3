"""Two cells: a tournament goes from one to the other and back while its official scores.

Both stacks are in one local cloud, and share what cells share: the signing secret.
"""

import asyncio
import shutil
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx
import pytest

from infra.local.deploy import deploy
from infra.local.parameters import local_parameters
from infra.local.paths import ROOT, StackPaths
from scorecast_client import Connection, Publisher, connect
from scorecast_client.messages import Acceptance, Event
from tests.e2e.cup import Cup, Pairing, kick_off
from tests.e2e.deployed import PARAMETERS, PATHS, Deployed, unique, until

OTHER: Final = StackPaths(f"{PATHS.name}-b")
PACE_SECONDS: Final = 0.2
"""Between an answer and the official's next report."""
SECONDS_MAX: Final = 120
KILLED_SECONDS_MAX: Final = 45
"""Until an official scores again whose tournament's mover was killed: a lease, and some more."""
LOST: Final = 9
LOST_BEFORE_IT_OPENS: Final = (
    "-c",
    "import os, sys; from infra.move import __main__ as command, mover;"
    f" mover.Mover._open = lambda *_: os._exit({LOST}); sys.exit(command.main(sys.argv[1:]))",
)
"""The command on a machine that is lost right after the tournament has left."""


@dataclass(frozen=True)
class Cell:
    name: str
    socket_url: str
    http_url: str

    @classmethod
    def of(cls, name: str, outputs: Mapping[str, str]) -> "Cell":
        return cls(name, outputs["SocketUrl"], outputs["HttpUrl"])

    @property
    def endpoint(self) -> dict[str, str]:
        return {"socket_url": self.socket_url, "http_url": self.http_url}


@pytest.fixture(scope="module")
def cells(deployed: Deployed) -> Iterator[tuple[Cell, Cell]]:
    """The stack under test and, of the same build, another one beside it."""
    cloudformation = deployed.aws.client("cloudformation")
    [stack] = cloudformation.describe_stacks(StackName=PATHS.stack_name)["Stacks"]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in stack["Outputs"]}
    parameters = local_parameters(" ".join(f"{k}={v}" for k, v in PARAMETERS.items()))
    OTHER.create()
    try:
        others = deploy(OTHER, deployed.aws, parameters | {"JwtSecretArn": outputs["JwtSecretArn"]})
        there = Cell.of(OTHER.stack_name, others)
        _warm(deployed, there)
        yield Cell.of(PATHS.stack_name, outputs), there
    finally:
        cloudformation.delete_stack(StackName=OTHER.stack_name)
        cloudformation.get_waiter("stack_delete_complete").wait(
            StackName=OTHER.stack_name, WaiterConfig={"Delay": 1}
        )
        shutil.rmtree(OTHER.folder)


def _warm(deployed: Deployed, cell: Cell) -> None:
    """Have each function run once that a client waits for."""
    admin = deployed.stack.tokens["admin"]
    with Publisher(cell.http_url, token=admin) as publisher, ExitStack() as sockets:
        stack = replace(deployed.stack, ws_url=cell.socket_url, http_url=cell.http_url)
        cup = Cup(stack, publisher, sockets=sockets, received=[])
        match = cup.new_match()
        kick_off(cup.official(), match, cup.fan(match))


@dataclass
class Official:
    """Reports one goal after another, each until it is accepted."""

    connection: Connection
    match_id: str
    accepted: list[Acceptance] = field(default_factory=list)
    scored: asyncio.Condition = field(default_factory=asyncio.Condition)

    async def score(self) -> None:
        while True:
            goals = len(self.accepted) + 1
            accepted = await self.connection.score(self.match_id, (goals, 0))
            async with self.scored:
                self.accepted.append(accepted)
                self.scored.notify_all()
            await asyncio.sleep(PACE_SECONDS)

    async def has_scored_again(self) -> None:
        """Twice: the first may have been on its way."""
        for _ in range(2):
            async with self.scored:
                await self.scored.wait()


@dataclass
class Play:
    """A live match with its official at work, and a spectator who sees all of it."""

    deployed: Deployed
    cup: Cup
    match: Pairing
    official: Official
    spectator: Connection
    home: Cell
    seen: list[Event] = field(default_factory=list)

    async def watch(self) -> None:
        async for event in self.spectator:
            self.seen.append(event)

    async def mover(
        self, source: Cell, target: Cell, *, program: Sequence[str] = ("-m", "infra.move")
    ) -> Process:
        """The command, as whoever moves a tournament runs it."""
        cells = ["--from", source.name, "--to", target.name, "--drain-seconds", "1"]
        return await asyncio.create_subprocess_exec(
            *(sys.executable, *program, self.cup.id, *cells),
            cwd=ROOT,
            env=self.deployed.aws.environ(),
            stdout=PIPE,
            stderr=PIPE,
        )

    async def move(self, source: Cell, target: Cell) -> str:
        mover = await self.mover(source, target)
        said, fault = await mover.communicate()
        assert mover.returncode == 0, fault.decode()
        print(said.decode())
        return said.decode()

    def endpoint(self, cell: Cell) -> dict[str, Any]:
        """Where a cell says that the tournament lives."""
        return dict(self._get(cell, f"/tournaments/{self.cup.id}/endpoint").json())

    def _get(self, cell: Cell, path: str) -> httpx.Response:
        token = self.deployed.stack.tokens["admin"]
        headers = {"Authorization": f"Bearer {token}"}
        return httpx.get(cell.http_url + path, headers=headers, timeout=30)

    def status(self, cell: Cell) -> int:
        return self._get(cell, f"/matches/{self.match.id}").status_code

    async def must_be_whole_in(self, cell: Cell) -> None:
        """Every accepted score counts there once, and the spectator is never shown an older one.

        A gap is no fault: on a busy machine an answer is later than a client holds events back.
        """
        assert self.endpoint(cell)["state"] == "here"
        scored = [(each.revision, goals) for goals, each in enumerate(self.official.accepted, 1)]
        assert [revision for revision, _ in scored] == list(range(1, len(scored) + 1))
        await asyncio.to_thread(until, lambda: self._history(cell) == scored)
        goals = len(scored)
        await asyncio.to_thread(until, lambda: _goals(self.seen[-1]) == goals)
        sequences = [event.data["sequence"] for event in self.seen if _goals(event) is not None]
        assert sequences == sorted(sequences)

    def _history(self, cell: Cell) -> list[tuple[int, int]]:
        """The revisions and goals that the cell's history has, in its order."""
        with Publisher(cell.http_url, token=self.deployed.stack.tokens["admin"]) as publisher:
            entries = publisher.history(self.match.id)
            scores = [each["data"] for each in entries if each["type"] == "score_accepted"]
        return [(score["revision"], score["participant1_score"]) for score in scores]


@asynccontextmanager
async def play(deployed: Deployed, cup: Cup, cell: Cell) -> AsyncIterator[Play]:
    match = cup.new_match()
    async with AsyncExitStack() as sockets:
        organizer, fan = cup.token(cup.organizer), cup.token(unique("fan"))
        opened = connect(cell.socket_url, token=organizer)
        official = Official(await sockets.enter_async_context(opened), match.id)
        await official.connection.start(match.id)
        watching = connect(cell.socket_url, token=fan, match=match.id)
        spectator = await sockets.enter_async_context(watching)
        played = Play(deployed, cup, match, official, spectator, cell)
        await sockets.enter_async_context(_meanwhile(played.watch()))
        yield played


@asynccontextmanager
async def _meanwhile(work: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """What fails in it fails the test."""
    task = asyncio.create_task(work)
    try:
        async with asyncio.timeout(SECONDS_MAX):
            yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def _goals(event: Event) -> int | None:
    """The score that an event shows; None if it shows none."""
    shown = event.data.get("snapshot", event.data) if event.type == "snapshot" else event.data
    is_score = event.type in ("snapshot", "score_updated")
    return int(shown["participant1_score"]) if is_score else None


type Scene = Callable[[Play], Coroutine[Any, Any, None]]


@pytest.fixture
def during(deployed: Deployed, cup: Cup, cells: tuple[Cell, Cell]) -> Callable[[Scene], None]:
    """Plays a scene while the official of a match in the first cell scores."""

    async def run(scene: Scene) -> None:
        async with play(deployed, cup, cells[0]) as played:
            async with _meanwhile(played.official.score()):
                await played.official.has_scored_again()
                await scene(played)
                async with asyncio.timeout(KILLED_SECONDS_MAX):
                    await played.official.has_scored_again()
            await played.must_be_whole_in(played.home)

    return lambda scene: asyncio.run(run(scene))


def test_an_official_scores_throughout_while_the_tournament_goes_and_comes_back(
    during: Callable[[Scene], None], cells: tuple[Cell, Cell]
) -> None:
    here, there = cells

    async def go_and_come_back(played: Play) -> None:
        await played.move(here, there)
        await played.official.has_scored_again()
        assert played.endpoint(here) == played.endpoint(there) | {"state": "moved"}
        assert played.endpoint(there)["endpoint"] == there.endpoint
        assert played.status(here) == httpx.codes.MISDIRECTED_REQUEST
        await played.move(there, here)
        assert played.endpoint(there)["endpoint"] == here.endpoint

    during(go_and_come_back)


def test_a_tournament_whose_mover_is_killed_is_back_in_its_cell_by_itself(
    during: Callable[[Scene], None], cells: tuple[Cell, Cell]
) -> None:
    here, there = cells

    async def kill_the_mover(played: Play) -> None:
        mover = await played.mover(here, there)
        assert mover.stdout is not None
        assert b"frozen" in await mover.stdout.readline()
        mover.kill()
        await mover.wait()
        assert played.endpoint(here)["state"] == "moving"

    during(kill_the_mover)


def test_the_new_cell_opens_a_tournament_without_its_mover(
    during: Callable[[Scene], None], cells: tuple[Cell, Cell]
) -> None:
    here, there = cells

    async def lose_the_mover(played: Play) -> None:
        mover = await played.mover(here, there, program=LOST_BEFORE_IT_OPENS)
        await mover.communicate()
        assert mover.returncode == LOST
        assert played.endpoint(here)["state"] == "moved"
        played.home = there
        async with asyncio.timeout(KILLED_SECONDS_MAX):
            await played.official.has_scored_again()
        await played.move(here, there)  # for the history

    during(lose_the_mover)
