import pytest

from scorecast.protocol.states import FINAL, NEXT, SCORING, State

ALLOWED = {
    "scheduled": {"live", "postponed", "cancelled"},
    "live": {"scheduled", "paused", "disputed", "postponed", "completed", "cancelled"},
    "paused": {"live", "disputed", "postponed", "completed", "cancelled"},
    "disputed": {"live", "completed", "cancelled"},
    "postponed": {"scheduled", "live", "cancelled"},
    "completed": set(),
    "cancelled": set(),
}


@pytest.mark.parametrize("state", State)
def test_ways_between_states_are_those_of_the_protocol(state: State) -> None:
    assert NEXT[state] == ALLOWED[state]


@pytest.mark.parametrize("state", State)
def test_a_final_state_is_one_that_nothing_follows(state: State) -> None:
    assert (state in FINAL) == (not NEXT[state])


def test_scores_are_accepted_from_the_start_to_the_end() -> None:
    assert SCORING == {"live", "paused", "disputed"}
