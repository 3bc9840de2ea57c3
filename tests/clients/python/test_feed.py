from typing import Any

import pytest

from scorecast_client import sequences
from scorecast_client.feed import Feed
from scorecast_client.messages import Event
from scorecast_client.rooms import Room
from scorecast_client.sequences import Sequences

CUP, M1 = Room("tournament", "cup"), Room("match", "m1")


def event(sequence: int, match: str = "m1", kind: str = "score_updated") -> Event:
    data = {"match_id": match, "tournament_id": "cup", "sequence": sequence}
    return Event(kind, data, received_at_ms=0)


def cup(*matches: tuple[str, int], sequence: int = 1, **data: Any) -> dict[str, Any]:
    snapshot: dict[str, Any] = {"tournament_id": "cup", "sequence": sequence}
    snapshot["matches"] = [{"match_id": match, "sequence": number} for match, number in matches]
    return {"snapshot": snapshot, "sequence": sequence, "recovered": True, **data}


def match(sequence: int, *events: Event, **data: Any) -> dict[str, Any]:
    snapshot = {"match_id": "m1", "tournament_id": "cup", "sequence": sequence}
    messages = [{"type": event.type, "data": event.data} for event in events]
    return {"snapshot": snapshot, "recovered": True, "events": messages, **data}


def joined(feed: Feed, room: Room, data: dict[str, Any]) -> list[tuple[str, int]]:
    return numbers(feed.joined(room, data, received_at_ms=0))


def numbers(events: list[Event]) -> list[tuple[str, int]]:
    return [(event.type, event.data["sequence"] or 0) for event in events]


def test_a_tournaments_snapshot_hides_no_event_of_a_matchs_room() -> None:
    feed = Feed()
    joined(feed, M1, match(3))
    joined(feed, CUP, cup(("m1", 9), ("m2", 4)))

    assert numbers(feed.take(event(4))) == [("score_updated", 4)]
    assert feed.take(event(4, "m2")) == []
    assert numbers(feed.take(event(5, "m2"))) == [("score_updated", 5)]


def test_a_gap_in_a_tournament_asks_the_tournament_and_in_a_match_the_match() -> None:
    feed = Feed()
    joined(feed, CUP, cup(("m1", 1), ("m2", 1)))
    assert feed.take(event(3, "m2")) == []
    assert feed.behind == {CUP}

    feed = Feed()
    joined(feed, CUP, cup(("m1", 1), ("m2", 1)))
    joined(feed, M1, match(1))
    assert feed.take(event(3)) == []
    assert feed.behind == {M1}
    assert numbers(feed.take(event(2, "m2"))) == [("score_updated", 2)]


def test_events_during_a_join_come_before_the_snapshot_that_covers_them() -> None:
    feed = Feed()
    joined(feed, M1, match(1))
    feed.hold(M1)
    for sequence in (4, 2, 3, 2):
        assert feed.take(event(sequence)) == []

    events = joined(feed, M1, match(3, event(3, kind="match_started")))
    assert [number for _, number in events] == [2, 3, 0, 4]
    assert events[2][0] == "snapshot"


def test_a_gap_that_the_answer_leaves_open_is_asked_for_again() -> None:
    feed = Feed()
    joined(feed, M1, match(1))
    feed.take(event(9))
    assert joined(feed, M1, match(5))[-1][0] == "snapshot"
    assert feed.behind == {M1}
    assert numbers(feed.release(M1)) == [("score_updated", 9)]


def test_after_a_room_is_left_its_numbers_are_still_known() -> None:
    feed = Feed()
    joined(feed, M1, match(5))
    assert feed.leave(M1) == []
    assert (feed.rooms, feed.since(M1)) == (set(), 5)


def test_events_of_any_form_are_survived() -> None:
    feed = Feed()
    strange: list[dict[str, Any]] = [
        {},
        {"match_id": 7, "sequence": 1},
        {"match_id": "m1", "sequence": "1"},
        {"match_id": "m1", "sequence": True},
    ]
    for data in strange:
        taken = Event("score_updated", data, received_at_ms=0)
        assert feed.take(taken) == [taken]
    for answer in ({}, {"snapshot": None, "events": None}, {"events": [1]}):
        assert joined(feed, M1, answer)[0][0] == "snapshot"


def test_a_restored_match_of_a_tournament_is_followed_from_its_new_numbers() -> None:
    feed = Feed()
    joined(feed, CUP, cup(("m1", 9), ("m2", 4)))

    assert joined(feed, CUP, cup(("m1", 5), ("m2", 4))) == [("snapshot", 1)]
    assert numbers(feed.take(event(6))) == [("score_updated", 6)]
    assert feed.take(event(4, "m2")) == []


def test_a_bracket_event_that_names_a_match_has_its_tournaments_number() -> None:
    feed = Feed()
    joined(feed, CUP, cup(("m1", 8), sequence=8))

    assert numbers(feed.take(event(9, kind="bracket_updated"))) == [("bracket_updated", 9)]
    assert numbers(feed.take(event(9))) == [("score_updated", 9)]
    assert feed.take(event(9, kind="bracket_updated")) == []


def test_of_too_many_numbers_those_of_the_longest_silence_are_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sequences, "NUMBERS_MAX", 2)
    known = Sequences()
    for number, match in ((1, "m1"), (1, "m2"), (2, "m1"), (1, "m3")):
        known.learn(event(number, match).data)
    assert [known.newest(Room("match", match)) for match in ("m1", "m2", "m3")] == [2, None, 1]
