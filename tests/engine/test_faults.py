"""What else goes wrong in AWS: lost replies, repeats, delays, disorder, throttling, poison."""

import itertools
import json
import time
from collections.abc import Callable
from typing import Any

import flush
import message
import pytest
from botocore.exceptions import ClientError

from scorecast.aws.dynamodb.connection_items import connection_key
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.limits import (
    FAN_OUT_MS_MAX,
    POST_TIMEOUT_MS,
    PROBE_PAUSE_SECONDS,
    PROBES_MAX,
    RECORD_RETRY_SECONDS,
    THROTTLE_LEVEL_SECONDS,
)
from scorecast.wiring import host
from tests.harness.calls import Death
from tests.harness.engine import CONTEXT, Call, EngineHarness, Json, answer_in
from tests.harness.engine_invariants import assert_one_content, assert_published
from tests.harness.wire import Fault, Wire, tapped

M1, M2, T1 = match_room("m1"), match_room("m2"), tournament_room("t1")
WRITES = frozenset({"UpdateItem", "PutItem", "DeleteItem", "TransactWriteItems"})


def _scene(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.viewer("c1", M1)
    engine.viewer("c2", M1, T1)
    engine.pass_ms(6_000)


def _play(engine: EngineHarness) -> None:
    """Two windows, a pause, another window and the end; everything is accepted."""
    for n in (1, 2):
        assert engine.score(n, client_revision=n)["data"]["revision"] == n
        engine.pass_ms(300)
    engine.order("match_state_change", new_state="paused")
    engine.score(3, client_revision=3)
    assert engine.order("match_complete", winner_id="p1")["revision"] == 3
    engine.pass_ms(300)


_TOLD = [
    ("score_updated", 2),
    ("score_updated", 3),
    ("match_state_changed", 4),
    ("score_updated", 5),
    ("match_completed", 6),
]


def test_a_lost_reply_to_any_write_and_its_retry_change_nothing(modelled: EngineHarness) -> None:
    """botocore sends again what it got no reply to; it may have been applied."""
    for number in itertools.count(1):
        engine, made = modelled, itertools.count(1)
        match_id = f"m{number}"
        engine.register(match_id)
        engine.viewer(f"c{number}", match_room(match_id))
        struck: list[str] = []

        def twice(call: Call, operation: str, request: Json) -> Json:
            if operation in WRITES and next(made) == number:  # noqa: B023
                struck.append(operation)  # noqa: B023
                call()
            return call()

        with engine.disturbed(twice):
            engine.score(1, match_id, update_id="u1")
            engine.score(2, match_id, update_id="u2")
            engine.pass_ms(300)
            engine.order("match_complete", match_id, winner_id="p1")
            engine.pass_ms(300)
        published = [("score_updated", 2), ("match_completed", 3)]
        assert list(dict.fromkeys(engine.numbers(f"c{number}"))) == published
        assert_published(engine, [f"c{number}"], match_id)
        assert engine.match_item(match_id)["revision"] == 2
        if not struck:
            break
    assert number > 7


def _without_versions(items: list[Json]) -> list[Json]:
    """A tournament's version may skip a number: it only never comes back."""
    return [item for item in items if item["sk"] != "V"]


def test_writes_that_come_again_late_change_nothing(modelled: EngineHarness) -> None:
    """An attempt that was given up may still arrive, when newer ones have long been applied."""
    _scene(modelled)
    kept: list[Call] = []

    def keep(call: Call, operation: str, request: Json) -> Json:
        if operation in WRITES and request.get("TableName") == "matches":
            kept.append(call)
        return call()

    def repeat_all() -> None:
        before = _without_versions(modelled.items("MATCHES_TABLE"))
        for call in kept:
            with pytest.MonkeyPatch.context():
                _ignoring_refusals(call)
        assert _without_versions(modelled.items("MATCHES_TABLE")) == before

    with modelled.disturbed(keep):
        modelled.score(1)
        modelled.pass_ms(300)
        repeat_all()
        modelled.score(2)
        repeat_all()
        modelled.pass_ms(300)
        modelled.order("match_state_change", new_state="paused")
        modelled.pass_ms(300)
        modelled.score(3)
        repeat_all()
        modelled.order("match_complete", winner_id=None)
        modelled.pass_ms(300)
        repeat_all()
    assert len(kept) >= 9


def _ignoring_refusals(call: Call) -> None:
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ConditionalCheckFailedException"


def test_flush_requests_delivered_twice_publish_the_same_again(engine: EngineHarness) -> None:
    _scene(engine)
    delivered: list[Json] = []
    work = engine.flush_queue.function

    def twice(event: Json) -> Json | None:
        delivered.append(event)
        work(event)
        return work(event)

    engine.flush_queue.function = twice
    _play(engine)
    assert list(dict.fromkeys(engine.numbers("c1"))) == _TOLD
    assert_published(engine, ["c1", "c2"])
    for event in delivered:
        flush.handler(event, CONTEXT)
    assert_published(engine, ["c1", "c2"])


@pytest.mark.parametrize("delay_ms", [90, 1_900, 5_000])
def test_delayed_flush_requests_lose_nothing(engine: EngineHarness, delay_ms: int) -> None:
    _scene(engine)
    engine.flush_queue.is_held = True
    for n in range(1, 4):
        engine.score(n)
        engine.pass_ms(delay_ms)
    engine.flush_queue.hand_out()
    engine.pass_ms(1_000)
    assert engine.scores("c1") == [3]
    assert engine.events("c1")[0]["data"]["merged"] == 3
    assert_published(engine, ["c1", "c2"])


@pytest.mark.parametrize("order", list(itertools.permutations((1, 2, 3))))
@pytest.mark.parametrize("ordered_by", ["client_revision", "received_at_ms"])
def test_the_newest_update_wins_in_whatever_order_they_are_processed(
    modelled: EngineHarness, order: tuple[int, ...], ordered_by: str
) -> None:
    _scene(modelled)
    at_ms = modelled.timeline.now_ms()
    accepted = []
    for n in order:
        number = at_ms + n if ordered_by == "received_at_ms" else n
        ordered: dict[str, Any] = {ordered_by: number}
        answer = modelled.score(n, **ordered)
        accepted += [n] if answer["type"] == "accepted" else []
        assert answer["type"] == "accepted" or answer["code"] == "stale"
    assert accepted == [n for place, n in enumerate(order) if n > max((0, *order[:place]))]
    modelled.pass_ms(300)
    assert modelled.scores("c1") == [3]
    assert_published(modelled, ["c1", "c2"])


def test_a_stale_update_is_answered_with_what_superseded_it(engine: EngineHarness) -> None:
    _scene(engine)
    engine.score(2, client_revision=2)
    answer = engine.score(1, client_revision=1)
    assert answer["code"] == "stale"
    assert (answer["data"]["revision"], answer["data"]["participant1_score"]) == (1, 2)


def test_a_redelivery_after_half_a_fan_out_sends_the_very_same_bytes(engine: EngineHarness) -> None:
    """A newer score has been accepted meanwhile, and is published under the next number."""
    _scene(engine)
    engine.score(1, details={"minute": 9})
    with engine.calls.doomed(Death("post one", is_after=True)):
        engine.pass_ms(300)
    assert engine.calls.has_died
    half = [list(engine.gateway.bodies[viewer]) for viewer in ("c1", "c2")]
    assert sorted(map(len, _scores_only(half))) in ([0, 0], [0, 1])
    assert engine.score(2)["type"] == "accepted"
    engine.pass_ms(95_000)
    bodies = _scores_only([engine.gateway.bodies[viewer] for viewer in ("c1", "c2")])
    assert {len(set(each)) for each in bodies} == {2}
    assert set(bodies[0]) == set(bodies[1])
    assert_published(engine, ["c1", "c2"])


def _scores_only(bodies: list[list[bytes]]) -> list[list[bytes]]:
    return [[body for body in each if b'"score_updated"' in body] for each in bodies]


def _throttled(operation: str) -> ClientError:
    error: Any = {"Error": {"Code": "ThrottlingException", "Message": "No."}}
    return ClientError(error, operation)


def _outage(engine: EngineHarness, seconds: float, where: Callable[[Json], bool]) -> Any:
    """DynamoDB refuses the requests that `where` picks, from now on for a while."""
    until_ms = engine.timeline.now_ms() + seconds * 1_000

    def refuse(call: Call, operation: str, request: Json) -> Json:
        if engine.timeline.now_ms() < until_ms and where(request):
            raise _throttled(operation)
        return call()

    return engine.disturbed(refuse)


def test_an_update_while_dynamodb_is_throttled_is_refused_or_published(
    engine: EngineHarness,
) -> None:
    _scene(engine)
    with _outage(engine, 600, lambda _request: True):
        answer = engine.invoker(message)(
            engine.message_event(
                "score_update", match_id="m1", participant1_score=1, participant2_score=0
            )
        )
    assert answer is not None
    assert "internal_error" in answer["body"] and "correlation_id" in answer["body"]
    engine.pass_ms(100)
    assert engine.score(2)["type"] == "accepted"
    engine.pass_ms(300)
    assert engine.scores("c1") == [2]


@pytest.mark.parametrize("table", ["MATCHES_TABLE", "CONNECTIONS_TABLE"])
@pytest.mark.parametrize("seconds", [1, 5, 30])
def test_a_score_accepted_before_an_outage_is_published_after_it(
    engine: EngineHarness, table: str, seconds: int
) -> None:
    _scene(engine)
    assert engine.score(1)["type"] == "accepted"
    name = engine.environment[table]
    with _outage(engine, seconds, lambda request: request.get("TableName") == name):
        engine.pass_ms(seconds * 1_000)
        for _ in range(6):
            engine.requeue()
            engine.pass_ms(10_000)
    assert set(engine.scores("c1")) == {1}
    assert_published(engine, ["c1", "c2"])


@pytest.mark.parametrize("seconds", [1, 30, 120])
def test_a_score_claimed_before_an_outage_is_published_after_it(
    engine: EngineHarness, seconds: int
) -> None:
    """The members cannot be read, so each delivery of the request fails, and the last may too."""
    _scene(engine)
    until_ms = [0]

    def refuse(call: Call, operation: str, request: Json) -> Json:
        if "claimed_sequence" in request.get("UpdateExpression", ""):
            until_ms[0] = engine.timeline.now_ms() + seconds * 1_000
        if engine.timeline.now_ms() < until_ms[0] and operation in ("Query", "SendMessage"):
            raise _throttled(operation)
        return call()

    with engine.disturbed(refuse):
        engine.score(1)
        engine.pass_ms(seconds * 1_000)
        for _ in range(6):
            engine.requeue()
            engine.pass_ms(10_000)
    assert until_ms[0]
    assert set(engine.scores("c1")) == {1}
    assert_published(engine, ["c1", "c2"])


def test_a_score_whose_flush_always_dies_is_published_later(
    engine: EngineHarness,
) -> None:
    """Three times its Lambda dies in the fan-out, and then the request is a dead letter."""
    _scene(engine)
    engine.score(1)
    with engine.calls.doomed(Death("post one", is_after=False)):
        engine.pass_ms(300)
    for _ in range(2):
        with engine.calls.doomed(Death("post one", is_after=False)):
            engine.pass_ms(90_000)
    for _ in range(12):
        engine.requeue()
        engine.pass_ms(10_000)
    assert len(engine.flush_queue.dead) == 1
    assert_published(engine, ["c1", "c2"])


@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.OVERLOADED, Fault.BROKEN, Fault.SILENT])
def test_botocore_gets_over_a_call_that_fails_once(engine: EngineHarness, fault: Fault) -> None:
    _scene(engine)
    failed: set[str] = set()

    def once_each(attempt: Any) -> Fault | None:
        is_first = attempt.operation not in failed and attempt.service == "DynamoDB"
        failed.add(attempt.operation)
        return fault if is_first else None

    with tapped(Wire(fault=once_each)):
        engine.score(1)
        engine.pass_ms(2_000)
    assert {"GetItem", "UpdateItem", "Query"} <= failed
    assert set(engine.scores("c1")) == {1}
    assert_published(engine, ["c1", "c2"])


