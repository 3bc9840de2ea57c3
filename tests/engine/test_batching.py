"""Rows B of the acceptance list, through the real handlers."""

import json
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import pairwise
from typing import Any

import flush
import message
import pytest

from scorecast.aws import gateway
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.limits import POST_TIMEOUT_MS, WINDOW_LEASE_MS, WINDOW_POLL_MS
from scorecast.wiring import host
from tests.harness import wired
from tests.harness.calls import Crash, Death
from tests.harness.engine import CONTEXT, EngineHarness
from tests.harness.fakes import FakeClock

M1, M2, T1 = match_room("m1"), match_room("m2"), tournament_room("t1")
QUIET_MS, WAIT_MS_MAX = 100, 250


def _claimed_at_ms(engine: EngineHarness, connection_id: str = "c1") -> list[int]:
    """When each score that a connection received got its number."""
    frames = engine.events(connection_id)
    return [f["data"]["server_time"] for f in frames if f["type"] == "score_updated"]


def _every(engine: EngineHarness, period_ms: int, times: int, match_id: str = "m1") -> None:
    """Have an official report 1, 2, 3 … at a steady pace, the first now."""
    for n in range(times):
        report = partial(engine.score, n + 1, match_id)
        engine.timeline.start(report, delay_ms=n * period_ms)


