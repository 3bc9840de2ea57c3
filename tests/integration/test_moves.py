"""A tournament's move between two cells, with an official who scores throughout.

The mover is interrupted before each of its calls to AWS: the official reports then, or the mover
dies there and another one begins.
"""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any, Final

import boto3
import pytest
from botocore.exceptions import ReadTimeoutError

from infra.move.cell import Cell
from infra.move.history import HistoryCopy
from infra.move.mover import Mover, NotMoved
from infra.move.signals import ENDING, end_like_ctrl_c
from scorecast.app.maintenance import moves as maintenance_moves
from scorecast.app.maintenance.departures import part_of
from scorecast.app.subscribe import Subscribed
from scorecast.aws.dynamodb.match_changes import history_entries, outgoing_events
from scorecast.aws.dynamodb.stream import Change
from scorecast.aws.sqs.sweep_queue import CompleteMove
from scorecast.domain.matches.move import Phase
from scorecast.domain.matches.scoring import Accepted
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.cells import Endpoint
from scorecast.protocol.commands import MatchComplete, ScoreUpdate
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.limits import (
    DRAIN_PARTS,
    MOVE_LEASE_SECONDS,
    MOVE_STUCK_SECONDS,
    SENT_BYTES_MAX,
)
from scorecast.protocol.states import State
from scorecast.runtime import settings
from scorecast.wiring import delivery, host, reports, sessions, tables, upkeep
from tests import examples
from tests.harness.fakes import FakeClock
from tests.harness.moto_cloud import MotoCloud
from tests.harness.resources import create_queues, create_tables

READS: Final = ("get_item", "batch_get_item", "query")
"""A mover that dies before one might as well have died before the write that follows."""
CALLS_MAX: Final = 60
"""More than a move of one match makes."""


class Died(Exception):
    """The mover's process ended."""


@dataclass
class Interrupted:
    """A client of AWS before one of whose calls something happens."""

    client: Any
    at: int
    happens: Callable[[], None]
    calls: int = 0

    @property
    def is_dead(self) -> bool:
        return self.happens is _die

    def __getattr__(self, name: str) -> Any:
        real = getattr(self.client, name)

        def call(**request: Any) -> Any:
            self.calls += name not in READS if self.is_dead else 1
            if self.calls == self.at or (self.is_dead and self.calls > self.at):
                self.happens()
            return real(**request)

        return call


@dataclass
class MoversClock(FakeClock):
    """The flush function runs while the mover waits."""

    flush: Callable[[], None] = field(default=lambda: None)

    def sleep_ms(self, pause_ms: float) -> None:
        super().sleep_ms(pause_ms)
        self.flush()


