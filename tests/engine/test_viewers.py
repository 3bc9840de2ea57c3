"""Viewer counts: published together, at a slower pace, with the room's newest number."""

import json
from typing import Any

import pytest

from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.limits import (
    VIEWERS_DELAY_SECONDS,
    VIEWERS_DELAY_SECONDS_LARGE,
    VIEWERS_LEASE_MS,
    VIEWERS_QUICK_MAX,
)
from tests.harness.calls import Death
from tests.harness.engine import EngineHarness

M1, T1 = match_room("m1"), tournament_room("t1")


@pytest.fixture
def engine(modelled: EngineHarness) -> EngineHarness:
    return modelled


def _counts(engine: EngineHarness, connection_id: str) -> list[dict[str, Any]]:
    frames = engine.gateway.messages(connection_id)
    return [message["data"] for message in frames if message["type"] == "viewers"]


def _orders(engine: EngineHarness) -> list[dict[str, Any]]:
    """The tasks that publish counts."""
    return [r for r in engine.sweep_queue.sent if "PublishViewerCount" in r["MessageBody"]]


def test_joins_within_a_second_are_published_together(engine: EngineHarness) -> None:
    engine.register("m1")
    for n in range(10):
        engine.viewer(f"c{n}", M1)
        engine.pass_ms(50)
    (order,) = _orders(engine)
    assert order["DelaySeconds"] == VIEWERS_DELAY_SECONDS
    assert _counts(engine, "c0") == []
    engine.pass_ms(VIEWERS_DELAY_SECONDS * 1_000)
    for n in range(10):
        (published,) = _counts(engine, f"c{n}")
        assert (published["room"], published["match_id"], published["count"]) == ("match", "m1", 10)


def test_a_leave_is_published_and_so_is_the_next(engine: EngineHarness) -> None:
    engine.register("m1")
    for n in range(3):
        engine.viewer(f"c{n}", M1)
    for n in (2, 1):
        engine.pass_ms(2_000)
        engine.command("unsubscribe", by=f"c{n}", match_id="m1")
    engine.pass_ms(2_000)
    assert [published["count"] for published in _counts(engine, "c0")] == [3, 2, 1]


def test_a_crowd_is_notified_every_five_seconds(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.fill(M1, [f"v{n}" for n in range(VIEWERS_QUICK_MAX)])
    engine.viewer("c1", M1)
    (order,) = _orders(engine)
    assert order["DelaySeconds"] == VIEWERS_DELAY_SECONDS_LARGE
    engine.pass_ms(4_900)
    assert _counts(engine, "c1") == []
    engine.pass_ms(200)
    assert [published["count"] for published in _counts(engine, "v0")] == [VIEWERS_QUICK_MAX + 1]


def test_a_count_carries_the_newest_number_of_its_room(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.viewer("c1", M1)
    engine.viewer("c2", T1)
    engine.score(1)
    engine.pass_ms(500)
    engine.http("POST", "/tournaments/t1/events", {"type": "bracket_generated"})
    engine.pass_ms(2_000)
    (of_match,) = _counts(engine, "c1")
    (of_tournament,) = _counts(engine, "c2")
    assert of_match["sequence"] == engine.match_item()["sequence_number"] == 2
    assert (of_tournament["room"], of_tournament["sequence"]) == ("tournament", 1)
    assert (of_tournament["match_id"], of_tournament["tournament_id"]) == (None, "t1")


def test_a_count_costs_no_read_per_viewer(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.fill(M1, [f"v{n}" for n in range(50)])
    engine.viewer("c1", M1)
    engine.calls.names.clear()
    engine.pass_ms(2_000)
    assert len(_counts(engine, "v0")) == 1
    reads = [name for name in engine.calls.names if name.startswith(("GetItem", "Query"))]
    assert len(reads) <= 4


def test_a_message_that_was_lost_is_sent_again_after_the_lease(
    engine: EngineHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine.register("m1")
    engine.sweep_queue.is_held = True
    engine.viewer("c1", M1)
    engine.sweep_queue.messages.clear()
    engine.sweep_queue.is_held = False
    engine.pass_ms(VIEWERS_LEASE_MS - 1_000)
    engine.viewer("c2", M1)
    assert len(_orders(engine)) == 1
    engine.pass_ms(1_000)
    engine.viewer("c3", M1)
    assert len(_orders(engine)) == 2
    engine.pass_ms(2_000)
    assert [published["count"] for published in _counts(engine, "c1")] == [3]


def test_a_task_delivered_twice_publishes_a_count_once(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.viewer("c1", M1)
    (order,) = _orders(engine)
    engine.sweep_queue.send(order)
    engine.pass_ms(2_000)
    assert len(_counts(engine, "c1")) == 1
    assert json.loads(order["MessageBody"])["room_key"] == M1.key


@pytest.mark.parametrize("call", ["UpdateItem R#m:m1/R", "post one", "posted"])
def test_a_count_whose_task_died_is_published_by_the_next_try(
    engine: EngineHarness, call: str
) -> None:
    engine.register("m1")
    engine.viewer("c1", M1)
    with engine.calls.doomed(Death(call, is_after=call.startswith("UpdateItem"))):
        engine.pass_ms(VIEWERS_DELAY_SECONDS * 1_000)
        assert engine.calls.has_died
    engine.pass_ms(engine.sweep_queue.visibility_s * 1_000)
    assert _counts(engine, "c1")[-1]["count"] == 1