def test_B1_a_burst_in_one_window_is_published_once_in_both_rooms(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.viewer("c1", M1)
    engine.viewer("c2", T1)
    for n in range(1, 6):
        assert engine.score(n)["type"] == "accepted"
        engine.pass_ms(10)
    engine.pass_ms(1_000)
    assert engine.numbers("c1") == engine.numbers("c2") == [("score_updated", 2)]
    data = engine.events("c1")[0]["data"]
    assert (data["participant1_score"], data["merged"], data["revision"]) == (5, 5, 5)
    assert (
        len(engine.flush_queue.sent) == 2
    )  # the start of the match, and the update that opened the window


def test_B2_windows_have_strictly_increasing_numbers(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.viewer("c1", M1)
    for n in range(1, 4):
        engine.score(n)
        engine.pass_ms(300)
    assert engine.numbers("c1") == [("score_updated", number) for number in (2, 3, 4)]
    assert engine.scores("c1") == [1, 2, 3]
    assert engine.match_item()["sequence_number"] == 4


@pytest.mark.parametrize(
    ("period_ms", "updates", "published_after_ms"),
    [(60, 2, 60 + QUIET_MS), (90, 2, 90 + QUIET_MS), (40, 8, WAIT_MS_MAX), (1, 1, QUIET_MS)],
)
def test_B3_a_new_score_puts_off_the_deadline_up_to_the_longest_wait(
    engine: EngineHarness, period_ms: int, updates: int, published_after_ms: int
) -> None:
    engine.register("m1")
    engine.viewer("c1", M1)
    opened_ms = engine.timeline.now_ms()
    _every(engine, period_ms, updates)
    engine.pass_ms(1_500)
    assert _claimed_at_ms(engine)[0] - opened_ms == published_after_ms


def test_B4_a_completion_publishes_the_open_window_first_and_at_once(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.viewer("c1", M1)
    engine.viewer("c2", T1)
    engine.score(1)
    engine.pass_ms(10)
    engine.score(2)
    engine.order("match_complete", winner_id="p1")
    engine.pass_ms(WINDOW_POLL_MS)
    for viewer in ("c1", "c2"):
        assert engine.numbers(viewer) == [("score_updated", 2), ("match_completed", 3)]
        assert engine.scores(viewer) == [2]
    assert engine.score(3)["code"] == "match_not_live"
    engine.pass_ms(2_000)
    assert len(engine.events("c1")) == 2
    _assert_settled(engine)


def test_B5_a_cancelled_match_abandons_its_window(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.viewer("c1", M1)
    engine.score(1)
    engine.order("match_state_change", new_state="cancelled")
    engine.pass_ms(2_000)
    assert engine.numbers("c1") == [("match_state_changed", 2)]
    assert engine.events("c1")[-1]["data"]["participant1_score"] == 1
    assert engine.flush_queue.messages == []
    _assert_settled(engine)


def _assert_settled(engine: EngineHarness, match_id: str = "m1") -> None:
    left = {"window_id", "window_opened_at_ms", "unsent", "pending", "pending_since_ms"}
    assert not left & engine.match_item(match_id).keys()


def _tick(message_id: str, match_id: str = "m1") -> dict[str, Any]:
    return {
        "messageId": message_id,
        "receiptHandle": message_id,
        "body": json.dumps({"match_id": match_id}),
        "attributes": {"MessageGroupId": f"m-{match_id}"},
    }


def _flush(*records: dict[str, Any]) -> list[dict[str, str]]:
    """Ids of the records that are to come again."""
    response = flush.handler({"Records": list(records)}, CONTEXT)
    return list(response["batchItemFailures"])


def test_B6_a_flush_request_for_a_closed_window_does_nothing(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.viewer("c1", M1)
    engine.score(1)
    engine.pass_ms(300)
    item = engine.match_item()
    assert _flush(_tick("another"), _tick("late")) == []
    assert engine.match_item() == item
    assert engine.scores("c1") == [1]


@pytest.fixture
def threads(engine: EngineHarness, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From now on handlers run in threads of their own, and really at the same time."""

    def begin() -> None:
        system, pool = FakeClock(at_ms=engine.timeline.now_ms()), ThreadPoolExecutor(8)
        monkeypatch.setattr(host, "system", lambda: system)
        monkeypatch.setattr(host, "pool", lambda: pool)
        wired.forget(but=("dynamodb", "sqs", "settings"))

    return begin


def _at_once[T](work: Callable[[str], T], *names: str) -> list[T]:
    barrier = threading.Barrier(len(names))

    def start(name: str) -> T:
        barrier.wait()
        return work(name)

    with ThreadPoolExecutor(len(names)) as pool:
        return list(pool.map(start, names))


def test_B7_of_two_flushes_at_the_same_time_one_publishes_a_window(
    engine: EngineHarness, threads: Callable[[], None], frequent_switches: None
) -> None:
    engine.register("m1")
    viewers = [engine.viewer(f"c{n}", M1) for n in range(8)]
    engine.flush_queue.is_held = True
    engine.score(1)
    threads()
    assert _at_once(lambda name: _flush(_tick(name)), "a", "b") == [[], []]
    assert [engine.numbers(viewer) for viewer in viewers] == [[("score_updated", 2)]] * 8


def test_B7_two_flushes_of_several_events_leave_each_viewer_in_order(
    engine: EngineHarness, threads: Callable[[], None], frequent_switches: None
) -> None:
    """Both may publish the same numbers: what is not newer is dropped, and nothing is skipped."""
    engine.register("m1")
    viewers = [engine.viewer(f"c{n}", M1) for n in range(8)]
    engine.flush_queue.is_held = True
    engine.score(1)
    engine.order("match_state_change", new_state="paused")
    engine.order("match_complete", winner_id=None)
    threads()
    assert _at_once(lambda name: _flush(_tick(name)), "a", "b") == [[], []]
    for viewer in viewers:
        seen: list[int] = []
        for _, number in engine.numbers(viewer):
            seen += [number] if number > max(seen, default=0) else []
        assert seen == [2, 3, 4]
    contents = {body for viewer in viewers for body in engine.gateway.bodies[viewer]}
    assert sum(b'"sequence"' in body for body in contents) == 3


def test_B7_a_matchs_second_flush_request_waits_for_its_first(engine: EngineHarness) -> None:
    """A match's flush requests are in one group, and FIFO hands a group out one after the other."""
    engine.register("m1")
    engine.viewer("c1", M1)
    engine.score(1)
    engine.pass_ms(20)
    engine.order("match_state_change", new_state="paused")
    assert len({request["MessageGroupId"] for request in engine.flush_queue.sent}) == 1
    assert [len(batch) for batch in engine.flush_queue.delivered] == [1, 1]
    engine.pass_ms(1_000)
    assert engine.numbers("c1") == [("score_updated", 2), ("match_state_changed", 3)]
    assert [len(batch) for batch in engine.flush_queue.delivered] == [1, 1, 1]


@pytest.mark.parametrize("first", ["m1", "m2"])
def test_B8_of_two_matches_in_one_batch_neither_waits_for_the_other(
    engine: EngineHarness, first: str
) -> None:
    """Whichever request is the first: m1 waits for the longest, m2 for one update only."""
    engine.register("m1", "m2")
    engine.viewer("c1", M1)
    engine.viewer("c2", M2)
    engine.flush_queue.is_held = True
    begun_ms = engine.timeline.now_ms()
    if first == "m2":
        engine.score(9, "m2")
    _every(engine, 40, 9, "m1")
    engine.pass_ms(0)
    if first == "m1":
        engine.score(9, "m2")
    engine.flush_queue.hand_out()
    engine.pass_ms(QUIET_MS)
    batch = engine.flush_queue.delivered[-1]
    assert len(batch) == 2
    assert (engine.scores("c1"), engine.scores("c2")) == ([], [9])
    engine.pass_ms(WAIT_MS_MAX - QUIET_MS)
    assert engine.scores("c1") == [7]
    claimed_at_ms = [_claimed_at_ms(engine, viewer)[0] - begun_ms for viewer in ("c1", "c2")]
    assert claimed_at_ms == [WAIT_MS_MAX, QUIET_MS]


def _metrics(capsys: pytest.CaptureFixture[str]) -> dict[str, int]:
    """The sums of the metrics logged since this was asked last."""
    sums: dict[str, int] = {}
    for line in capsys.readouterr().out.splitlines():
        logged = json.loads(line)
        for group in logged.get("_aws", {}).get("CloudWatchMetrics", []):
            for name in (metric["Name"] for metric in group["Metrics"]):
                sums[name] = sums.get(name, 0) + int(logged[name][0])
    return sums


def test_B9_a_post_that_fails_is_counted_and_the_others_get_theirs(
    engine: EngineHarness, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    engine.register("m1")
    for viewer in ("c1", "c2", "c3", "c4", "c5"):
        engine.viewer(viewer, M1)
    monkeypatch.setattr(gateway, "POST_TIMEOUT_MS", POST_TIMEOUT_MS // 10)
    monkeypatch.setattr("scorecast.app.post.FAN_OUT_MS_MAX", 500)
    engine.gateway.statuses |= {"c2": 500, "c3": 410}
    engine.gateway.hanging.add("c4")
    engine.pass_ms(5_000)
    _metrics(capsys)
    engine.score(1)
    engine.pass_ms(300)
    metrics = _metrics(capsys)
    assert [engine.scores(viewer) for viewer in ("c1", "c5")] == [[1], [1]]
    posts = {name: n for name, n in metrics.items() if name.startswith("Posts")}
    assert posts == {"PostsDelivered": 2, "PostsFailed": 2, "PostsGone": 1}
    assert engine.flush_queue.messages == []
    gone = [r["MessageBody"] for r in engine.sweep_queue.sent if "VerifyGone" in r["MessageBody"]]
    assert [json.loads(body)["connection_ids"] for body in gone[:1]] == [["c3"]]


def _die_before_the_tick(engine: EngineHarness, first: int) -> None:
    """An update whose Lambda dies after the write and before the send."""
    event = engine.message_event(
        "score_update", match_id="m1", participant1_score=first, participant2_score=0
    )
    with engine.calls.doomed(Death("SendMessage", is_after=False)):
        assert engine.invoker(message)(event) is None
    assert engine.match_item()["participant1_score"] == first


def test_B10_the_next_update_requeues_a_window_after_a_crash(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.viewer("c1", M1)
    _die_before_the_tick(engine, 1)
    engine.pass_ms(WINDOW_LEASE_MS + 1)
    assert engine.events("c1") == []
    engine.score(2)
    engine.pass_ms(0)
    assert engine.scores("c1") == [2]
    assert engine.events("c1")[0]["data"]["merged"] == 2
    _assert_settled(engine)


@pytest.mark.parametrize("seconds_into_the_minute", [1, 4, 58])
def test_B10_the_sweep_requeues_a_window_after_a_crash(
    engine: EngineHarness, seconds_into_the_minute: int
) -> None:
    engine.register("m1")
    engine.plan_minutes(2)
    engine.pass_ms(seconds_into_the_minute * 1_000)
    engine.viewer("c1", M1)
    _die_before_the_tick(engine, 1)
    died_ms = engine.timeline.now_ms()
    while not engine.scores("c1"):
        engine.pass_ms(1_000)
        assert engine.timeline.now_ms() - died_ms <= 20_000
    _assert_settled(engine)


def test_B11_a_window_with_nothing_in_it_publishes_nothing(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.viewer("c1", M1)
    item = engine.match_item()
    assert _flush(_tick("a"), _tick("b", "no-such-match")) == []
    assert engine.match_item() == item
    assert engine.events("c1") == []


@pytest.mark.parametrize("period_ms", [50, 90])
def test_B12_a_minute_of_steady_updates_is_published_at_least_every_250_ms(
    modelled: EngineHarness, period_ms: int
) -> None:
    modelled.register("m1")
    modelled.viewer("c1", M1)
    begun_ms = modelled.timeline.now_ms()
    _every(modelled, period_ms, 60_000 // period_ms)
    modelled.pass_ms(60_000)
    claimed_at_ms = _claimed_at_ms(modelled)
    published_ms = [begun_ms, *claimed_at_ms, modelled.timeline.now_ms()]
    assert max(later - earlier for earlier, later in pairwise(published_ms)) <= WAIT_MS_MAX
    scores = modelled.scores("c1")
    assert scores == sorted(set(scores))
    for at_ms, score in zip(claimed_at_ms, scores, strict=True):
        assert at_ms - begun_ms < score * period_ms + QUIET_MS


def test_B12_a_pure_debounce_publishes_nothing_at_all(
    modelled: EngineHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COALESCE_MAX_WAIT_MS", "1000000000")
    modelled.register("m1")
    modelled.viewer("c1", M1)
    _every(modelled, 50, 100)
    modelled.pass_ms(4_990)
    assert modelled.events("c1") == []


def test_a_handler_cannot_catch_a_crash() -> None:
    assert not issubclass(Crash, Exception)
