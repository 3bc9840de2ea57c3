"""An official who scores throughout, and spectators: each goes where a cell sends them."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from scorecast.domain.connections.admission import Connection, Limits
from scorecast.domain.connections.identity import Identity
from scorecast.domain.rooms import ConnectionClosed, Room
from scorecast.protocol.commands import ScoreUpdate
from scorecast.protocol.errors import Code, Rejection
from scorecast.runtime import settings
from scorecast.wiring import host, reports, sessions, tables
from tests.simulation.cells.stacks import SECOND_US, STACKS, Cells
from tests.simulation.scheduler import START_US, Violation

PACE_US: Final = 2_000_000
"""Between two goals, and between two tries of one."""
RETRY_US: Final = 2_000_000
_ROOMY: Final = Limits(per_user=1_000, per_ip=1_000)
_OFFICIAL: Final = Identity(user_id="official", role="service")


def _cell_at(endpoint: object) -> int:
    [number] = [stack.number for stack in STACKS if stack.endpoint == endpoint]
    return number


@dataclass
class Official:
    """Reports one goal after another, each until it is accepted, and then once more."""

    cells: Cells
    match_id: str
    at: int = 0
    until_us: int = 0
    revisions: list[int] = field(default_factory=list)
    accepted_us: list[int] = field(default_factory=list)

    def begin(self, seconds: int) -> None:
        self.until_us = self.cells.scheduler.now_us + seconds * SECOND_US
        self.cells.invoke("official", self._report, timeout_us=2 * seconds * SECOND_US)

    def _report(self) -> None:
        scheduler = self.cells.scheduler
        while scheduler.now_us < self.until_us:
            revision = self._accepted(len(self.revisions) + 1)
            if revision is not None:
                self.revisions.append(revision)
                self.accepted_us.append(scheduler.now_us)
                # as if the answer had been lost: wherever it is repeated, it counts once
                again = self._accepted(len(self.revisions))
                if again not in (revision, None):
                    scheduler.fail(f"goal {len(self.revisions)} has counted twice")
            scheduler.sleep(PACE_US)

    def _accepted(self, goals: int) -> int | None:
        """The revision of an accepted score; None if it has to be sent again later."""
        update = ScoreUpdate(
            match_id=self.match_id,
            participant1_score=goals,
            participant2_score=0,
            update_id=f"update-{goals}",
        )
        commands = reports.match_commands(STACKS[self.at].settings(settings.MessageSettings))
        outcome = commands.execute(
            update,
            _OFFICIAL,
            command_id=f"command-{self.cells.next_number()}",
            received_at_ms=host.system().now_ms(),
        )
        if not isinstance(outcome, Rejection):
            return int(outcome["revision"])
        self._follow(outcome)
        return None

    def _follow(self, rejection: Rejection) -> None:
        if rejection.code is Code.MOVED:
            assert rejection.data is not None
            self.at = _cell_at(rejection.data["endpoint"])
        elif rejection.code is not Code.TOURNAMENT_MOVING:
            self.cells.scheduler.fail(f"a score was refused: {rejection}")


@dataclass
class Spectator:
    """In one room, wherever that is. `number` names its connections."""

    cells: Cells
    name: str
    room: Room
    at: int = 0
    connections: int = 0
    connection: str = ""
    goals: int = 0

    def connect(self, at: int) -> None:
        """Connect to a cell and join; again as long as it is asked to."""
        self.at = at
        self.cells.invoke("spectator", self._join, timeout_us=600 * SECOND_US)

    def _join(self) -> None:
        while not self._has_joined():
            self.cells.scheduler.sleep(RETRY_US)

    def _has_joined(self) -> bool:
        own = STACKS[self.at].settings(settings.MessageSettings)
        connection = self._admitted(own)
        outcome = sessions.subscriptions(own).subscribe(connection, self.room)
        if isinstance(outcome, ConnectionClosed):
            return True  # a goodbye came first, which is followed
        if not isinstance(outcome, Rejection):
            return True
        self.cells.gateway.receive.pop(self.connection, None)
        if outcome.code is Code.MOVED:
            assert outcome.data is not None
            self.at = _cell_at(outcome.data["endpoint"])
        elif outcome.code is not Code.TOURNAMENT_MOVING:
            self.cells.scheduler.fail(f"{self.name} was refused: {outcome}")
        return False

    def _admitted(self, own: settings.MessageSettings) -> Connection:
        self.connections += 1
        self.connection = f"{self.name}-{self.connections}"
        connection = Connection(
            id=self.connection,
            identity=Identity(user_id=self.name),
            ip_hash=self.name,
            connected_at_ms=host.system().now_ms(),
        )
        tables.registry(own).admit(connection, _ROOMY)
        receive: Callable[[dict[str, Any]], None] = self._receive
        self.cells.gateway.receive[self.connection] = receive
        return connection

    def _receive(self, message: dict[str, Any]) -> None:
        if message["type"] == "goodbye":
            self.connect(_cell_at(message["endpoint"]))
        if message["type"] == "score_updated":
            goals = message["data"]["participant1_score"]
            if goals < self.goals:
                late = (self.cells.scheduler.now_us - START_US) / SECOND_US
                raise Violation(f"{self.name} got {goals} after {self.goals}, {late:.1f} s")
            self.goals = goals