@dataclass
class Cells:
    """Two cells, each with its tables: the cloud's own, and another."""

    cloud: MotoCloud
    environments: list[dict[str, str]]
    match_id: str = "m1"
    tournament_id: str = "t1"

    def another(self, number: int) -> "Cells":
        """The same with another tournament and match, live in the first cell."""
        other = replace(self, match_id=f"m1-{number}", tournament_id=f"t1-{number}")
        matches = tables.matches(self.settings(0))
        matches.put_tournament(examples.tournament(id=other.tournament_id))
        match = examples.match(id=other.match_id, tournament_id=other.tournament_id)
        self.cloud.put_match(match)
        return other

    def endpoint(self, number: int) -> Endpoint:
        return {"socket_url": f"wss://live-{number}.test", "http_url": f"https://api-{number}.test"}

    def cell(self, number: int, dynamodb: Any = None) -> Cell:
        environment = self.environments[number]
        outputs = {
            "MatchesTable": environment["MATCHES_TABLE"],
            "HistoryTable": environment["HISTORY_TABLE"],
            "SweepQueueUrl": environment["SWEEP_QUEUE_URL"],
            "SocketUrl": self.endpoint(number)["socket_url"],
            "HttpUrl": self.endpoint(number)["http_url"],
        }
        clients = {"dynamodb": dynamodb or self.cloud.dynamodb, "sqs": self.cloud.sqs}
        session = _Session(clients)
        return Cell.of_outputs(f"cell-{number}", outputs, session, self.system)

    @property
    def system(self) -> FakeClock:
        return self.cloud.system

    def mover(self, dynamodb: Any = None, *, source: int = 0) -> Mover:
        sides = self.cell(source, dynamodb), self.cell(1 - source, dynamodb)
        clock = MoversClock(self.system.at_ms, flush=self.flush)
        return Mover(*sides, clock, host.pool(), drain_seconds=10, report=lambda _line: None)

    def settings(self, number: int) -> settings.MessageSettings:
        return settings.read(settings.MessageSettings, self.environments[number])

    def execute(self, number: int, command: Any, command_id: str) -> Any:
        return reports.match_commands(self.settings(number)).execute(
            command, examples.ADMIN, command_id=command_id, received_at_ms=self.system.now_ms()
        )

    def flush(self) -> None:
        for environment in self.environments:
            flush = delivery.flush(settings.read(settings.FlushSettings, environment))
            flush.run(match_room(self.match_id), request_id=self.system.new_id())

    def complete(self) -> None:
        """What each cell does by itself, once a move is decided."""
        for environment in self.environments:
            own = settings.read(settings.SweepSettings, environment)
            upkeep.maintenance(own).run(CompleteMove(self.tournament_id))

    def match(self, number: int) -> Any:
        return tables.matches(self.settings(number)).get(self.match_id)

    def phase(self, number: int) -> Phase | None:
        tournament = tables.matches(self.settings(number)).tournament(self.tournament_id)
        return tournament.move.phase if tournament and tournament.move else None


@dataclass(frozen=True)
class _Session:
    clients: dict[str, Any]

    def client(self, service: str, **_: Any) -> Any:
        return self.clients[service]


@pytest.fixture
def cells(cloud: MotoCloud) -> Iterator[Cells]:
    """Tournament t1 with its match m1, live, in the first of two cells."""
    dynamodb = boto3.client("dynamodb")
    other = cloud.environment | create_tables(dynamodb) | create_queues(cloud.sqs)
    cloud.register("m1")
    yield Cells(cloud, [cloud.environment, other])
    for name in ("CONNECTIONS_TABLE", "MATCHES_TABLE", "HISTORY_TABLE"):
        dynamodb.delete_table(TableName=other[name])


@dataclass
class Official:
    """Reports one score after another, each until it is accepted, wherever the match is."""

    cells: Cells
    at: int = 0
    wanted: int = 0
    revisions: list[int] = field(default_factory=list)

    def report(self) -> None:
        """Ask for one more score, and try what has not been accepted."""
        self.wanted += 1
        self.catch_up()

    def catch_up(self) -> None:
        while len(self.revisions) < self.wanted:
            number = len(self.revisions) + 1
            accepted = self._send(number)
            if accepted is None:
                return
            # as if the first answer had been lost: wherever it is repeated, it counts once
            assert self._send(number) in (accepted, None)
            self.revisions.append(accepted)

    def _send(self, number: int) -> int | None:
        update = ScoreUpdate(
            match_id=self.cells.match_id,
            participant1_score=number,
            participant2_score=0,
            update_id=f"update-{number}",
        )
        for _ in range(3):
            outcome = self.cells.execute(self.at, update, f"command-{number}")
            if not isinstance(outcome, Rejection):
                return int(outcome["revision"])
            if outcome.code is Code.TOURNAMENT_MOVING:
                return None
            assert outcome.code is Code.MOVED, outcome
            assert outcome.data is not None
            [self.at] = [n for n in (0, 1) if self.cells.endpoint(n) == outcome.data["endpoint"]]
        raise AssertionError("sent to and fro")


def _must_be_whole(official: Official, cells: Cells, sequence: int) -> None:
    """Every accepted score is there, once, in one cell; and the numbers go on."""
    official.catch_up()
    assert official.revisions == list(range(1, official.wanted + 1))
    match = cells.match(official.at)
    assert match.score.revision == match.score.participant1 == official.wanted
    assert cells.phase(official.at) is None
    cells.flush()
    assert cells.match(official.at).sequence > sequence


