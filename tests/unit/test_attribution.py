"""Which fields of what clients receive name a user, and who may see them."""

from typing import get_type_hints

import pytest

from scorecast.domain.matches.attribution import USER_IDS, may_see_users, without_users
from scorecast.protocol import events, match_events, snapshots
from scorecast.protocol.roles import Role

NOT_USERS = {"decided_by"}
"""How a match was decided."""


def test_no_merged_update_names_a_user() -> None:
    merged = {"merged": 2, "updates": [{"revision": 1, "updated_by": "o1"}]}
    assert without_users(merged) == {"merged": 2, "updates": [{"revision": 1}]}


def test_every_field_that_names_a_user_is_known() -> None:
    shapes = [
        each for module in (match_events, events, snapshots) for each in vars(module).values()
    ]
    names = {name for shape in shapes if isinstance(shape, type) for name in get_type_hints(shape)}
    assert {name for name in names if name.endswith("_by")} - NOT_USERS == USER_IDS


@pytest.mark.parametrize("role", Role)
def test_spectators_alone_see_no_users(role: Role) -> None:
    assert may_see_users(role) == (role is not Role.SPECTATOR)


def test_nothing_else_is_left_out() -> None:
    event = {"sequence": 4, "details": {"updated_by": "a referee"}}
    assert without_users(event | {"updated_by": "or", "started_by": "or"}) == event
