"""Rooms of more than one shard: sent in batches, posted by several `fanout`s."""

import json
from collections import Counter

import pytest

from scorecast.aws.dynamodb import memberships
from scorecast.domain.publication import buckets_for
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.limits import (
    FAN_OUT_MS_MAX,
    FANOUT_LANES,
    PLANNED_SHARE,
    SHARD_MEMBERS_MAX,
)
from tests.harness.engine import EngineHarness
from tests.harness.engine_invariants import assert_one_content

M1, T1 = match_room("m1"), tournament_room("t1")
MEMBERS = 1_200
SHARDS = 3
BUDGET = 8_000


@pytest.fixture
def engine(modelled: EngineHarness) -> EngineHarness:
    return modelled


def test_everyone_in_a_room_of_1200_gets_each_message_once_and_in_order(
    engine: EngineHarness,
) -> None:
    assert -(-MEMBERS // SHARD_MEMBERS_MAX) == SHARDS
    engine.register("m1")
    viewers = [f"v{n:04}" for n in range(MEMBERS)]
    engine.fill(M1, viewers)
    engine.score(1)
    engine.order("match_complete", winner_id="p1")
    engine.pass_ms(1_000)
    expected = [("score_updated", 2), ("match_completed", 3)]
    assert all(engine.numbers(viewer) == expected for viewer in viewers)
    assert_one_content(engine)
    assert len(engine.fanout_queue.sent) == 2 * buckets_for(MEMBERS)
    assert engine.fanout_queue.messages == []


def test_batches_of_one_lane_are_one_group_and_name_their_message(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.fill(M1, [f"v{n:04}" for n in range(SHARD_MEMBERS_MAX + 1)])
    for n in (1, 2):
        engine.score(n)
        engine.pass_ms(300)
    lanes = Counter(request["MessageGroupId"] for request in engine.fanout_queue.sent)
    assert sorted(lanes.values()) == [2] * FANOUT_LANES
    repeated = Counter(
        (request["MessageGroupId"], request["MessageDeduplicationId"])
        for request in engine.fanout_queue.sent
    )
    assert set(repeated.values()) == {1}


@pytest.mark.parametrize(
    ("in_match", "in_tournament"),
    [(1, 1), (5, 1), (1, 5), (5, 5)],
    ids=["both small", "match large", "tournament large", "both large"],
)
def test_a_connection_in_both_rooms_gets_a_message_once(
    engine: EngineHarness, monkeypatch: pytest.MonkeyPatch, in_match: int, in_tournament: int
) -> None:
    monkeypatch.setattr(memberships, "SHARD_MEMBERS_MAX", 2)
    engine.register("m1")
    both = engine.viewer("both", M1, T1)
    others = [engine.viewer(f"m{n}", M1) for n in range(in_match - 1)]
    others += [engine.viewer(f"t{n}", T1) for n in range(in_tournament - 1)]
    for n in (1, 2):
        engine.score(n)
        engine.pass_ms(300)
    for viewer in (both, *others):
        assert engine.scores(viewer) == [1, 2]


def test_a_room_that_was_large_stays_in_order_when_it_empties(
    engine: EngineHarness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes to the fan-out queue as before, so that no message overtakes one that waits there."""
    monkeypatch.setattr(memberships, "SHARD_MEMBERS_MAX", 2)
    engine.register("m1")
    viewers = [engine.viewer(f"c{n}", M1) for n in range(3)]
    engine.fanout_queue.is_held = True
    engine.score(1)
    engine.pass_ms(300)
    engine.command("unsubscribe", by="c2", match_id="m1")
    engine.score(2)
    engine.pass_ms(300)
    assert [engine.scores(viewer) for viewer in viewers] == [[], [], []]
    engine.fanout_queue.hand_out()
    engine.pass_ms(300)
    assert [engine.scores(viewer) for viewer in viewers[:2]] == [[1, 2], [1, 2]]


@pytest.mark.parametrize("members", [SHARD_MEMBERS_MAX + 1, 1_200, 20_000])
def test_a_messages_batches_are_posted_no_faster_than_the_account_can(
    engine: EngineHarness, members: int
) -> None:
    """And each of them in time: what a fan-out has no time for is skipped."""
    engine.register("m1")
    engine.fill(M1, [f"v{n:05}" for n in range(members)])
    engine.fanout_queue.is_held = True
    engine.score(1)
    engine.pass_ms(5_000)
    sent = [
        (each["MessageGroupId"], json.loads(each["MessageBody"]))
        for each in engine.fanout_queue.sent
    ]
    assert sum(len(batch["connection_ids"]) for _, batch in sent) == members
    paces = {lane: batch["posts_per_second"] for lane, batch in sent}
    assert round(sum(paces.values())) == BUDGET * PLANNED_SHARE
    for _, batch in sent:
        seconds = len(batch["connection_ids"]) / batch["posts_per_second"]
        assert seconds * 1_000 < FAN_OUT_MS_MAX


def test_a_batch_that_cannot_be_read_comes_again_alone(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.fill(M1, [f"v{n:04}" for n in range(SHARD_MEMBERS_MAX + 1)])
    broken = {"MessageBody": "nonsense", "MessageGroupId": "x", "MessageDeduplicationId": "x"}
    engine.fanout_queue.send(broken)
    engine.score(1)
    engine.pass_ms(300)
    assert [message.body for message in engine.fanout_queue.messages] == ["nonsense"]
    assert engine.scores("v0000") == engine.scores(f"v{SHARD_MEMBERS_MAX:04}") == [1]


def test_a_batch_holds_the_message_as_every_member_gets_it(engine: EngineHarness) -> None:
    engine.register("m1")
    engine.fill(M1, [f"v{n:04}" for n in range(SHARD_MEMBERS_MAX + 1)])
    engine.score(1, details={"scorer": "Müller"})
    engine.pass_ms(300)
    (body,) = set(engine.gateway.bodies["v0000"])
    assert {
        json.loads(r["MessageBody"])["posted"]["message"] for r in engine.fanout_queue.sent
    } == {body.decode()}