def _storm(engine: EngineHarness, status: int, viewers: list[str]) -> None:
    engine.gateway.statuses |= dict.fromkeys(viewers, status)


def test_a_storm_of_429s_widens_windows_and_disconnects_no_client(engine: EngineHarness) -> None:
    _scene(engine)
    viewers = [f"v{n}" for n in range(30)]
    engine.fill(M1, viewers)
    _storm(engine, 429, viewers)
    published_ms = []
    for n in range(1, 5):
        began_ms = engine.timeline.now_ms()
        engine.score(n)
        engine.pass_ms(5_000)
        published_ms.append(_claimed_at_ms(engine) - began_ms)
    assert published_ms == [100, 200, 400, 800]
    _storm(engine, 200, viewers)
    engine.score(5)
    engine.pass_ms(5_000)
    assert [score["data"]["participant1_score"] for score in engine.events("v0")] == [4, 5]
    assert engine.events("v0")[-1]["data"]["window_ms"] == 1_600
    assert not [r for r in engine.sweep_queue.sent if "SuspectSlow" in r["MessageBody"]]
    assert "DELETE" not in [method for method, _, _ in engine.gateway.requests]
    engine.pass_ms(THROTTLE_LEVEL_SECONDS * 1_000)
    began_ms = engine.timeline.now_ms()
    engine.score(6)
    engine.pass_ms(5_000)
    assert _claimed_at_ms(engine) - began_ms == 100
    assert "window_ms" not in engine.events("v0")[-1]["data"]