def test_a_score_between_any_two_steps_of_a_move_counts_once(cells: Cells) -> None:
    for at in _every_call():
        here = cells.another(at)
        official, sequence = _begun(here)
        client = Interrupted(cells.cloud.dynamodb, at, official.report)
        here.mover(client).move(here.tournament_id)
        official.report()
        _must_be_whole(official, here, sequence)
        assert official.at == 1
        if client.calls < at:
            return
    raise AssertionError("the move makes more calls")


def test_a_mover_that_dies_anywhere_loses_nothing_and_another_one_ends_the_move(
    cells: Cells,
) -> None:
    for at in _every_call():
        here = cells.another(at)
        official, sequence = _begun(here)
        client = Interrupted(cells.cloud.dynamodb, at, _die)
        _begin(here.mover(client), here.tournament_id)
        official.report()
        cells.system.sleep_ms(MOVE_LEASE_SECONDS * 1_000 + 1)
        official.catch_up()
        if here.phase(0) is not Phase.LEFT:
            assert len(official.revisions) == official.wanted, "it is not back in its cell"
        here.mover().move(here.tournament_id)
        official.report()
        _must_be_whole(official, here, sequence)
        assert official.at == 1
        if client.calls < at:
            return
    raise AssertionError("the move makes more calls")


def _every_call() -> range:
    return range(1, CALLS_MAX)


def _begun(cells: Cells) -> tuple[Official, int]:
    official = Official(cells)
    official.report()
    cells.flush()
    return official, cells.match(0).sequence


def _die() -> None:
    raise Died


def _begin(mover: Mover, tournament_id: str) -> None:
    """Run a mover whose process ends: nothing that it would do then is done."""
    with suppress(Died):
        mover.move(tournament_id)


@dataclass
class Between:
    """A client of AWS: what happens once a move is committed, and before each transaction then."""

    client: Any
    happens: Callable[[], None]
    is_committed: bool = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self.client, name)

    def transact_write_items(self, **request: Any) -> Any:
        if self.is_committed:
            self.happens()
        answer = self.client.transact_write_items(**request)
        if not self.is_committed and "SET move_phase = :left" in str(request):
            self.is_committed = True
            self.happens()
        return answer


def test_answers_that_are_lost_between_the_cells_are_asked_for_again(cells: Cells) -> None:
    lost = iter(range(2))

    def lose() -> None:
        if next(lost, None) is not None:
            raise ReadTimeoutError(endpoint_url="https://dynamodb.test")

    cells.mover(Between(cells.cloud.dynamodb, lose)).move("t1")
    assert next(lost, None) is None
    assert (cells.phase(0), cells.phase(1)) == (Phase.LEFT, None)


def test_a_mover_whose_cells_do_not_answer_gives_up_in_the_end(cells: Cells) -> None:
    def lose() -> None:
        raise ReadTimeoutError(endpoint_url="https://dynamodb.test")

    with pytest.raises(ReadTimeoutError):
        cells.mover(Between(cells.cloud.dynamodb, lose)).move("t1")
    cells.mover().move("t1")
    assert (cells.phase(0), cells.phase(1)) == (Phase.LEFT, None)


@pytest.mark.parametrize("number", ENDING)
def test_no_signal_ends_a_mover_between_the_cells(cells: Cells, number: signal.Signals) -> None:
    before = [(each, signal.getsignal(each)) for each in ENDING]
    end_like_ctrl_c()
    client = Between(cells.cloud.dynamodb, lambda: os.kill(os.getpid(), number))
    try:
        with pytest.raises(KeyboardInterrupt):
            cells.mover(client).move("t1")
    finally:
        for each, handler in before:
            signal.signal(each, handler)
    assert (cells.phase(0), cells.phase(1)) == (Phase.LEFT, None)


def test_of_two_movers_that_take_the_same_number_one_begins(cells: Cells) -> None:
    """Both have read the number before; a second mover of it would be fenced off by nothing."""
    moves = cells.cell(0).moves
    asked = [moves.begin("t1", 1, cells.endpoint(1), drain_seconds=10) for _ in range(2)]
    assert asked == [True, False]


