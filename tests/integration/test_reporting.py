from io import StringIO
from typing import Any

import pytest

from scorecast.aws.sqs.flush_queue import room_of_request
from scorecast.aws.sqs.records import Record
from scorecast.domain.connections.identity import Identity
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.commands import (
    DisputeCreate,
    MatchComplete,
    MatchStart,
    MatchStateChange,
    ScoreUpdate,
)
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.limits import WINDOW_LEASE_MS
from scorecast.protocol.states import State
from tests import examples
from tests.harness.moto_cloud import MotoCloud
from tests.harness.threads import at_once

COMPLETE = MatchComplete(match_id="m1", winner_id="p1")
DISPUTE = DisputeCreate(match_id="m1", reason="Offside")


def _score(participant1: int = 1, **fields: Any) -> ScoreUpdate:
    return ScoreUpdate(
        match_id="m1", participant1_score=participant1, participant2_score=0, **fields
    )


def _code(outcome: Any) -> Code | None:
    return outcome.code if isinstance(outcome, Rejection) else None


@pytest.mark.parametrize(
    "command",
    [_score(), COMPLETE, DISPUTE, MatchStart(match_id="m1"),
     MatchStateChange(match_id="m1", new_state=State.PAUSED)],
    ids=lambda command: command.type,
)  # fmt: skip
def test_a_spectator_reports_nothing(cloud: MotoCloud, command: Any) -> None:
    before = cloud.register("m1")
    assert _code(cloud.execute(command, by=examples.SPECTATOR)) is Code.FORBIDDEN
    assert _code(cloud.execute(command, by=Identity(user_id=None))) is Code.FORBIDDEN
    assert (cloud.matches.get("m1"), cloud.flush_requests()) == (before, [])


def test_a_participant_may_dispute_and_nothing_else(cloud: MotoCloud) -> None:
    cloud.register("m1")
    assert _code(cloud.execute(_score(), by=examples.PARTICIPANT)) is Code.FORBIDDEN
    accepted = cloud.execute(DISPUTE, by=examples.PARTICIPANT, command_id="d1")
    assert accepted == {"match_id": "m1", "revision": 0, "dispute_id": "d1"}
    assert cloud.matches.get("m1").state == "live"
    assert [each.reason for each in cloud.matches.disputes("m1")] == ["Offside"]


@pytest.mark.parametrize(
    "official",
    [
        examples.ADMIN,
        Identity(user_id="x", role="service"),
        examples.ORGANIZER,
        Identity(user_id="x", tournaments=("t1",)),
    ],
)
def test_an_official_reports_to_their_matches(cloud: MotoCloud, official: Identity) -> None:
    cloud.register("m1")
    assert cloud.execute(_score(), by=official) == {"match_id": "m1", "revision": 1}


def test_an_organizer_of_another_tournament_is_a_spectator(cloud: MotoCloud) -> None:
    cloud.register("m1")
    other = Identity(user_id="x", tournaments=("t2",))
    assert _code(cloud.execute(_score(), by=other)) is Code.FORBIDDEN


def test_an_unknown_match_is_not_found(cloud: MotoCloud) -> None:
    assert _code(cloud.execute(_score())) is Code.NOT_FOUND
    assert _code(cloud.execute(COMPLETE)) is Code.NOT_FOUND


def test_a_burst_sends_one_flush_request(cloud: MotoCloud) -> None:
    cloud.register("m1")
    for n in range(5):
        cloud.execute(_score(n))
    assert cloud.flush_requests() == ["m1"]


def test_a_window_whose_opener_died_is_flushed_by_an_update_after_its_lease(
    cloud: MotoCloud,
) -> None:
    cloud.register("m1")
    at_ms = cloud.system.now_ms()
    cloud.scores.accept(_score(1), update_id="a", received_at_ms=at_ms, user_id="ad")
    cloud.system.sleep_ms(WINDOW_LEASE_MS)
    cloud.execute(_score(2))
    assert cloud.flush_requests() == []
    cloud.system.sleep_ms(1)
    cloud.execute(_score(3))
    assert cloud.flush_requests() == ["m1"]


def test_a_repeated_update_requests_the_flush_of_the_window_that_it_opened(
    cloud: MotoCloud,
) -> None:
    """Its first sending may have died before the tick."""
    cloud.register("m1")
    at_ms = cloud.system.now_ms()
    cloud.scores.accept(_score(1), update_id="a", received_at_ms=at_ms, user_id="ad")
    assert cloud.execute(_score(1, update_id="a")) == {"match_id": "m1", "revision": 1}
    assert cloud.flush_requests() == ["m1"]


def test_the_message_itself_is_the_update_where_it_names_none(cloud: MotoCloud) -> None:
    cloud.register("m1")
    answers = [cloud.execute(_score(1), command_id="request") for _ in range(2)]
    assert answers == [{"match_id": "m1", "revision": 1}] * 2


