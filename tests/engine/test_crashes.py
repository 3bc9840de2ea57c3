"""A Lambda may die before and after every AWS call. Nothing is lost, late or published
in two ways: each test lets it die at every call in turn.

Between two calls nothing happens that others could see. So to die after one is to die before the
next; where there are many, only deaths before are tried, and one after the last.
"""

from collections.abc import Callable
from typing import Any

import api
import message
import pytest

from scorecast.aws.dynamodb import memberships
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.limits import STALLED_AFTER_MS
from tests.harness.calls import Death
from tests.harness.engine import EngineHarness, answer_in
from tests.harness.engine_invariants import assert_one_content, assert_published

M1, T1 = match_room("m1"), tournament_room("t1")
VIEWERS = ("c1", "c2", "c3")
CALLS_MAX = 60

type Rewind = Callable[[], Callable[[], None]]
type Act = Callable[[EngineHarness], object]

both_sides = pytest.mark.parametrize("is_after", [False, True], ids=["before", "after"])


def _scene(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.viewer("c1", M1)
    engine.viewer("c2", T1)
    engine.viewer("c3", M1, T1)
    engine.pass_ms(6_000)


def _die_everywhere(
    engine: EngineHarness,
    restore: Callable[[], None],
    act: Act,
    check: Act,
    *,
    is_after: bool = False,
) -> int:
    """Act once for each call that acting makes; how many there are."""
    for number in range(1, CALLS_MAX):
        restore()
        with engine.calls.doomed(Death(number, is_after)):
            act(engine)
        check(engine)
        if not engine.calls.has_died:
            return number - 1
    raise AssertionError("it makes more calls than expected")


def _time_goes_by(engine: EngineHarness) -> None:
    """Long enough for every redelivery, with stalled matches requeued now and then."""
    for _ in range(3):
        engine.pass_ms(35_000)
        engine.requeue()
    engine.pass_ms(1_000)


def _update(first: int, **fields: Any) -> Act:
    """An update of an official's; it is the very same however often it is sent."""

    def send(engine: EngineHarness) -> object:
        event = engine.message_event(
            "score_update",
            match_id="m1",
            participant1_score=first,
            participant2_score=0,
            **fields,
        )
        response = engine.invoker(message)(event)
        return response and answer_in(response)

    return send


_UPDATE = _update(5, client_revision=7, update_id="u5")


@both_sides
@pytest.mark.parametrize("window_is_open", [False, True], ids=["opener", "not the opener"])
def test_an_update_whose_lambda_died_is_published_if_it_was_stored(
    engine: EngineHarness, rewind: Rewind, is_after: bool, window_is_open: bool
) -> None:
    _scene(engine)
    engine.flush_queue.is_held = True
    if window_is_open:
        engine.score(4, client_revision=6)

    def check(engine: EngineHarness) -> None:
        stored = engine.match_item()["participant1_score"]
        assert stored == 5 or stored == (4 if window_is_open else 0)
        engine.flush_queue.hand_out()
        engine.pass_ms(STALLED_AFTER_MS + 5_000)
        engine.requeue()
        engine.pass_ms(1_000)
        if stored:
            assert_published(engine, VIEWERS)

    calls = _die_everywhere(engine, rewind(), _UPDATE, check, is_after=is_after)
    assert calls >= 6


@both_sides
def test_an_update_retried_after_a_crash_is_stored_once(
    engine: EngineHarness, rewind: Rewind, is_after: bool
) -> None:
    _scene(engine)

    def check(engine: EngineHarness) -> None:
        engine.pass_ms(3_000)
        answer = _UPDATE(engine)
        assert answer == {"type": "accepted", "data": {"match_id": "m1", "revision": 1}}
        engine.pass_ms(300)
        assert_published(engine, VIEWERS)
        assert engine.scores("c1") == [5]

    _die_everywhere(engine, rewind(), _UPDATE, check, is_after=is_after)


def _deliver_flush_requests(engine: EngineHarness) -> None:
    engine.flush_queue.hand_out()
    engine.pass_ms(1_000)


def _check_published(engine: EngineHarness) -> None:
    _time_goes_by(engine)
    assert_published(engine, VIEWERS)
    assert engine.flush_queue.messages == engine.flush_queue.dead == []


@both_sides
def test_a_flush_that_died_in_claim_or_fan_out_publishes_the_same_again(
    engine: EngineHarness, rewind: Rewind, is_after: bool
) -> None:
    _scene(engine)
    engine.flush_queue.is_held = True
    assert engine.score(1)["type"] == engine.score(2)["type"] == "accepted"

    def check(engine: EngineHarness) -> None:
        _check_published(engine)
        assert set(engine.scores("c1")) == {2}

    calls = _die_everywhere(engine, rewind(), _deliver_flush_requests, check, is_after=is_after)
    assert calls >= 15


def test_a_flush_that_died_with_a_completion_publishes_all_of_it(
    engine: EngineHarness, rewind: Rewind
) -> None:
    _scene(engine)
    engine.flush_queue.is_held = True
    engine.score(2)
    engine.order("match_complete", winner_id="p1", participant1_score=3, participant2_score=1)

    calls = _die_everywhere(engine, rewind(), _deliver_flush_requests, _check_published)
    assert calls >= 25


@both_sides
@pytest.mark.parametrize("is_sent_again", [False, True], ids=["left alone", "sent again"])
def test_a_completion_whose_lambda_died_happens_once_or_not_at_all(
    engine: EngineHarness, rewind: Rewind, is_after: bool, is_sent_again: bool
) -> None:
    """Sent again after it was stored it is refused, and nothing else happens."""
    _scene(engine)
    engine.flush_queue.is_held = True
    engine.score(1)

    def complete(engine: EngineHarness) -> None:
        event = engine.message_event("match_complete", match_id="m1", winner_id="p1")
        engine.invoker(message)(event)

    def check(engine: EngineHarness) -> None:
        if is_sent_again:
            complete(engine)
            assert engine.match_item()["match_state"] == "completed"
        engine.flush_queue.hand_out()
        _time_goes_by(engine)
        assert_published(engine, VIEWERS)
        is_over = engine.match_item()["match_state"] == "completed"
        assert [kind for kind, _ in engine.numbers("c1")].count("match_completed") == is_over

    _die_everywhere(engine, rewind(), complete, check, is_after=is_after)


def test_a_handover_that_died_reaches_everyone_in_a_large_room(
    engine: EngineHarness, rewind: Rewind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two shards of two: `flush` or one of its `fanout`s dies."""
    monkeypatch.setattr(memberships, "SHARD_MEMBERS_MAX", 2)
    engine.register("m1")
    viewers = [engine.viewer(f"c{n}", M1) for n in range(3)] + [engine.viewer("c9", M1, T1)]
    engine.pass_ms(6_000)
    engine.flush_queue.is_held = True
    engine.score(1)
    engine.order("match_complete", winner_id=None)

    def check(engine: EngineHarness) -> None:
        _time_goes_by(engine)
        assert_published(engine, viewers)
        assert engine.fanout_queue.messages == engine.fanout_queue.dead == []

    calls = _die_everywhere(engine, rewind(), _deliver_flush_requests, check)
    assert calls >= 25


def test_a_tournaments_event_whose_lambda_died_is_published_if_it_was_stored(
    engine: EngineHarness, rewind: Rewind
) -> None:
    """By the sweep, or with the next event, and each of them once."""
    _scene(engine)
    path = "/tournaments/t1/events"
    engine.http("POST", path, {"type": "bracket_generated"})
    engine.pass_ms(1_000)

    def publish(engine: EngineHarness) -> None:
        event = engine.http_event("POST", path, {"type": "bracket_updated"})
        engine.invoker(api)(event)

    def check(engine: EngineHarness) -> None:
        _time_goes_by(engine)
        item = engine.item("MATCHES_TABLE", "T#t1", "T")
        assert "unsent" not in item and "pending" not in item
        assert_one_content(engine)
        published = [
            ("bracket_updated", number) for number in range(2, item["sequence_number"] + 1)
        ]
        assert engine.numbers("c2") == published

    _die_everywhere(engine, rewind(), publish, check)


def test_a_flush_that_died_with_a_tournaments_events_publishes_them_again(
    engine: EngineHarness, rewind: Rewind
) -> None:
    _scene(engine)
    engine.flush_queue.is_held = True
    for kind in ("bracket_generated", "bracket_updated"):
        engine.http("POST", "/tournaments/t1/events", {"type": kind})

    def check(engine: EngineHarness) -> None:
        _time_goes_by(engine)
        assert_one_content(engine)
        published = dict.fromkeys(engine.numbers("c2"))
        assert sorted(published, key=lambda each: each[1]) == list(published)
        assert list(published) == [("bracket_generated", 1), ("bracket_updated", 2)]
        item = engine.item("MATCHES_TABLE", "T#t1", "T")
        assert "unsent" not in item and "pending" not in item

    _die_everywhere(engine, rewind(), _deliver_flush_requests, check)
