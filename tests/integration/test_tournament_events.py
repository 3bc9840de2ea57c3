from typing import Any

import pytest

from scorecast.domain.matches.tournament import TournamentEventType
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.limits import STALLED_AFTER_MS
from scorecast.protocol.states import State
from tests.harness.moto_cloud import MotoCloud
from tests.harness.threads import at_once

CUP = tournament_room("t1")
UPDATED = TournamentEventType.BRACKET_UPDATED
COMPLETED = TournamentEventType.TOURNAMENT_COMPLETED


def _publish(cloud: MotoCloud, kind: TournamentEventType = UPDATED, **data: Any) -> Any:
    return cloud.match_commands.publish_tournament_event("t1", kind, data)


@pytest.fixture
def cup(cloud: MotoCloud) -> MotoCloud:
    cloud.register("m1")
    cloud.connect("t1", CUP)
    cloud.connect("c1", match_room("m1"))
    return cloud


def test_an_event_reaches_the_tournaments_room_and_no_matchs(cup: MotoCloud) -> None:
    assert _publish(cup, round=2) == {"tournament_id": "t1", "sequence": 1}
    assert cup.messages("FLUSH_QUEUE_URL") == [{"tournament_id": "t1"}]
    cup.flush_room.run(CUP, request_id="tick")
    (message,) = cup.api.messages("t1")
    assert message["type"] == "bracket_updated"
    assert (message["data"]["sequence"], message["data"]["round"]) == (1, 2)
    assert cup.api.messages("c1") == []


def test_events_are_published_once_and_in_order(cup: MotoCloud) -> None:
    for n in range(3):
        _publish(cup, round=n)
    cup.flush_room.run(CUP, request_id="last")
    cup.flush_room.run(CUP, request_id="first")
    assert [message["data"]["sequence"] for message in cup.api.messages("t1")] == [1, 2, 3]


def test_nothing_comes_after_the_end(cloud: MotoCloud) -> None:
    cloud.register("m1", state=State.SCHEDULED)
    _publish(cloud, COMPLETED)
    refused = _publish(cloud)
    assert isinstance(refused, Rejection)
    assert refused.code is Code.INVALID_TRANSITION
    assert cloud.matches.tournament("t1").state == "completed"


def test_an_unknown_tournament_is_not_found(cloud: MotoCloud) -> None:
    refused = _publish(cloud)
    assert isinstance(refused, Rejection)
    assert refused.code is Code.NOT_FOUND


def test_events_at_once_have_a_number_each(cup: MotoCloud, switching: None) -> None:
    answers = at_once(lambda n: _publish(cup, round=n), range(4))
    assert sorted(answer["sequence"] for answer in answers) == [1, 2, 3, 4]
    assert cup.matches.tournament("t1").unsent == frozenset({1, 2, 3, 4})


def test_an_event_whose_flush_request_was_lost_is_rescued(cup: MotoCloud) -> None:
    _publish(cup)
    cup.messages("FLUSH_QUEUE_URL")
    cup.system.sleep_ms(STALLED_AFTER_MS)
    waiting = cup.matches.pending(until_ms=cup.system.now_ms() - STALLED_AFTER_MS)
    assert waiting == [CUP]
    cup.flush_room.run(CUP, request_id="tick")
    assert cup.matches.pending(until_ms=cup.system.now_ms()) == []


def test_a_flush_request_without_anything_to_publish_publishes_nothing(cup: MotoCloud) -> None:
    cup.flush_room.run(CUP, request_id="tick")
    cup.flush_room.run(tournament_room("t9"), request_id="tick")
    assert cup.api.messages("t1") == []


def test_registering_a_tournament_again_leaves_its_events(cup: MotoCloud) -> None:
    from tests.examples import tournament

    _publish(cup)
    cup.matches.put_tournament(tournament(name="Renamed"))
    stored = cup.matches.tournament("t1")
    assert (stored.name, stored.sequence, stored.unsent) == ("Renamed", 1, frozenset({1}))
