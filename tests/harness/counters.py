"""The counters of the connections table beside what they count: for invariants I1 and I2."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

type Items = Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Counters:
    """Holders are `U#user`, `I#ip hash` and `R#room`; those without any are left out."""

    counted: Counter[str]
    """What the counters say."""
    held: Counter[str]
    """What there is: slots by the connections' items, places by the rooms' membership items."""
    listed: Counter[str]
    """Places by the connections' own lists of rooms."""


def count_places(items: Items) -> Counters:
    counted: Counter[str] = Counter()
    held: Counter[str] = Counter()
    listed: Counter[str] = Counter()
    for (pk, sk), item in items.items():
        if pk[0] in "UI" and sk[0] == pk[0]:
            counted[pk] += len(item.get("holders", ()))
        elif sk == "R":
            counted[pk] = int(item["members"])
        elif pk.startswith("C#") and "closed_at_ms" not in item:
            held[f"I#{item['ip_hash']}"] += 1
            held.update([f"U#{item['user_id']}"] if "user_id" in item else [])
            listed.update(f"R#{room}" for room in item["rooms"])
        elif pk.startswith("R#"):
            held[pk.rpartition("#")[0]] += 1
    return Counters(+counted, held, listed)


def assert_sound(items: Items, *, per_user: int, per_ip: int, capacity: int) -> None:
    """I1, and what holds at any moment: what is open has its slots and its places."""
    found = count_places(items)
    limits = {"U": per_user, "I": per_ip, "R": capacity}
    for holder, number in (found.counted | found.held).items():
        assert number <= limits[holder[0]], f"{holder} holds {number}"
    # A slot is taken before the item is written, and given back after it is closed.
    assert slots(found.counted) >= slots(found.held)
    # A closed item is not counted here; its memberships are deleted after it is closed.
    assert places(found.held) >= places(found.listed)
    # A place is counted before it is taken and after it is left: at worst too high.
    assert places(found.counted) >= places(found.held)


def assert_at_rest(items: Items, *, has_failed: bool = False) -> None:
    """I2: every counter equals what it counts.

    A `$connect` that failed may leave a slot without an item, until a newcomer meets the limit.
    """
    found = count_places(items)
    assert places(found.counted) == places(found.held) == places(found.listed)
    assert slots(found.counted) >= slots(found.held)
    assert has_failed or slots(found.counted) == slots(found.held)


def slots(holders: Counter[str]) -> Counter[str]:
    return Counter({holder: n for holder, n in holders.items() if holder[0] in "UI"})


def places(holders: Counter[str]) -> Counter[str]:
    return Counter({holder: n for holder, n in holders.items() if holder[0] == "R"})
