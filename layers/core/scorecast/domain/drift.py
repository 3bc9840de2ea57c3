"""Whether a counter is too high or too low, and how to repair it."""

from collections.abc import Sequence
from dataclasses import dataclass

from scorecast.protocol.limits import RECONCILE_LOOKS, RECONCILE_SECONDS


@dataclass(frozen=True, slots=True)
class Observation:
    """One check of a counter: when, how many had ever been counted in, and the surplus found."""

    at_ms: int
    joins: int
    surplus: int


@dataclass(frozen=True, slots=True)
class InSync:
    """The counter is right, or it is too early to know."""


@dataclass(frozen=True, slots=True)
class Suspected:
    """Store these checks; if there are none, delete the earlier ones: the surplus is gone."""

    looks: tuple[Observation, ...]


@dataclass(frozen=True, slots=True)
class Overcounted:
    """Subtract the surplus that every check has found."""

    surplus: int


@dataclass(frozen=True, slots=True)
class Undercounted:
    """There are more items than counted: add them, if none was counted in meanwhile."""

    deficit: int


type Finding = InSync | Suspected | Overcounted | Undercounted


def compare(
    counter: int, counted: int, *, joins: int, looks: Sequence[Observation], now_ms: int
) -> Finding:
    """What a counter's value means, read before `counted` was.

    A member that is leaving has no item any more and is not counted out yet, and one that joins is
    counted before its item is written. So one look proves nothing, and two may each meet another
    leaver: a repair takes the least of three looks, less all who were counted in since the first.
    """
    if counted > counter:
        return Undercounted(counted - counter)
    if counter == counted:
        return Suspected(()) if looks else InSync()
    if looks and now_ms - looks[-1].at_ms < RECONCILE_SECONDS * 1_000:
        return InSync()
    seen = (*looks, Observation(now_ms, joins, counter - counted))
    if len(seen) < RECONCILE_LOOKS:
        return Suspected(seen)
    sure = min(look.surplus for look in seen) - (joins - seen[0].joins)
    return Overcounted(sure) if sure > 0 else Suspected(seen[-1:])
