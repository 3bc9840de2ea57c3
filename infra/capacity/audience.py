"""How many want to watch, minute by minute, and what is played meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A network's failure: a share of the viewers is disconnected at once, and comes back."""

    minute: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Audience:
    curve: tuple[tuple[float, float], ...]
    """Minutes and how many want to watch then, with straight lines between them."""
    matches: int = 10
    """In play, each with a room."""
    tournaments: int = 1
    largest_share: float = 0.1
    """Of all viewers, those of the largest room; the others are spread evenly."""
    scores_per_minute: float = 2.0
    """Of each match."""
    stay_minutes: float = 60.0
    """How long a viewer stays on average; another one comes instead, as the curve says."""
    first_visits: float = 1.0
    """Share of those who come that have not been here in the last four hours."""
    viewers_per_address: float = 1.0
    cuts: tuple[Cut, ...] = ()

    @property
    def minutes(self) -> float:
        return self.curve[-1][0]

    @property
    def most_viewers(self) -> float:
        return max(viewers for _, viewers in self.curve)

    def wanted(self, minute: float) -> float:
        """How many want to watch at that time."""
        for (begun, before), (ended, after) in pairwise(self.curve):
            if begun <= minute <= ended and ended > begun:
                return before + (after - before) * (minute - begun) / (ended - begun)
        return self.curve[-1][1] if minute > self.minutes else self.curve[0][1]

    def rooms(self, viewers: float) -> Sequence[tuple[int, float]]:
        """So many rooms with so many viewers each, the largest first."""
        others = self.matches - 1
        if not others:
            return [(1, viewers)]
        largest = viewers * max(self.largest_share, 1 / self.matches)
        return [(1, largest), (others, (viewers - largest) / others)]

    def scaled(self, factor: float) -> "Audience":
        curve = tuple((minute, viewers * factor) for minute, viewers in self.curve)
        return replace(self, curve=curve)


KICK_OFF_MINUTE: Final = 10.0
CUT_MINUTE: Final = 60.0


def evening(viewers: float) -> Audience:
    """Ten matches, one of them with half of the viewers: most come within two minutes of the
    kick-off, and an hour later one network with a third of them fails."""
    shares = ((0, 0), (KICK_OFF_MINUTE, 0.3), (12, 0.9), (20, 1), (120, 1), (130, 0.2))
    return Audience(
        curve=tuple((float(minute), viewers * share) for minute, share in shares),
        largest_share=0.5,
        cuts=(Cut(minute=CUT_MINUTE, share=1 / 3),),
    )
