"""Faults F22 to F40 of the catalogue: scores, queues, posts, pages, clocks and zombies."""

from collections.abc import Iterable
from concurrent.futures import Executor
from dataclasses import replace
from functools import partial
from typing import Any

import pytest

from scorecast.app import process_batch
from scorecast.aws.dynamodb.connection_items import connection_key
from scorecast.aws.sqs.records import Record
from scorecast.protocol.limits import RECORD_MS_MAX
from tests.simulation import seams
from tests.simulation.client import Client
from tests.simulation.exhaustive.exploration import ScheduleRun
from tests.simulation.exhaustive.interleaver import interleaved
from tests.simulation.exhaustive.scenarios import (
    MATCHES,
    SCENARIOS,
    Scenario,
    complete,
    receive_all,
    score,
    subscribe,
)
from tests.simulation.exhaustive.strikes import simulate, strike
from tests.simulation.ledger import CONNECTIONS, is_live
from tests.simulation.profiles import PROFILES
from tests.simulation.run import run_seed
from tests.simulation.simulation import FLUSH_QUEUE, Simulation

SECOND_US = 1_000_000
QUIET = Scenario("quiet", ())
WATCHED = Scenario("watched", (), before=(partial(subscribe, "c-third"),))
THREE_MATCHES = Scenario(
    "three matches",
    (partial(receive_all, FLUSH_QUEUE),),
    before=tuple(partial(score, 1, match_id=match_id) for match_id in MATCHES),
)


def _client(simulation: Simulation, name: str) -> Client:
    return simulation.gateway.clients[name]


def _at(simulation: Simulation, at_us: int, act: Any) -> None:
    simulation.scheduler.after(at_us, lambda: act(simulation))


def _published(simulation: Simulation, kind: str) -> list[int]:
    """The numbers under which something was published, each once."""
    sent = simulation.gateway.sent.values()
    return sorted(message["data"]["sequence"] for message in sent if message["type"] == kind)


def test_f22_the_reply_to_a_flush_request_is_lost() -> None:
    strike("score + score", lambda fault, turn: turn == "send" and fault.kind == "lost_reply")


def test_f23_crash_between_a_score_and_its_flush_request() -> None:
    strike("score + score", lambda fault, turn: turn == "send" and fault.kind == "crash")


def test_f24_no_flush_request_is_sent_before_its_score_is_stored() -> None:
    """So a crash before storing leaves nothing: there is no such order of calls."""
    with seams.installed(), interleaved():
        run = ScheduleRun(SCENARIOS["score + score"], None)
        stored_first = []
        while run.enabled():
            before = run.simulation.dynamodb.tables["matches"].items["M#m1", "M"]
            sends = run.interleaver.threads[0].next == "send"
            number = run.enabled()[0]
            if number == 0 and sends:
                stored_first.append("window_id" in before)
            run.take_turn_of(number)
        run.bring_to_rest()
    assert stored_first == [True]


def test_f25_a_flush_request_is_delivered_twice() -> None:
    strike("flush + flush", lambda fault, _: fault.kind == "crash")


def test_f26_crash_in_the_middle_of_a_flush() -> None:
    strike("subscribe + flush", lambda fault, _: fault.thread == 1 and fault.kind == "crash")


def test_f27_time_out_in_the_middle_of_a_batch_of_three_groups() -> None:
    tally = strike(THREE_MATCHES, lambda fault, _: fault.kind == "crash")
    assert tally.faulty_runs > 20


class _InLine(Executor):
    """A pool of one thread: this one."""

    def map(self, fn: Any, *iterables: Any, **_more: Any) -> Any:
        return iter([fn(item) for item in iterables[0]])


class _NoQueue:
    """Settles nothing and returns nothing."""

    def settle(self, record: Record) -> None: ...

    def return_soon(self, records: Iterable[Record]) -> None: ...


_NO_QUEUE: Any = _NoQueue()


def _record(place: int, group: str) -> Record:
    return Record(message_id=f"{group}{place}", body="", receipt="", receives=1, group=group)


def test_f28_a_failure_stops_its_group_and_no_other() -> None:
    done: list[str] = []

    def work(record: Record) -> None:
        if record.message_id == "a0":
            raise ConnectionError
        done.append(record.message_id)

    records = [*(_record(place, "a") for place in range(4)), _record(0, "b"), _record(1, "b")]
    response = process_batch.process_batch(
        records, work, _InLine(), _NO_QUEUE, lambda: RECORD_MS_MAX
    )
    failed = [item["itemIdentifier"] for item in response["batchItemFailures"]]
    assert failed == ["a0", "a1", "a2", "a3"]
    assert done == ["b0", "b1"]


@pytest.mark.parametrize("failing", [(), (0,), (0, 1)])
def test_f29_a_partial_response_names_records_of_its_batch_only(failing: tuple[int, ...]) -> None:
    """What Lambda would take for "all failed", or an emulator for "all done", is never said."""

    def work(record: Record) -> None:
        if int(record.message_id[1:]) in failing:
            raise ConnectionError

    records = [_record(place, f"g{place}") for place in range(3)]
    renamed = [replace(record, message_id=f"m{place}") for place, record in enumerate(records)]
    response = process_batch.process_batch(
        renamed, work, _InLine(), _NO_QUEUE, lambda: RECORD_MS_MAX
    )
    expected = [{"itemIdentifier": f"m{place}"} for place in failing]
    assert response == {"batchItemFailures": expected}


def _expect_poison(simulation: Simulation) -> None:
    """The log of a record that nobody can read is no violation here."""
    fail = simulation.scheduler.fail

    def judge(claim: str) -> None:
        if not claim.startswith("I9: record failed: JSONDecodeError"):
            fail(claim)

    vars(simulation.scheduler)["fail"] = judge