def test_a_mark_closes_its_match_to_what_has_seen_no_move(cells: Cells) -> None:
    """The official's tournament was read before the move began, and the score is sent after."""
    marked = cells.cell(0).moves.mark("m1", 1)
    assert marked is not None
    update = ScoreUpdate(match_id="m1", participant1_score=1, participant2_score=0)
    outcome = tables.scores(cells.settings(0)).accept(
        update, update_id="late", received_at_ms=cells.system.now_ms(), user_id="ad"
    )
    assert not isinstance(outcome, Accepted)
    assert cells.match(0).score == marked.score


def test_a_tournament_comes_back_with_all_its_numbers(cells: Cells) -> None:
    official = Official(cells)
    official.report()
    cells.mover().move("t1")
    official.report()
    cells.mover(source=1).move("t1")
    official.report()
    _must_be_whole(official, cells, 0)
    assert official.at == 0


def test_events_and_idempotent_replies_come_along(cells: Cells) -> None:
    started = cells.match(0)
    cells.mover().move("t1")
    events = tables.matches(cells.settings(1)).events(match_room("m1"), after=0)
    assert [event.sequence for event in events] == [started.last_event_sequence]
    assert cells.execute(1, MatchComplete(match_id="m1", winner_id="p1"), "end")["match_id"] == "m1"
    assert cells.match(1).sequence == started.sequence + 1
    assert cells.match(1).state is State.COMPLETED


def test_a_move_to_where_the_id_is_taken_leaves_everything_as_it_was(cells: Cells) -> None:
    tables.matches(cells.settings(1)).put_tournament(examples.tournament())
    with pytest.raises(NotMoved, match="another tournament"):
        cells.mover().move("t1")
    assert cells.phase(0) is None
    official = Official(cells)
    official.report()
    assert (official.at, official.revisions) == (0, [1])


def test_what_waits_is_published_before_a_tournament_leaves(cells: Cells) -> None:
    official = Official(cells)
    official.report()
    assert cells.match(0).window is not None
    cells.mover().move("t1")
    for number in (0, 1):
        assert cells.match(number).window is None
        assert cells.match(number).claimed.score.participant1 == 1


def test_a_mover_that_was_taken_for_dead_changes_nothing_in_the_new_cell(cells: Cells) -> None:
    [stale] = [item for item in cells.cell(0).moves.items("M#m1") if item["sk"] == "M"]
    cells.mover().move("t1")
    official = Official(cells)
    official.report()
    assert not cells.cell(1).moves.copy("t1", 1, [stale])
    assert not cells.cell(1).moves.arrive({"pk": "T#t1", "sk": "T"}, 1, cells.endpoint(0))
    assert cells.match(1).score.participant1 == 1


def test_a_match_that_is_registered_too_late_is_refused(cells: Cells) -> None:
    """Its tournament leaves between the question whether it may be registered, and the writing."""
    registration = reports.match_registration(cells.settings(0))
    wanted = examples.match(id="m2", state=State.SCHEDULED)
    cells.cell(0).moves.begin("t1", 1, cells.endpoint(1), drain_seconds=10)
    for _ in range(2):
        outcome = registration.put(wanted, examples.ADMIN)
        assert isinstance(outcome, Rejection)
        assert outcome.code is Code.TOURNAMENT_MOVING


def test_a_late_client_is_redirected_to_the_tournaments_cell(cells: Cells) -> None:
    connection = cells.cloud.connect("c1")
    subscriptions = sessions.subscriptions(cells.settings(0))
    assert isinstance(subscriptions.subscribe(connection, tournament_room("t1")), Subscribed)
    cells.mover().move("t1")
    for room in (match_room("m1"), tournament_room("t1")):
        refused = subscriptions.subscribe(cells.cloud.connect(f"late-{room.kind}"), room)
        assert isinstance(refused, Rejection)
        assert refused.data == {"tournament_id": "t1", "endpoint": cells.endpoint(1)}


