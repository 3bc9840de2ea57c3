"""Whether a counter says more than there is, and by how much it may be lowered."""

from dataclasses import dataclass

from scorecast.protocol.limits import RECONCILE_SECONDS


@dataclass(frozen=True, slots=True)
class Observation:
    """A surplus seen: when, and how many had ever been counted in by then."""

    at_ms: int
    joins: int


@dataclass(frozen=True, slots=True)
class InSync:
    """The counter is right, or it is too early to know."""


@dataclass(frozen=True, slots=True)
class Suspected:
    """Remember this look. None: forget the earlier one, the surplus is gone."""

    look: Observation | None


@dataclass(frozen=True, slots=True)
class Overcounted:
    """Lower the counter by a surplus that has lasted for a minute."""

    surplus: int


type Finding = InSync | Suspected | Overcounted


def compare(
    counter: int, counted: int, *, joins: int, earlier: Observation | None, now_ms: int
) -> Finding:
    """What a counter's value means, read before `counted` was.

    Members counted in since the earlier look may not have a row yet, so they are not part of the
    surplus. So a repair never makes a counter too low, however busy the room is.
    """
    if counter <= counted:
        return InSync() if earlier is None else Suspected(None)
    if earlier is None:
        return Suspected(Observation(now_ms, joins))
    if now_ms - earlier.at_ms < RECONCILE_SECONDS * 1_000:
        return InSync()
    surplus = counter - counted - (joins - earlier.joins)
    return Overcounted(surplus) if surplus > 0 else Suspected(Observation(now_ms, joins))
