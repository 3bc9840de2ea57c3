"""The move of a tournament while its official scores, struck at every call of its mover.

What holds is in `scenario`: in all runs, and again after the command has been run once more.
"""

from collections.abc import Callable

import pytest

from tests.simulation.cells.scenario import Move
from tests.simulation.cells.stacks import cells
from tests.simulation.cells.strikes import KINDS, NOTHING, SLOW, Strike

CALLS_MIN, CALLS_MAX = 20, 60
"""A move makes more calls than the first, and fewer than the second."""


def _with_every_call(kind: str, play: Callable[[Move, Strike], None]) -> None:
    for at in range(1, CALLS_MAX):
        strike = Strike("first", at, kind)
        with cells(seed=at) as two:
            play(Move(two), strike)
        if strike.begun_us is None:
            assert at > CALLS_MIN
            return
    raise AssertionError("the move makes more calls")


def _must_hold(move: Move) -> None:
    move.run()
    move.ask(move.check)
    move.run_again()
    move.ask(move.check)
    move.ask(move.check_history)


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_strikes_a_mover_at_any_call_nothing_is_lost(kind: str) -> None:
    def play(move: Move, strike: Strike) -> None:
        move.begin(strike)
        _must_hold(move)

    _with_every_call(kind, play)


@pytest.mark.parametrize("kind", [NOTHING, "hangs"])
def test_a_second_mover_may_begin_beside_the_first_at_any_of_its_calls(kind: str) -> None:
    def play(move: Move, strike: Strike) -> None:
        strike.happens = lambda: move.start_mover("second")
        move.begin(strike)
        _must_hold(move)
        if strike.begun_us is not None:
            assert "moved" in move.ended.values()

    _with_every_call(kind, play)


@pytest.mark.parametrize("seed", range(4))
def test_a_mover_that_is_slow_and_alive_comes_to_its_end(seed: int) -> None:
    with cells(seed) as two:
        move = Move(two)
        move.begin(Strike("first", 1, SLOW))
        _must_hold(move)
        assert move.ended["first"] == "moved"


def test_on_the_way_back_a_mover_may_die_at_any_call() -> None:
    def play(move: Move, strike: Strike) -> None:
        move.begin(seconds=10)
        move.run()
        move.turn_back(strike)
        _must_hold(move)
        assert move.home() == 0

    _with_every_call("dies", play)


def test_what_strikes_is_noticed() -> None:
    """Each kind of strike shows in how the mover ends."""
    ended = {}
    for kind in (*KINDS, NOTHING):
        with cells(seed=1) as two:
            move = Move(two)
            move.begin(Strike("first", 5, kind))
            move.run()
            ended[kind] = move.ended["first"].partition("(")[0]
    assert ended == {
        "dies": "Crash",
        "loses": "ReadTimeoutError",
        "hangs": "NotMoved",
        "throttled": "Contention",
        NOTHING: "moved",
    }