def _claimed_at_ms(engine: EngineHarness) -> int:
    claimed_at_ms: int = engine.match_item()["claimed_at_ms"]
    return claimed_at_ms


def test_a_client_that_reads_nothing_is_disconnected_within_a_minute(engine: EngineHarness) -> None:
    _scene(engine)
    engine.gateway.statuses["c1"] = 429
    engine.score(1)
    engine.pass_ms((PROBES_MAX - 1) * PROBE_PAUSE_SECONDS * 1_000)
    assert "DELETE" not in [method for method, _, _ in engine.gateway.requests]
    engine.pass_ms(60_000 - (PROBES_MAX - 1) * PROBE_PAUSE_SECONDS * 1_000)
    assert "DELETE" in [method for method, _, _ in engine.gateway.requests]
    assert engine.scores("c2") == [1]
    members = {item["sk"] for item in engine.items("CONNECTIONS_TABLE") if item["pk"] == "R#m:m1#0"}
    assert members == {"c2"}


def test_a_client_that_reads_again_is_not_disconnected(engine: EngineHarness) -> None:
    _scene(engine)
    for n in range(1, 4):
        engine.gateway.statuses["c1"] = 429
        engine.score(n)
        engine.pass_ms(PROBE_PAUSE_SECONDS * 1_000)
        engine.gateway.statuses["c1"] = 200
        engine.pass_ms(60_000)
    assert "DELETE" not in [method for method, _, _ in engine.gateway.requests]
    assert "closed_at_ms" not in engine.item("CONNECTIONS_TABLE", *connection_key("c1"))
    assert engine.scores("c1")[-1] == 3


