"""The counters of the connections table beside what they count: for invariants I1 and I2."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

type Rows = Mapping[tuple[str, str], Mapping[str, Any]]


@dataclass(frozen=True)
class Counters:
    """Holders are `U#user`, `I#ip hash` and `R#room`; those without any are left out."""

    counted: Counter[str]
    """What the counters say."""
    held: Counter[str]
    """What there is: slots by the connections' rows, places by the rooms' membership rows."""
    listed: Counter[str]
    """Places by the connections' own lists of rooms."""


def count_places(rows: Rows) -> Counters:
    counted: Counter[str] = Counter()
    held: Counter[str] = Counter()
    listed: Counter[str] = Counter()
    for (pk, sk), row in rows.items():
        if pk[0] in "UI" and sk[0] == pk[0]:
            counted[pk] += len(row.get("holders", ()))
        elif sk == "R":
            counted[pk] = int(row["members"])
        elif pk.startswith("C#") and "closed_at_ms" not in row:
            held[f"I#{row['ip_hash']}"] += 1
            held.update([f"U#{row['user_id']}"] if "user_id" in row else [])
            listed.update(f"R#{room}" for room in row["rooms"])
        elif pk.startswith("R#"):
            held[pk.rpartition("#")[0]] += 1
    return Counters(+counted, held, listed)


def assert_sound(rows: Rows, *, per_user: int, per_ip: int, capacity: int) -> None:
    """I1, and what holds at any moment: what is open has its slots and its places."""
    found = count_places(rows)
    limits = {"U": per_user, "I": per_ip, "R": capacity}
    for holder, number in (found.counted | found.held).items():
        assert number <= limits[holder[0]], f"{holder} holds {number}"
    # A slot is taken before the row is written, and given back after it is closed.
    assert slots(found.counted) >= slots(found.held)
    # A closed row is not counted here; its memberships are deleted after it is closed.
    assert places(found.held) >= places(found.listed)
    # A place is counted before it is taken and after it is left: at worst too high.
    assert places(found.counted) >= places(found.held)


def assert_at_rest(rows: Rows, *, has_failed: bool = False) -> None:
    """I2: every counter equals what it counts.

    A `$connect` that failed may leave a slot without a row, until a newcomer meets the limit.
    """
    found = count_places(rows)
    assert places(found.counted) == places(found.held) == places(found.listed)
    assert slots(found.counted) >= slots(found.held)
    assert has_failed or slots(found.counted) == slots(found.held)


def slots(holders: Counter[str]) -> Counter[str]:
    return Counter({holder: n for holder, n in holders.items() if holder[0] in "UI"})


def places(holders: Counter[str]) -> Counter[str]:
    return Counter({holder: n for holder, n in holders.items() if holder[0] == "R"})