def test_every_event_sends_a_flush_request(cloud: MotoCloud) -> None:
    cloud.register("m1")
    cloud.execute(DISPUTE)
    cloud.execute(COMPLETE)
    assert cloud.flush_requests() == ["m1", "m1"]


def test_an_event_is_logged_under_its_number(cloud: MotoCloud) -> None:
    before = cloud.register("m1")
    cloud.execute(_score())
    cloud.execute(COMPLETE)
    (event,) = cloud.events("m1", after=before.sequence)
    assert (event.type, event.sequence) == ("match_completed", before.sequence + 2)
    assert event.previous_sequence == before.last_event_sequence
    assert event.score.sequence == before.sequence + 1


def test_an_event_leaves_the_log_when_its_days_are_over(cloud: MotoCloud) -> None:
    cloud.register("m1")
    cloud.system.sleep_ms(7 * 24 * 3_600 * 1_000 - 1)
    assert len(cloud.events("m1", after=0)) == 1
    cloud.system.sleep_ms(1)
    assert cloud.events("m1", after=0) == []


def test_a_completion_ends_the_match(cloud: MotoCloud) -> None:
    cloud.register("m1")
    assert cloud.execute(COMPLETE) == {"match_id": "m1", "revision": 0}
    match = cloud.matches.get("m1")
    assert (match.state, match.result.winner_id) == ("completed", "p1")
    assert _code(cloud.execute(_score())) is Code.MATCH_NOT_LIVE
    assert _code(cloud.execute(COMPLETE)) is Code.INVALID_TRANSITION


def test_a_refused_change_changes_nothing(cloud: MotoCloud) -> None:
    before = cloud.register("m1")
    refused = cloud.execute(MatchComplete(match_id="m1", winner_id="p9"))
    assert _code(refused) is Code.INVALID_SCHEMA
    assert (cloud.matches.get("m1"), cloud.flush_requests()) == (before, [])


def test_a_score_is_accepted_without_its_flush_request(
    cloud: MotoCloud, log_lines: StringIO
) -> None:
    cloud.register("m1")
    cloud.environment["FLUSH_QUEUE_URL"] += "-gone"
    assert cloud.execute(_score()) == {"match_id": "m1", "revision": 1}
    assert cloud.execute(COMPLETE)["revision"] == 1
    assert "flush request not sent" in log_lines.getvalue()
    assert cloud.items(cloud.matches_table)["M#m1", "M"]["pending"] == "pending"


@pytest.mark.parametrize("round_number", range(3))
def test_a_completion_among_updates_at_once_loses_nothing_that_was_accepted(
    cloud: MotoCloud, switching: None, round_number: int
) -> None:
    """The last accepted score is published before the completion, and is the final one."""
    cloud.register("m1")

    def work(n: int) -> Any:
        return cloud.execute(
            COMPLETE if n == 10 else _score(n, client_revision=n), command_id=str(n)
        )

    outcomes = at_once(work, range(20))
    assert _code(outcomes[10]) is None
    accepted = [n for n in range(20) if n != 10 and _code(outcomes[n]) is None]
    match = cloud.matches.get("m1")
    assert (match.state, match.window) == ("completed", None)
    published = cloud.events("m1", after=1)[-1]
    assert published.type == "match_completed"
    if accepted:
        assert match.score.participant1 == max(accepted)
        assert published.score.score.participant1 == max(accepted)
        assert published.score.merged == match.score.revision
    assert {_code(outcome) for outcome in outcomes} <= {None, Code.STALE, Code.MATCH_NOT_LIVE}


def test_two_changes_at_once_happen_one_after_the_other(cloud: MotoCloud, switching: None) -> None:
    cloud.register("m1")
    commands = [COMPLETE, DISPUTE, MatchStateChange(match_id="m1", new_state=State.PAUSED)]
    at_once(cloud.execute, commands)
    events = cloud.events("m1", after=1)
    assert [event.sequence for event in events] == list(range(2, 2 + len(events)))
    assert [event.previous_sequence for event in events] == list(range(1, 1 + len(events)))
    match = cloud.matches.get("m1")
    assert match.unsent == frozenset(event.sequence for event in events)


def test_a_flush_request_names_its_match(cloud: MotoCloud) -> None:
    assert room_of_request(Record("1", '{"match_id":"m1"}')) == match_room("m1")
    assert room_of_request(Record("1", '{"tournament_id":"t1"}')) == tournament_room("t1")


@pytest.mark.parametrize("body", ["", "[]", "{}", '{"match_id":5}', '"m1"'])
def test_what_is_not_a_flush_request_is_rejected(body: str) -> None:
    with pytest.raises((ValueError, AttributeError)):
        room_of_request(Record("1", body))
