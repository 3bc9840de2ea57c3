"""Events of tournaments, the event log, and coming back with `since`."""

from collections.abc import Callable
from typing import Any

import pytest

from scorecast.aws.dynamodb.connection_items import connection_key
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.limits import STALLED_AFTER_MS
from tests.harness.engine import HOUR_S, Call, EngineHarness
from tests.simulation.dynamodb import client_error

M1, T1 = match_room("m1"), tournament_room("t1")
EVENTS = "/tournaments/t1/events"
DAY_MS = 24 * HOUR_S * 1_000


@pytest.fixture
def engine(modelled: EngineHarness) -> EngineHarness:
    return modelled


def _publish(engine: EngineHarness, kind: str, **data: Any) -> tuple[int, dict[str, Any]]:
    return engine.http("POST", EVENTS, {"type": kind, "data": data})


def test_a_tournaments_events_have_numbers_of_their_own(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.viewer("c1", T1)
    engine.viewer("c2", M1)
    assert _publish(engine, "bracket_generated", rounds=3)[1]["sequence"] == 1
    engine.score(1)
    engine.pass_ms(300)
    assert _publish(engine, "bracket_updated", winner="p1")[1]["sequence"] == 2
    assert _publish(engine, "tournament_completed", champion="p1")[1]["sequence"] == 3
    engine.pass_ms(300)
    frames = [message for message in engine.events("c1") if message["type"] != "score_updated"]
    assert [(message["type"], message["data"]["sequence"]) for message in frames] == [
        ("bracket_generated", 1),
        ("bracket_updated", 2),
        ("tournament_completed", 3),
    ]
    assert [message["data"]["tournament_id"] for message in frames] == ["t1"] * 3
    assert (frames[0]["data"]["rounds"], frames[2]["data"]["champion"]) == (3, "p1")
    assert engine.numbers("c2") == [("score_updated", 2)]


def test_nothing_of_a_tournament_comes_after_its_end(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.viewer("c1", T1)
    assert _publish(engine, "tournament_completed")[0] == 200
    for kind in ("bracket_updated", "tournament_completed"):
        status, problem = _publish(engine, kind)
        assert (status, problem["code"]) == (409, "invalid_transition")
    engine.pass_ms(300)
    assert engine.numbers("c1") == [("tournament_completed", 1)]


def test_several_events_at_once_are_published_in_order_and_once(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.viewer("c1", T1)
    engine.flush_queue.is_held = True
    for _ in range(4):
        _publish(engine, "bracket_updated")
    engine.flush_queue.hand_out()
    engine.pass_ms(300)
    assert [number for _, number in engine.numbers("c1")] == [1, 2, 3, 4]
    item = engine.item("MATCHES_TABLE", "T#t1", "T")
    assert "pending" not in item and "unsent" not in item


@pytest.mark.parametrize(
    "report",
    [
        lambda engine: engine.score(1),
        lambda engine: engine.order("match_state_change", new_state="paused"),
        lambda engine: _publish(engine, "bracket_updated"),
    ],
    ids=["score", "event", "tournament"],
)
def test_newcomers_get_what_was_published_without_a_version(
    engine: EngineHarness, report: Callable[[EngineHarness], object]
) -> None:
    """A warm function may have shown the newcomer an older list of the tournament's matches."""
    engine.register("m1")
    engine.viewer("c1", T1)
    engine.pass_ms(300)
    with engine.disturbed(_refuse_version):
        report(engine)
        engine.pass_ms(2_000)
    engine.viewer("newcomer", T1)
    ((published, sequence),) = engine.numbers("c1")
    assert engine.numbers("newcomer") == []
    engine.requeue()
    assert engine.numbers("newcomer") == []  # another request may be under way
    engine.pass_ms(STALLED_AFTER_MS)
    engine.requeue()
    engine.pass_ms(300)
    assert engine.numbers("newcomer") == [(published, sequence)]
    assert not [item for item in engine.items("MATCHES_TABLE") if "pending" in item]


def _refuse_version(call: Call, operation: str, request: dict[str, Any]) -> dict[str, Any]:
    if operation == "UpdateItem" and request["Key"]["sk"] == {"S": "V"}:
        raise client_error("ThrottlingException", operation)
    return call()


def _subscribed(engine: EngineHarness, connection_id: str, **fields: Any) -> dict[str, Any]:
    if not engine.item("CONNECTIONS_TABLE", *connection_key(connection_id)):
        engine.enter(connection_id)
    answer = engine.command("subscribe", by=connection_id, **fields)
    assert answer is not None and answer["type"] == "subscribed", answer
    return dict(answer["data"])


@pytest.fixture
def played(engine: EngineHarness) -> EngineHarness:
    """m1: started (1), a score (2), paused (3), live (4), a score and the end (5, 6)."""
    engine.register("m1")
    engine.viewer("c1", M1)
    engine.score(1)
    engine.pass_ms(300)
    for state in ("paused", "live"):
        engine.order("match_state_change", new_state=state)
    engine.score(2)
    engine.order("match_complete", winner_id="p2")
    engine.pass_ms(300)
    return engine


@pytest.mark.parametrize(
    ("since", "numbers"),
    [(0, [1, 3, 4, 6]), (1, [3, 4, 6]), (2, [3, 4, 6]), (3, [4, 6]), (5, [6]), (6, [])],
)
def test_a_returning_client_gets_every_missed_decisive_event(
    played: EngineHarness, since: int, numbers: list[int]
) -> None:
    data = _subscribed(played, "back", match_id="m1", since=since)
    assert data["recovered"] is True
    assert [event["data"]["sequence"] for event in data["events"]] == numbers
    assert data["sequence"] == 6
    assert data["snapshot"]["participant1_score"] == 2


def test_an_event_comes_back_as_it_was_published(played: EngineHarness) -> None:
    data = _subscribed(played, "back", match_id="m1", since=2)
    news = [message for message in played.events("c1") if message["type"] != "score_updated"]
    assert data["events"] == news


def test_a_client_that_is_ahead_of_us_starts_again(played: EngineHarness) -> None:
    data = _subscribed(played, "back", match_id="m1", since=7)
    assert (data["recovered"], data["events"]) == (False, [])


def test_a_newcomer_has_the_snapshot_and_nothing_to_recover(played: EngineHarness) -> None:
    data = _subscribed(played, "new", match_id="m1")
    assert data["snapshot"]["sequence"] == data["sequence"] == 6
    assert not data.get("events")


@pytest.mark.parametrize("missing", [1, 3, 4, 6])
def test_with_one_event_missing_nothing_is_replayed(played: EngineHarness, missing: int) -> None:
    table = played.environment["MATCHES_TABLE"]
    key = {"pk": {"S": "M#m1"}, "sk": {"S": f"E#{missing:012d}"}}
    played.delete(table, key)
    data = _subscribed(played, "back", match_id="m1", since=0)
    assert (data["recovered"], data["events"]) == (False, [])
    assert _subscribed(played, "late", match_id="m1", since=6)["recovered"] is True
    if missing < 6:
        assert _subscribed(played, "later", match_id="m1", since=missing)["recovered"] is True


def test_expired_events_are_missing_whether_ttl_came_by_or_not(played: EngineHarness) -> None:
    items = [r for r in played.items("MATCHES_TABLE") if r["sk"].startswith("E#")]
    now_s = played.timeline.now_ms() // 1_000
    assert {round((item["expires_at"] - now_s) / (24 * HOUR_S), 2) for item in items} == {7}
    played.pass_ms(7 * DAY_MS)
    assert _subscribed(played, "back", match_id="m1", since=0)["recovered"] is False
    assert _subscribed(played, "back2", match_id="m1", since=6)["recovered"] is True


def test_a_tournaments_follower_recovers_its_events(engine: EngineHarness) -> None:
    engine.register("m1")
    for kind in ("bracket_generated", "bracket_updated", "tournament_completed"):
        _publish(engine, kind, round=1)
    data = _subscribed(engine, "back", tournament_id="t1", since=1)
    assert data["recovered"] is True
    assert [event["type"] for event in data["events"]] == [
        "bracket_updated",
        "tournament_completed",
    ]
    engine.delete(
        engine.environment["MATCHES_TABLE"],
        {"pk": {"S": "T#t1"}, "sk": {"S": f"E#{2:012d}"}},
    )
    assert _subscribed(engine, "back2", tournament_id="t1", since=1)["recovered"] is False


def test_a_state_change_and_its_log_entry_are_one_transaction(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.calls.names.clear()
    engine.order("match_state_change", new_state="paused")
    writes = [name for name in engine.calls.names if "M#m1" in name and "Get" not in name]
    assert writes == []
    assert engine.calls.names.count("TransactWriteItems") == 1
    assert (
        engine.item("MATCHES_TABLE", "M#m1", f"E#{2:012d}")["event_type"] == "match_state_changed"
    )
