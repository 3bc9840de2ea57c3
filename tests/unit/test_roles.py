import pytest

from scorecast.domain.connections.identity import Identity
from scorecast.domain.connections.roles import role_in
from scorecast.protocol.roles import Role


def _role(identity: Identity) -> Role:
    return role_in(identity, tournament_id="t1", organizers=("or",), participants=("p1", "p2"))


@pytest.mark.parametrize(
    ("identity", "role"),
    [
        (Identity(user_id="x", role="admin"), Role.ADMIN),
        (Identity(user_id="x", role="service"), Role.SERVICE),
        (Identity(user_id="or"), Role.ORGANIZER),
        (Identity(user_id="x", tournaments=("t0", "t1")), Role.ORGANIZER),
        (Identity(user_id="p2"), Role.PARTICIPANT),
        (Identity(user_id="x"), Role.SPECTATOR),
        (Identity(user_id=None), Role.SPECTATOR),
    ],
)
def test_a_role_follows_from_claims_tournament_and_match(identity: Identity, role: Role) -> None:
    assert _role(identity) is role


@pytest.mark.parametrize("claimed", ["organizer", "participant", "Admin", "root"])
def test_other_roles_cannot_be_claimed(claimed: str) -> None:
    assert _role(Identity(user_id="x", role=claimed)) is Role.SPECTATOR


def test_the_highest_of_several_roles_counts() -> None:
    assert role_in(Identity(user_id="p1"), organizers=("p1",), participants=("p1",)) == "organizer"


def test_a_claim_on_another_tournament_gives_nothing_here() -> None:
    assert _role(Identity(user_id="x", tournaments=("t2",))) is Role.SPECTATOR


def test_a_claim_on_a_match_gives_that_match_and_nothing_else() -> None:
    invited = Identity(user_id="x", matches=("m1",))
    assert role_in(invited, tournament_id="t1", match_id="m1") is Role.ORGANIZER
    assert role_in(invited, tournament_id="t1", match_id="m2") is Role.SPECTATOR
    assert role_in(invited, tournament_id="t1") is Role.SPECTATOR
    assert role_in(invited) is Role.SPECTATOR


def test_a_claim_gives_no_role_without_a_tournament() -> None:
    assert role_in(Identity(user_id="x", tournaments=("t1",))) is Role.SPECTATOR


def test_an_anonymous_spectator_is_not_the_participant_without_a_name() -> None:
    assert role_in(Identity(user_id=None), participants=["None", ""]) is Role.SPECTATOR
