"""A tournament's move while its official scores, and what must hold then and afterwards."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from botocore.exceptions import BotoCoreError, ClientError

from infra.move.history import HistoryCopy
from infra.move.mover import NotMoved
from scorecast.aws.dynamodb.items import from_item
from scorecast.aws.dynamodb.match_items import match_from
from scorecast.aws.dynamodb.match_keys import (
    INCOMPLETE_MOVES,
    MATCH_SK,
    MISSING_HISTORIES,
    TOURNAMENT_SK,
    match_pk,
    tournament_pk,
)
from scorecast.aws.dynamodb.table import Contention
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.limits import REQUEUE_PERIOD_SECONDS, SENT_BYTES_MAX
from scorecast.runtime import settings
from scorecast.wiring import tables
from tests.simulation.cells.people import Official, Spectator
from tests.simulation.cells.stacks import (
    MATCHES,
    MOVER_US,
    SECOND_US,
    STACKS,
    TOURNAMENT,
    Cells,
    Stack,
)
from tests.simulation.cells.strikes import Strike
from tests.simulation.dynamodb import Written
from tests.simulation.expressions import Item
from tests.simulation.scheduler import Invocation

BEGIN_US: Final = 2 * SECOND_US
SILENT_SECONDS_MAX: Final = 36
"""No cell accepts for longer: a lease, and what it takes to meet one that is over."""
BETWEEN_SECONDS_MAX: Final = 14
"""The same after `commit`, if the cells reach each other: the new one asks every eight seconds."""
SWEPT_SECONDS: Final = 45
"""How long the cells' schedules go on after the official has left."""
SECONDS: Final = 60
"""How long the official reports."""


