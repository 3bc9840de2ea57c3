"""Stateless depth-first search over schedules, one of each class of those that end alike.

Source sets and sleep sets (Abdulla, Aronis, Jonsson, Sagonas: Optimal dynamic partial order
reduction, 2014): after a schedule each pair of conflicting turns that could have come the other
way round asks for a schedule in which it does.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from tests.simulation.exhaustive.effects import Effect

type Conflict = Callable[[Effect, Effect], bool]


class Run(Protocol):
    """One schedule under way, from the beginning."""

    def enabled(self) -> list[int]: ...
    def take_turn_of(self, number: int) -> Effect: ...


@dataclass(slots=True)
class Turn:
    """One turn of the current schedule, and what else was, or will be, tried in its place."""

    chosen: int
    enabled: frozenset[int]
    sleeping: dict[int, Effect]
    wanted: set[int]
    done: dict[int, Effect] = field(default_factory=dict)
    effect: Effect = field(default_factory=Effect)
    before: int = 0
    """A bit for each turn that has to come before this one."""


@dataclass(slots=True)
class Search[R: Run]:
    """`begin` starts a run; `end` is given each that is complete, with its turns."""

    begin: Callable[[], R]
    end: Callable[[R, Sequence[Turn]], None]
    conflict: Conflict = Effect.conflicts
    cut: int = 0
    """Schedules that were given up: all that could follow had been seen."""

    def explore(self) -> None:
        turns: list[Turn] = []
        while True:
            run = self.begin()
            if self._finish(run, turns):
                self.end(run, turns)
            else:
                self.cut += 1
            if not _step_back(turns):
                return

    def _finish(self, run: R, turns: list[Turn]) -> bool:
        """Repeat the turns, then go on to the end; False if that would be in vain."""
        for turn in turns[:-1]:
            run.take_turn_of(turn.chosen)
        if turns:
            self._take(run, turns)
        while enabled := run.enabled():
            sleeping = self._still_sleeping(turns[-1]) if turns else {}
            awake = [number for number in enabled if number not in sleeping]
            if not awake:
                return False
            chosen = turns[-1].chosen if turns and turns[-1].chosen in awake else awake[0]
            turns.append(Turn(chosen, frozenset(enabled), sleeping, {chosen}))
            self._take(run, turns)
        return True

    def _still_sleeping(self, turn: Turn) -> dict[int, Effect]:
        return {
            number: effect
            for number, effect in (turn.sleeping | turn.done).items()
            if number != turn.chosen and not self.conflict(effect, turn.effect)
        }

    def _take(self, run: R, turns: list[Turn]) -> None:
        """Take the last turn, and ask for the schedules in which its races end otherwise."""
        last = turns[-1]
        last.effect = run.take_turn_of(last.chosen)
        last.before = 0
        for place in reversed(range(len(turns) - 1)):
            turn, bit = turns[place], 1 << place
            if last.before & bit:
                continue
            if turn.chosen == last.chosen:
                last.before |= bit | turn.before
            elif self.conflict(turn.effect, last.effect):
                last.before |= bit | turn.before
                _reverse(turns, place)


def _reverse(turns: list[Turn], place: int) -> None:
    """Want a schedule that goes another way at `place`, towards the last turn before it."""
    rest = [
        later
        for later in range(place + 1, len(turns))
        if later == len(turns) - 1 or not turns[later].before >> place & 1
    ]
    firsts: set[int] = set()
    seen: set[int] = set()
    mask = 0
    for later in rest:
        turn = turns[later]
        if turn.chosen not in seen and not turn.before & mask:
            firsts.add(turn.chosen)
        seen.add(turn.chosen)
        mask |= 1 << later
    turn = turns[place]
    firsts &= turn.enabled
    if firsts and not firsts & (turn.wanted | turn.sleeping.keys()):
        turn.wanted.add(min(firsts))


def _step_back(turns: list[Turn]) -> bool:
    """To the last turn in whose place something else is wanted; False if there is none."""
    while turns:
        turn = turns[-1]
        turn.done[turn.chosen] = turn.effect
        left = turn.wanted - turn.done.keys() - turn.sleeping.keys()
        if left:
            turn.chosen = min(left)
            return True
        turns.pop()
    return False


def orders(turns: Sequence[Turn]) -> int:
    """How many schedules are in the class of this one: the linear extensions of its order."""
    chains: dict[int, list[int]] = {}
    for place, turn in enumerate(turns):
        chains.setdefault(turn.chosen, []).append(place)
    lanes = list(chains.values())
    ways = {(0,) * len(lanes): 1}
    for _ in turns:
        after: dict[tuple[int, ...], int] = {}
        for at, count in ways.items():
            taken = sum(1 << place for lane, n in zip(lanes, at, strict=True) for place in lane[:n])
            for number, lane in enumerate(lanes):
                if at[number] < len(lane) and not turns[lane[at[number]]].before & ~taken:
                    moved = (*at[:number], at[number] + 1, *at[number + 1 :])
                    after[moved] = after.get(moved, 0) + count
        ways = after
    return sum(ways.values())
