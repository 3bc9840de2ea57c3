"""What importing a schedule would change. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from scorecast_client.schedule.planned import Planned

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
    before, after = known["scheduled_at"], match.scheduled_at
    if (None if before is None else datetime.fromisoformat(before)) != after:
        yield f"{before or 'no time'} → {after.isoformat() if after else 'no time'}"
    for side, stored in zip(match.participants, known["participants"], strict=True):
        if stored.get("id") != (side.id or None):
            yield f"{stored.get('id') or _label(stored)} → {side.id or side.label}"
        elif _label(stored) != side.label:
            yield f"{_label(stored)} → {side.label}"
        elif side.metadata is not None and stored.get("metadata") != side.metadata:
            yield f"{side.label}'s metadata"
    stored_scoring = known.get("scoring") or {}
    if any(stored_scoring.get(name) != value for name, value in (match.scoring or {}).items()):
        yield "scoring"
    if match.metadata is not None and known.get("metadata") != match.metadata:
        yield "metadata"


def _label(stored: Mapping[str, Any]) -> str:
    return str(stored.get("name") or stored.get("placeholder") or "bye")
