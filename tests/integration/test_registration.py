"""Registering, changing and deleting matches over HTTP, as the rooms receive it."""

from typing import Any, Final

import pytest

from scorecast.domain.matches.match import Participant
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.protocol.commands import MatchStart
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.states import State
from scorecast.runtime import settings
from scorecast.wiring import host, reports, sessions
from tests import examples
from tests.harness.moto_cloud import MotoCloud
from tests.harness.threads import at_once

LATER: Final = "2026-06-12T13:00:00+00:00"


@pytest.fixture
def cup(cloud: MotoCloud) -> MotoCloud:
    """Tournament t1, and a spectator in its room and one in that of match m1."""
    cloud.matches.put_tournament(examples.tournament())
    assert put(cloud).sequence == 1
    cloud.connect("in-match", match_room("m1"))
    cloud.connect("in-cup", tournament_room("t1"))
    return cloud


def registration(cloud: MotoCloud) -> Any:
    return reports.match_registration(host.settings(settings.ApiSettings))


def put(cloud: MotoCloud, by: Any = examples.ADMIN, **changes: Any) -> Any:
    wanted = examples.match(**({"state": State.SCHEDULED} | changes))
    outcome = registration(cloud).put(wanted, by)
    return outcome if isinstance(outcome, Rejection) else outcome.match


def posted(cloud: MotoCloud, connection_id: str) -> list[tuple[str, int]]:
    frames = cloud.api.messages(connection_id)
    return [(frame["type"], frame["data"]["sequence"]) for frame in frames]


def test_M5_a_rescheduled_match_is_published_in_both_rooms(cup: MotoCloud) -> None:
    cup.flush()
    put(cup, scheduled_at=LATER)
    assert cup.flush_requests() == ["m1", "m1"]
    cup.flush()
    assert posted(cup, "in-match") == [("match_registered", 1), ("match_updated", 2)]
    assert posted(cup, "in-cup") == posted(cup, "in-match")
    frame = cup.api.messages("in-cup")[-1]["data"]
    assert (frame["scheduled_at"], frame["changed"]) == (LATER, ["scheduled_at"])


def test_M5_a_reschedule_is_recovered_by_since(cup: MotoCloud) -> None:
    put(cup, scheduled_at=LATER)
    subscriptions: Any = sessions.subscriptions(cup.settings)
    connection = cup.connections.get("in-match")
    state = subscriptions.room_state(connection, match_room("m1"))
    recovered = subscriptions.recover(match_room("m1"), 1, state)
    assert recovered["recovered"] is True
    assert [each["type"] for each in recovered["events"]] == ["match_updated"]
    assert state.snapshot["scheduled_at"] == LATER


def test_the_same_again_changes_nothing_and_publishes_nothing(cup: MotoCloud) -> None:
    cup.flush()
    before = cup.items(cup.matches_table, "M#")
    again = put(cup)
    assert again == cup.matches.get("m1")
    assert cup.items(cup.matches_table, "M#") == before


def test_a_list_is_in_the_order_of_the_newest_kick_offs(cup: MotoCloud) -> None:
    put(cup, id="m2")
    put(cup, scheduled_at=LATER)
    assert [each.id for each in cup.matches.of_tournament("t1")] == ["m2", "m1"]


def test_M10_a_name_is_corrected_while_the_match_is_live(cup: MotoCloud) -> None:
    from scorecast.domain.matches.match import Participant
    from scorecast.protocol.commands import MatchStart

    cup.execute(MatchStart(match_id="m1"))
    cup.execute(examples.score_update(1))
    renamed = (Participant("p1", "México"), Participant("p2", "Peru"))
    put(cup, participants=renamed)
    cup.flush()
    stored = cup.matches.get("m1")
    assert (stored.participants, stored.state, stored.score.participant1) == (renamed, "live", 1)
    assert posted(cup, "in-match")[1:] == [
        ("match_started", 2),
        ("score_updated", 3),
        ("match_updated", 4),
    ]


