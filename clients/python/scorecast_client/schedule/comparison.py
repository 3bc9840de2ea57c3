"""What importing a schedule would change. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from scorecast_client.schedule.schedule import Planned

Change = Literal["new", "changed", "same"]


@dataclass(frozen=True)
class Compared:
    """A match of the file beside what is registered, and in words what differs."""

    planned: Planned
    change: Change
    differences: tuple[str, ...] = ()


def compare(planned: Iterable[Planned], registered: Mapping[str, Any]) -> list[Compared]:
    return [_compared(match, registered.get(match.id)) for match in planned]


def _compared(match: Planned, known: Any) -> Compared:
    if known is None:
        return Compared(match, "new")
    differences = tuple(_differences(match, known))
    return Compared(match, "changed" if differences else "same", differences)


def _differences(match: Planned, known: Mapping[str, Any]) -> Iterable[str]:
    before = known["scheduled_at"]
    if before is None or datetime.fromisoformat(before) != match.scheduled_at:
        yield f"{before or 'no time'} → {match.scheduled_at.isoformat()}"
    for (own, name), stored in zip(match.participants, known["participants"], strict=True):
        if stored.get("id") != own:
            yield f"{stored.get('id') or stored.get('placeholder') or 'bye'} → {own}"
        elif stored.get("name") != name:
            yield f"{stored.get('name')} → {name}"