def test_f30_a_poison_record_goes_and_its_match_is_published() -> None:
    with simulate(QUIET) as simulation:
        simulation.faults.struck += 1
        _expect_poison(simulation)
        request = {
            "QueueUrl": FLUSH_QUEUE,
            "MessageBody": "not a request",
            "MessageGroupId": "m-m1",
        }
        simulation.queues.apply("SendMessage", request | {"MessageDeduplicationId": "poison"})
        _at(simulation, SECOND_US, partial(score, 1))
    assert [one.body for one in simulation.queues.queues[FLUSH_QUEUE].dead_letters] == [
        "not a request"
    ]
    assert _published(simulation, "score_updated") == [1]


def test_f31_the_flush_request_of_the_end_goes_to_the_dead_letters() -> None:
    with simulate(QUIET) as simulation:
        simulation.faults.struck += 1
        queue = simulation.queues.queues[FLUSH_QUEUE]
        queue.receive_count_max = 0
        complete(1, simulation)
        simulation.run()
        assert len(queue.dead_letters) == 1
        assert _published(simulation, "match_completed") == []
        queue.receive_count_max = 3
        simulation.sweep_for(40 * SECOND_US)
    assert _published(simulation, "match_completed") == [1]


def test_f32_a_score_that_comes_back_is_published_again() -> None:
    """1-0, 1-1 and 1-0 within five minutes: ids of ticks hold no scores."""
    with simulate(QUIET) as simulation:
        for place, second in enumerate((0, 1, 0)):
            message = {"participant1_score": 1, "participant2_score": second}
            official = _client(simulation, "official-1")
            sent = {"id": f"s{place}", "type": "score_update", "match_id": "m1"} | message
            send = partial(simulation.gateway.send, official, sent)
            simulation.scheduler.after(place * 20 * SECOND_US, send)
    assert _published(simulation, "score_updated") == [1, 2, 3]
    assert _client(simulation, "c-in").views["m1"].score == (1, 0)


def test_f33_late_scores_are_refused() -> None:
    with simulate(QUIET) as simulation:
        score(1, simulation, goals=3)
        _at(simulation, 1 * SECOND_US, partial(score, 1, goals=2))
        _at(simulation, 2 * SECOND_US, partial(complete, 2))
        _at(simulation, 3 * SECOND_US, partial(score, 1, goals=4))
    answers = list(_client(simulation, "official-1").answers.values())
    assert [answer.get("code", "accepted") for answer in answers] == [
        "accepted",
        "stale",
        "match_not_live",
    ]
    assert _published(simulation, "match_completed") == [2]


@pytest.mark.parametrize("name", ["score + score", "score + complete", "complete + complete"])
def test_f34_two_officials_at_once(name: str) -> None:
    tally = strike(name)
    assert tally.endings >= 2


@pytest.mark.parametrize("gone", [("c-in",), ("c-third",), ("c-in", "c-third")])
def test_f35_410_of_some_or_all(gone: tuple[str, ...]) -> None:
    with simulate(WATCHED) as simulation:
        simulation.plan.habits.disconnect_lost = 1.0
        for name in gone:
            simulation.gateway.drop(_client(simulation, name))
        score(1, simulation)
    items = simulation.dynamodb.tables[CONNECTIONS].items
    for name in ("c-in", "c-third"):
        assert is_live(items.get(connection_key(name))) == (name not in gone)
        assert name in gone or _client(simulation, name).views["m1"].score == (1, 0)


def test_f35_false_410s_release_no_connection() -> None:
    strike("unsubscribe + flush", lambda fault, _: fault.kind == "gone")


def test_f36_429s_and_unknown_outcomes_of_posts() -> None:
    strike("score + flush", lambda fault, turn: turn == "post" and fault.kind != "crash")


def test_f37_joining_while_it_is_published() -> None:
    tally = strike("subscribe + flush")
    assert tally.runs > 10


def test_f38_the_members_change_between_two_pages() -> None:
    scenario = SCENARIOS["subscribe + flush"]
    pages = replace(
        scenario, page_items_max=1, before=(partial(subscribe, "c-third"), *scenario.before)
    )
    tally = strike(pages)
    assert tally.runs > 20


@pytest.mark.parametrize("seed", range(20))
def test_f39_clocks_that_differ_by_minutes_change_no_order(seed: int) -> None:
    profile = PROFILES["scores"]

    def skewed(rng: Any) -> Any:
        return replace(profile.plan(rng), faults=0, fault_rate=0.0, skew_us_max=300 * SECOND_US)

    with seams.installed():
        outcome = run_seed(replace(profile, plan=skewed), seed)
    assert outcome.violation is None


def test_f39_an_item_whose_time_is_up_is_as_gone_before_ttl_comes_by() -> None:
    with seams.installed(), interleaved():
        run = ScheduleRun(replace(QUIET, acts=(partial(subscribe, "c-out"),)), None)
        table = run.simulation.dynamodb.tables[CONNECTIONS]
        item = table.items[connection_key("c-out")]
        over = {"expires_at": {"N": "1"}}
        table.write(run.simulation.scheduler.now_us, connection_key("c-out"), item | over)
        while run.enabled():
            run.take_turn_of(0)
    assert _client(run.simulation, "c-out").answers == {}
    assert _client(run.simulation, "c-out").state == "closed"


def test_f40_a_zombie_goes_on_past_its_visibility() -> None:
    """The tick is worked on twice at once: one claim, and whatever is posted late is old."""
    tally = strike("flush + flush", lambda fault, _: fault.kind in ("throttle", "lost_reply"))
    assert tally.endings > 1