@dataclass
class Move:
    """One scenario: `official` and `spectators` throughout, and movers that come and go."""

    cells: Cells
    source: int = 0
    official: Official = field(init=False)
    spectators: list[Spectator] = field(init=False)
    ended: dict[str, str] = field(default_factory=dict)
    """How each mover ended that did not die."""
    committed_us: int | None = None

    def __post_init__(self) -> None:
        rooms = (match_room("m1"), match_room("m2"), tournament_room(TOURNAMENT))
        self.official = Official(self.cells, MATCHES[0], at=self.source)
        self.spectators = [
            Spectator(self.cells, f"fan{number}", room) for number, room in enumerate(rooms)
        ]
        self.cells.observers.append(self._observe)

    def begin(self, strike: Strike | None = None, *, seconds: int = SECONDS) -> None:
        """The official and the spectators, and after some seconds the mover."""
        for spectator in self.spectators:
            spectator.connect(self.source)
        self._begin(strike, seconds)

    def turn_back(self, strike: Strike) -> None:
        """The same people, and a mover that brings the tournament back."""
        self.source, self.committed_us = 1 - self.source, None
        self.official.accepted_us.clear()
        self._begin(strike, SECONDS)

    def _begin(self, strike: Strike | None, seconds: int) -> None:
        self.cells.calls.strike = strike
        self.official.begin(seconds)
        self.cells.sweep(seconds + SWEPT_SECONDS)
        self.cells.scheduler.after(BEGIN_US, lambda: self.start_mover("first"))

    def start_mover(self, name: str) -> None:
        def work() -> None:
            mover = self.cells.mover(self.source)
            match_ids = mover.move(TOURNAMENT)
            history = HistoryCopy(mover.source, mover.target, mover.system, mover.pool)
            if not history.copy_all(TOURNAMENT, match_ids):
                raise NotMoved("the history is not whole")

        def end(invocation: Invocation) -> None:
            error = invocation.error
            self.ended[name] = "moved" if error is None else repr(error)
            if isinstance(error, Exception) and not isinstance(error, _FORESEEN):
                self.cells.scheduler.fail(f"the {name} mover failed: {error!r}")

        self.cells.invoke(name, work, on_end=end, timeout_us=MOVER_US)

    def run_again(self) -> None:
        """The command once more, when all is over: it ends what is left, whatever that is."""
        self.cells.calls.strike = None
        self.cells.sweep(SWEPT_SECONDS)
        self.start_mover("again")
        self.run()
        assert self.ended["again"] == "moved"
        assert self.home() == 1 - self.source

    def run(self) -> None:
        self.cells.scheduler.run()

    # What holds all the time

    def _observe(self, written: list[Written]) -> None:
        for table, (_, sk), old, new in written:
            if sk == TOURNAMENT_SK:
                self._check_one_home(table, old, new)
            elif sk == MATCH_SK and old is not None and new is not None:
                self._check_acceptance(table, old, new)

    def _check_one_home(self, table: str, old: Item | None, new: Item | None) -> None:
        open_in = [stack.number for stack in STACKS if self._is_open(stack)]
        if len(open_in) > 1:
            self.cells.scheduler.fail("both cells accept")
        phases = [each and each.get("move_phase", {}).get("S") for each in (old, new)]
        if phases == ["leaving", "left"] and table == self._table(STACKS[self.source]):
            self.committed_us = self.cells.scheduler.now_us

    def _check_acceptance(self, table: str, old: Item, new: Item) -> None:
        """No score is accepted where the tournament has been copied from."""
        if "frozen_by" in new or old["revision"] == new["revision"]:
            return
        [stack] = [each for each in STACKS if self._table(each) == table]
        item = self._tournament_item(stack)
        if item is not None and item.get("move_phase", {}).get("S") in ("left", "arriving"):
            self.cells.scheduler.fail(f"cell {stack.number} has accepted a score for another one")

    def _table(self, stack: Stack) -> str:
        return stack.environment["MATCHES_TABLE"]

    def _tournament_item(self, stack: Stack) -> Item | None:
        items = self.cells.dynamodb.tables[self._table(stack)].items
        return items.get((tournament_pk(TOURNAMENT), TOURNAMENT_SK))

    def _is_open(self, stack: Stack) -> bool:
        item = self._tournament_item(stack)
        return item is not None and "move_phase" not in item

    # What holds in the end

    def home(self) -> int:
        [number] = [stack.number for stack in STACKS if self._is_open(stack)]
        return number

    def check(self) -> None:
        """The scores, who sees them, and that nothing is left to do."""
        home = self.home()
        self._check_scores(home)
        self._check_silence()
        for spectator in self.spectators:
            self._check_spectator(spectator, home)
        for stack in STACKS:
            self._check_complete(stack)

    def _check_scores(self, home: int) -> None:
        goals = len(self.official.revisions)
        assert self.official.revisions == list(range(1, goals + 1)), "a score is lost or doubled"
        items = self.cells.dynamodb.tables[self._table(STACKS[home])].items
        score = match_from(from_item(items[match_pk(MATCHES[0]), MATCH_SK])).score
        assert (score.revision, score.participant1) == (goals, goals)

    def _check_silence(self) -> None:
        """The longest time in which the official was not accepted."""
        times = self.official.accepted_us
        silence_s = max(later - earlier for earlier, later in pairwise(times)) / SECOND_US
        assert silence_s < SILENT_SECONDS_MAX, f"no cell accepted for {silence_s:.1f} s"
        since_us = self.committed_us or times[-1]
        after_us = [each for each in times if each > since_us]
        bad = len([each for each in self.cells.bad_answers_us if each > since_us])
        bound_s = BETWEEN_SECONDS_MAX + bad * REQUEUE_PERIOD_SECONDS
        if after_us:
            between_s = (after_us[0] - since_us) / SECOND_US
            assert between_s < bound_s, f"between the cells for {between_s:.1f} s"

    def _check_spectator(self, spectator: Spectator, home: int) -> None:
        assert spectator.at == home, f"{spectator.name} is in the other cell"
        assert spectator.connection in self.cells.gateway.receive
        own = STACKS[home].settings(settings.SweepSettings)
        members = tables.memberships(own).members(spectator.room)
        assert any(spectator.connection in page for page in members)
        if spectator.room == match_room(MATCHES[0]):
            assert spectator.goals == len(self.official.revisions), "the last goal was not seen"

    def _check_complete(self, stack: Stack) -> None:
        listed = self.cells.dynamodb.tables[self._table(stack)].items.values()
        left = [item for item in listed if item.get("listed_as") == {"S": INCOMPLETE_MOVES}]
        assert not left, f"cell {stack.number} has not done its part"
        in_play = [item["pk"]["S"] for item in listed if item.get("listed_as") == {"S": "M"}]
        if stack.number != self.home():
            assert not in_play

    def check_history(self) -> None:
        """After the command has come to its end, all of the history is where the match is."""
        own = STACKS[self.home()].settings(settings.HistoryTableSettings)
        page = tables.history(own).page(
            MATCHES[0], after=None, limit=1_000, bytes_max=100 * SENT_BYTES_MAX
        )
        items = self.cells.dynamodb.tables[self._table(STACKS[self.home()])].items.values()
        assert {"S": MISSING_HISTORIES} not in [item.get("listed_as") for item in items]
        revisions = [entry.place.revision for entry in page.entries]
        assert revisions == self.official.revisions

    def ask[Answer](self, question: Callable[[], Answer]) -> Answer:
        """The answer to a question that needs calls of AWS."""
        ended: list[Invocation] = []
        self.cells.invoke("question", question, on_end=ended.append)
        self.run()
        if ended[0].error is not None:
            raise ended[0].error
        answer: Answer = ended[0].result
        return answer


_FORESEEN: Final = (NotMoved, Contention, BotoCoreError, ClientError)