def test_an_endpoint_that_hangs_holds_a_fan_out_no_longer_than_its_bound(
    engine: EngineHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert FAN_OUT_MS_MAX >= 2 * POST_TIMEOUT_MS  # so that a hanging few are tried twice
    monkeypatch.setattr("scorecast.app.post.FAN_OUT_MS_MAX", 200)
    _scene(engine)
    engine.gateway.hanging |= {"c1", "c2"}
    engine.score(1)
    began_s = time.monotonic()
    engine.pass_ms(300)
    assert time.monotonic() - began_s < POST_TIMEOUT_MS / 1_000
    assert engine.flush_queue.messages == []


def test_a_poison_record_holds_up_its_own_match_only_and_not_for_long(
    engine: EngineHarness,
) -> None:
    engine.register("m1", "m2")
    engine.viewer("c1", M1)
    engine.viewer("c2", M2)
    engine.pass_ms(3_000)
    engine.flush_queue.is_held = True
    group = engine.flush_queue.sent[0]["MessageGroupId"]
    poison = {"MessageBody": "nonsense", "MessageGroupId": group, "MessageDeduplicationId": "p"}
    engine.flush_queue.send(poison)
    for match_id in ("m1", "m2"):
        engine.score(1, match_id)
    engine.flush_queue.hand_out()
    engine.pass_ms(300)
    assert (engine.scores("c1"), engine.scores("c2")) == ([], [1])
    assert [each.body for each in engine.flush_queue.messages] == ["nonsense", '{"match_id":"m1"}']
    soon_us = engine.timeline.now_us() + RECORD_RETRY_SECONDS * 1_000_000
    assert all(each.visible_at_us <= soon_us for each in engine.flush_queue.messages)
    for _ in range(5):
        engine.pass_ms(10_000)
        engine.requeue()
    engine.pass_ms(300)
    assert "nonsense" in [each.body for each in engine.flush_queue.dead]
    assert set(engine.scores("c1")) == {1}
    assert_published(engine, ["c1"])


def test_two_matches_of_one_official_do_not_mix(engine: EngineHarness) -> None:
    engine.register("m1", "m2")
    engine.viewer("c1", M1)
    engine.viewer("c2", M2)
    engine.viewer("c3", T1)
    for n in range(1, 4):
        engine.score(n, "m1")
        engine.score(10 * n, "m2")
        engine.pass_ms(300)
    assert (engine.scores("c1"), engine.scores("c2")) == ([1, 2, 3], [10, 20, 30])
    assert sorted(engine.scores("c3")) == [1, 2, 3, 10, 20, 30]
    assert_one_content(engine)


def test_every_wired_part_takes_its_time_from_the_timeline(engine: EngineHarness) -> None:
    assert host.system() is engine.timeline
    event = engine.message_event("ping", timestamp=1)
    engine.register("m1")
    answer = answer_in(message.handler(event, CONTEXT))
    assert answer is not None and answer["server_time"] == engine.timeline.now_ms()
    assert json.loads(event["body"])["timestamp"] == answer["timestamp"]