def test_members_are_sent_after_their_tournament_in_parts_and_over_time(cells: Cells) -> None:
    cells.cloud.connect("c1", match_room("m1"))
    cells.mover().move("t1")
    delayed = _delayed(cells)
    cells.complete()
    assert _delayed(cells) == delayed + DRAIN_PARTS
    sweep = upkeep.maintenance(host.settings(settings.SweepSettings))
    sweep.departures.send_after(match_room("m1"), 0, part_of("c1"))
    [goodbye] = cells.cloud.api.messages("c1")
    assert goodbye == {
        "type": "goodbye",
        "code": 4013,
        "reason": "moved",
        "reconnect": True,
        "endpoint": cells.endpoint(1),
    }
    assert cells.cloud.api.closed == ["c1"]
    assert cells.cloud.connections.get("c1") is None


def test_a_move_that_is_undecided_for_minutes_is_counted(
    cells: Cells, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[dict[str, int]] = []
    monkeypatch.setattr(maintenance_moves, "count", lambda **counts: counted.append(counts))
    cells.cell(0).moves.begin("t1", 1, cells.endpoint(1), drain_seconds=0)
    for wait_s in (MOVE_STUCK_SECONDS, 1):
        cells.system.sleep_ms(wait_s * 1_000)
        cells.cell(0).moves.renew("t1", 1)
        assert counted == []
        cells.complete()
    assert counted == [{"MovesStuck": 1}]


def test_histories_that_are_not_copied_are_counted(
    cells: Cells, monkeypatch: pytest.MonkeyPatch
) -> None:
    counted: list[dict[str, int]] = []
    monkeypatch.setattr(maintenance_moves, "count", lambda **counts: counted.append(counts))
    cells.mover().move("t1")
    own = settings.read(settings.SweepSettings, cells.environments[1])
    for wait_s in (MOVE_STUCK_SECONDS, 1):
        cells.system.sleep_ms(wait_s * 1_000)
        assert counted == []
        upkeep.maintenance(own).move_completion.requeue()
    assert counted == [{"HistoriesMissing": 1}]


def _delayed(cells: Cells) -> int:
    """How many tasks of the first cell wait for their time."""
    name: Final = "ApproximateNumberOfMessagesDelayed"
    url = cells.environments[0]["SWEEP_QUEUE_URL"]
    found = cells.cloud.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=[name])
    return int(found["Attributes"][name])


def test_the_lists_of_a_cell_have_what_lives_in_it(cells: Cells) -> None:
    cells.mover().move("t1")
    cells.complete()
    for number, listed in ((0, []), (1, ["m1"])):
        listings = tables.listings(cells.settings(number))
        assert [match.id for match in listings.in_play(limit=10).items] == listed
        page = listings.tournaments("open", after=None, limit=10)
        assert [each.id for each in page.items] == (["t1"] if listed else [])


def test_the_history_follows(cells: Cells) -> None:
    official = Official(cells)
    official.report()
    cells.cloud.keep_history()
    cells.mover().move("t1")
    copy = HistoryCopy(cells.cell(0), cells.cell(1), cells.system, host.pool())
    assert copy.copy_all("t1", ["m1"])
    assert cells.cell(1).moves.without_history() == []
    entries = [
        tables.history(settings.read(settings.HistoryTableSettings, each)).page(
            "m1", after=None, limit=10, bytes_max=SENT_BYTES_MAX
        )
        for each in cells.environments
    ]
    assert entries[0] == entries[1]
    assert entries[0].entries


def test_a_history_that_lags_is_waited_for_and_said(cells: Cells) -> None:
    official = Official(cells)
    official.report()
    cells.mover().move("t1")
    assert not HistoryCopy(cells.cell(0), cells.cell(1), cells.system, host.pool()).copy("m1")


def test_copies_are_no_news_to_the_event_bus(cells: Cells) -> None:
    official = Official(cells)
    official.report()
    cells.flush()
    cells.mover().move("t1")
    for item in cells.cell(1).moves.items("M#m1"):
        change = Change(old=None, new=item)
        assert outgoing_events(change, has_scores=True) == []
        assert history_entries(change) == []
