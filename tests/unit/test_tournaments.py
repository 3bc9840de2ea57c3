import pytest

from scorecast.domain.connections.identity import Identity
from scorecast.domain.matches.match import LoggedEvent
from scorecast.domain.matches.payloads import (
    match_snapshot,
    tournament_event_data,
    tournament_snapshot,
)
from scorecast.domain.matches.tournament import (
    COMPLETED,
    OPEN,
    TournamentEventType,
    organizers_after,
    registration,
    run_rejection,
    state_after,
    tournament_event,
    unfinished,
)
from scorecast.protocol.errors import Code, Rejection
from scorecast.protocol.states import State
from tests import examples
from tests.examples import NOW_MS, match, tournament


def _event(kind: str = "bracket_updated", **changes: object) -> LoggedEvent | Rejection:
    event_type = TournamentEventType(kind)
    return tournament_event(event_type, {"round": 2}, tournament(**changes), now_ms=NOW_MS)


def test_an_event_takes_the_tournaments_next_number() -> None:
    event = _event(sequence=4, last_event_sequence=4)
    assert isinstance(event, LoggedEvent)
    assert (event.type, event.sequence, event.previous_sequence) == ("bracket_updated", 5, 4)
    assert event.data == {"round": 2, "server_time": NOW_MS}


@pytest.mark.parametrize(
    "kind", [kind for kind in TournamentEventType if kind != "tournament_reopened"]
)
def test_nothing_but_its_reopening_comes_after_the_end(kind: TournamentEventType) -> None:
    refused = _event(kind, state=COMPLETED)
    assert isinstance(refused, Rejection)
    assert refused.code is Code.INVALID_TRANSITION


def test_only_its_completion_completes_a_tournament() -> None:
    assert [state_after(kind) for kind in TournamentEventType] == [OPEN, OPEN, COMPLETED, OPEN]


def test_the_end_of_a_tournament_can_be_taken_back() -> None:
    reopened = _event("tournament_reopened", state=COMPLETED)
    assert isinstance(reopened, LoggedEvent)
    assert _event("tournament_reopened", state=OPEN) == Rejection(
        Code.INVALID_TRANSITION, "The tournament is not completed."
    )


@pytest.mark.parametrize("state", State)
def test_a_match_in_play_holds_up_the_end_of_its_tournament(state: State) -> None:
    refused = unfinished([match(id="m0", state=State.COMPLETED), match(state=state)])
    if state not in ("live", "paused", "disputed"):
        assert refused is None
    else:
        assert refused is not None
        assert refused.code is Code.INVALID_TRANSITION
        assert refused.data == {"match_id": "m1", "state": state}


def test_what_names_an_event_cannot_be_overwritten_by_its_sender() -> None:
    event = LoggedEvent(
        type="bracket_updated",
        sequence=5,
        previous_sequence=4,
        data={"sequence": 99, "tournament_id": "t9", "round": 2},
    )
    published = tournament_event_data("t1", event)
    assert (published["sequence"], published["tournament_id"], published["round"]) == (5, "t1", 2)


BY_CLAIM = Identity(user_id="x", tournaments=("t1",))


@pytest.mark.parametrize("identity", [examples.ADMIN, examples.ORGANIZER, BY_CLAIM])
def test_officials_run_a_tournament(identity: Identity) -> None:
    assert run_rejection(identity, "t1", tournament()) is None


@pytest.mark.parametrize(
    "identity", [examples.SPECTATOR, Identity(user_id="x", tournaments=("t2",))]
)
def test_other_users_may_not_run_it(identity: Identity) -> None:
    refused = Rejection(Code.FORBIDDEN, "Your token does not allow you to run this tournament.")
    assert run_rejection(identity, "t1", tournament()) == refused


def test_a_claim_is_enough_for_a_tournament_that_is_not_registered() -> None:
    assert run_rejection(BY_CLAIM, "t1", None) is None
    assert run_rejection(examples.ORGANIZER, "t1", None) is not None


def test_a_tournament_snapshot_has_its_matches() -> None:
    published = tournament_snapshot(tournament(sequence=3), [match(), match(id="m2")])
    assert published == {
        "tournament_id": "t1",
        "name": "Cup",
        "organizers": ["or"],
        "state": "open",
        "sequence": 3,
        "matches": [match_snapshot(match()), match_snapshot(match(id="m2"))],
        "complete": True,
        "next": None,
    }


def test_M11_a_listing_that_leaves_matches_out_says_where_they_are() -> None:
    published = tournament_snapshot(tournament(), [match()], after="cursor")
    assert (published["complete"], published["next"]) == (False, "cursor")


ORGANIZER = Identity(user_id="or")
CLAIMING = Identity(user_id="cl", tournaments=("t1",))
ADMIN = Identity(user_id="ad", role="admin")


def test_a_tournament_begins_open_with_number_0() -> None:
    new = registration(ADMIN, "t1", "Cup", ("or",))
    assert new == tournament(sequence=0)
    assert (new.state, new.registered_by) == ("open", None)


@pytest.mark.parametrize("given", [None, [], ["or"], ["cl", "or"]])
def test_a_user_who_registers_a_tournament_is_an_organizer(given: list[str] | None) -> None:
    organizers = organizers_after(CLAIMING, None, given)
    assert not isinstance(organizers, Rejection)
    assert set(organizers) == {"cl", *(given or ())}
    assert registration(CLAIMING, "t1", "Cup", organizers).registered_by == "cl"


def test_a_back_end_that_registers_a_tournament_is_not_an_organizer() -> None:
    assert organizers_after(ADMIN, None, ["or"]) == ("or",)


def test_organizers_that_are_left_out_stay() -> None:
    assert organizers_after(ORGANIZER, tournament(organizers=("or", "x")), None) == ("or", "x")


REGISTERED = tournament(organizers=("cl", "or"), registered_by="cl")


def test_an_organizer_cannot_remove_the_user_who_registered_the_tournament() -> None:
    refused = organizers_after(ORGANIZER, REGISTERED, ["or"])
    assert isinstance(refused, Rejection)
    assert refused.code is Code.FORBIDDEN


@pytest.mark.parametrize("identity", [CLAIMING, ADMIN])
def test_they_themselves_and_admins_can(identity: Identity) -> None:
    assert organizers_after(identity, REGISTERED, ["or"]) == ("or",)


def test_a_user_whom_an_admin_has_removed_is_not_protected() -> None:
    removed = tournament(organizers=("or", "x"), registered_by="cl")
    assert organizers_after(ORGANIZER, removed, ["or"]) == ("or",)
