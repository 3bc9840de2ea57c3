import pytest

from scorecast.protocol.states import NEXT, SCORING, State

ALLOWED = {
    "scheduled": {"live", "cancelled"},
    "live": {"paused", "disputed", "completed", "cancelled"},
    "paused": {"live", "disputed", "completed", "cancelled"},
    "disputed": {"live", "completed", "cancelled"},
    "completed": set(),
    "cancelled": set(),
}


@pytest.mark.parametrize("state", State)
def test_ways_between_states_are_those_of_the_protocol(state: State) -> None:
    assert NEXT[state] == ALLOWED[state]


@pytest.mark.parametrize("state", State)
def test_a_final_state_is_one_that_nothing_follows(state: State) -> None:
    assert (state in ("completed", "cancelled")) == (not NEXT[state])


def test_scores_are_accepted_while_a_match_is_live_or_paused() -> None:
    assert SCORING == {"live", "paused"}
