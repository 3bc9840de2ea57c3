"""T1, T2: a large room never falls behind."""

import pytest

from tests.simulation.stress.full_rooms import match_room, tournament_room

MATCH_S_MAX = 1
TOURNAMENT_S_MAX = 2


@pytest.mark.parametrize("turnovers", [0, 3])
@pytest.mark.parametrize("per_second", [2, 20])
def test_t1_a_full_rooms_scores_are_young_however_often_its_members_change(
    turnovers: int, per_second: int
) -> None:
    measured = match_room(per_second, turnovers=turnovers)
    assert measured.p99_s <= MATCH_S_MAX, measured
    assert not measured.grows, measured


@pytest.mark.parametrize("per_second", [4, 5])
def test_t2_a_tournaments_room_with_40_live_matches_does_not_fall_behind(per_second: int) -> None:
    measured = tournament_room(per_second, matches=40)
    assert measured.p99_s <= TOURNAMENT_S_MAX, measured
    assert not measured.grows, measured