def test_M10_a_match_that_never_began_is_deleted_and_can_be_registered_anew(cup: MotoCloud) -> None:
    deleted = registration(cup).delete("m1", examples.ADMIN)
    assert deleted.sequence == 2
    assert cup.matches.get("m1") is None
    assert cup.matches.of_tournament("t1") == []
    assert registration(cup).delete("m1", examples.ADMIN).code is Code.NOT_FOUND
    assert put(cup).sequence == 3
    cup.flush()
    expected = [("match_registered", 1), ("match_deleted", 2), ("match_registered", 3)]
    assert posted(cup, "in-cup") == expected
    assert "expires_at" not in cup.items(cup.matches_table)["M#m1", "M"]


def test_a_deleted_match_can_move_once_its_room_knows(cup: MotoCloud) -> None:
    cup.matches.put_tournament(examples.tournament(id="t2"))
    registration(cup).delete("m1", examples.ADMIN)
    cup.flush()
    assert put(cup, tournament_id="t2").tournament_id == "t2"
    assert [each.id for each in cup.matches.of_tournament("t2")] == ["m1"]
    assert cup.matches.of_tournament("t1") == []


def test_commands_do_not_find_a_deleted_match(cup: MotoCloud) -> None:
    from scorecast.protocol.commands import MatchStart

    registration(cup).delete("m1", examples.ADMIN)
    assert cup.execute(MatchStart(match_id="m1")).code is Code.NOT_FOUND
    assert cup.execute(examples.score_update(1)).code is Code.NOT_FOUND


def test_a_spectator_deletes_nothing(cup: MotoCloud) -> None:
    assert registration(cup).delete("m1", examples.SPECTATOR).code is Code.FORBIDDEN


def test_no_other_tournament_takes_an_id_that_begins_with_this_ones(cup: MotoCloud) -> None:
    cup.matches.put_tournament(examples.tournament(id="t2", organizers=("o2",)))
    refused = put(cup, by=examples.ORGANIZER, id="t2-final")
    assert refused.code is Code.FORBIDDEN and "t2-" in refused.message
    assert put(cup, by=examples.ORGANIZER, id="t1-final").id == "t1-final"
    assert put(cup, by=examples.ADMIN, id="t2-final").id == "t2-final"


def test_two_registrations_at_once_give_one_match_and_one_number(
    cloud: MotoCloud,
) -> None:
    cloud.matches.put_tournament(examples.tournament())
    stored = at_once(lambda _: put(cloud), range(4))
    assert {each.sequence for each in stored} == {1}
    assert [each.id for each in cloud.matches.of_tournament("t1")] == ["m1"]


CHESS: Final[Any] = {"scale": 1, "negative": False, "unit": "points"}


def test_a_registration_that_says_nothing_of_scoring_and_metadata_keeps_them(
    cup: MotoCloud,
) -> None:
    put(cup, scoring=CHESS, metadata={"venue": "Hall 2"})
    kept = put(cup)
    assert (kept.scoring, kept.metadata) == (CHESS, {"venue": "Hall 2"})
    assert put(cup, metadata={}).metadata == {}
    given, removed = cup.events("m1", after=1)
    assert given.data["changed"] == ["scoring", "metadata"]
    assert removed.data["changed"] == ["metadata"] and "metadata" not in removed.data
    assert cup.matches.get("m1").scoring == CHESS


def test_scoring_is_fixed_once_a_match_has_begun(cup: MotoCloud) -> None:
    cup.execute(MatchStart(match_id="m1"))
    refused = put(cup, scoring=CHESS)
    assert isinstance(refused, Rejection) and refused.code is Code.INVALID_TRANSITION


def test_M9_a_placeholder_becomes_a_player_until_the_match_begins(cup: MotoCloud) -> None:
    """placeholders ("Winner of QF1") are representable"""
    mexico, peru = examples.match().participants
    waiting = (mexico, Participant(None, placeholder="Winner of QF1"))
    assert put(cup, participants=waiting).participants == waiting
    assert put(cup).participants == (mexico, peru)
    cup.execute(MatchStart(match_id="m1"))
    refused = put(cup, participants=waiting)
    assert isinstance(refused, Rejection) and refused.code is Code.INVALID_TRANSITION
