from typing import Any

import pytest

from scorecast.aws.dynamodb.event_items import event_from, event_item
from scorecast.aws.dynamodb.json_text import decode, encode
from scorecast.aws.dynamodb.match_items import match_from, new_match
from scorecast.domain.matches.changes import Change, event_of
from scorecast.domain.matches.decisions import decide
from scorecast.domain.matches.match import Claimed, LoggedEvent
from scorecast.protocol.commands import MatchComplete, MatchStateChange, ScoreUpdate
from scorecast.protocol.states import State
from tests.examples import NOW_MS, match, occasion, score, tournament
from tests.harness.moto_cloud import MotoCloud


def _to(state: State) -> MatchStateChange:
    return MatchStateChange(match_id="m1", new_state=state)


def _scheduled(**changes: Any) -> Any:
    return match(**({"state": State.SCHEDULED} | changes))


def test_a_new_match_is_read_back_from_its_item() -> None:
    assert match_from(new_match(_scheduled())) == _scheduled()


@pytest.mark.parametrize("details", [None, {}, {"minute": 4.5, "by": ["Ü", None, True]}])
def test_details_come_back_as_they_were_sent(details: Any) -> None:
    assert decode(encode(details)) == details


@pytest.mark.parametrize("published", [True, False])
def test_an_event_is_read_back_from_its_item(published: bool) -> None:
    claimed = Claimed(
        score=score(1, 2, details={"minute": 4.5}, revision=3, updated_at_ms=7, updated_by="ad"),
        sequence=8,
        merged=2,
        claimed_by="event:9",
        claimed_at_ms=NOW_MS,
    )
    event = LoggedEvent(
        type="match_completed",
        sequence=9,
        previous_sequence=4,
        data={"winner_id": None, "x": 1.5},
        score=claimed if published else None,
        revision=4,
        accepted=score(2, 2, revision=4, updated_at_ms=8, updated_by="ad") if published else None,
    )
    item = event_item("M#m1", event, tournament_id="t1", expires_at=5)
    assert event_from({name: value for name, value in item.items() if value is not None}) == event


def test_a_tournament_is_read_back_with_its_latest_name_and_organizers(cloud: MotoCloud) -> None:
    assert cloud.matches.put_tournament(tournament()) == tournament()
    renamed = tournament(name="World Cup", organizers=("or", "o2"))
    assert cloud.matches.put_tournament(renamed) == renamed
    assert cloud.matches.tournament("t1") == renamed
    assert cloud.matches.tournament("t2") is None


def test_a_tournament_has_all_of_its_matches_in_the_order_of_kick_offs(
    cloud: MotoCloud,
) -> None:
    ids = [f"m{n:03}" for n in range(104)]
    for match_id in reversed(ids):
        cloud.put_match(_scheduled(id=match_id))
    cloud.put_match(_scheduled(id="other", tournament_id="t2"))
    cloud.put_match(_scheduled(id="a", scheduled_at="2026-06-11T13:00:00-07:00"))
    cloud.put_match(_scheduled(id="z", scheduled_at="2026-06-11T20:30:00+02:00"))
    listed = [each.id for each in cloud.matches.of_tournament("t1")]
    assert listed == ["z", *ids, "a"]


def test_a_change_decided_on_an_old_reading_is_not_recorded(cloud: MotoCloud) -> None:
    read_before = cloud.register("m1")
    cloud.execute(ScoreUpdate(match_id="m1", participant1_score=1, participant2_score=0))
    asked = decide(MatchComplete(match_id="m1", winner_id=None), read_before, occasion())
    assert isinstance(asked, Change)
    event = event_of(asked, read_before, now_ms=0)
    recorded = cloud.matches.record(read_before, event, asked, received_at_ms=0, log_days=7)
    assert recorded is False
    stored = cloud.matches.get("m1")
    assert (stored.state, stored.score.participant1) == ("live", 1)
    assert cloud.events("m1", after=1) == []


def test_events_are_read_in_the_order_of_their_numbers(cloud: MotoCloud) -> None:
    cloud.register("m1")
    for state in ("paused", "live") * 6:
        cloud.execute(_to(State(state)))
    sequences = [event.sequence for event in cloud.events("m1", after=3)]
    assert sequences == list(range(4, 14))


def test_a_sent_event_is_no_longer_pending(cloud: MotoCloud) -> None:
    cloud.register("m1")
    cloud.execute(MatchComplete(match_id="m1", winner_id="p1"))
    key = ("M#m1", "M")
    assert cloud.items(cloud.matches_table)[key]["pending"] == "pending"
    cloud.mark_sent("m1", 2)
    item = cloud.items(cloud.matches_table)[key]
    assert "pending" not in item and "unsent" not in item
    cloud.mark_sent("m1", 2)
    assert cloud.items(cloud.matches_table)[key] == item


def test_marking_one_event_leaves_the_other_and_an_open_window_pending(cloud: MotoCloud) -> None:
    cloud.register("m1")
    cloud.execute(_to(State.PAUSED))
    cloud.execute(_to(State.LIVE))
    cloud.mark_sent("m1", 2)
    assert cloud.matches.get("m1").unsent == frozenset({3})
    cloud.execute(ScoreUpdate(match_id="m1", participant1_score=1, participant2_score=0))
    cloud.mark_sent("m1", 3)
    assert cloud.items(cloud.matches_table)["M#m1", "M"]["pending"] == "pending"
