"""T1, T2: a large room never falls behind."""

import pytest

from tests.simulation.stress.full_rooms import match_room, neighbouring_rooms, tournament_room

MATCH_S_MAX = 1
TOURNAMENT_S_MAX = 2
THROTTLED_MAX = 0.05


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


def test_t2_the_windows_of_busy_rooms_widen_until_the_quota_suffices_for_all() -> None:
    """Four full rooms of 160 posts a second each, were it not for the budget of 160 for all."""
    assert neighbouring_rooms(5, matches=4) < THROTTLED_MAX
