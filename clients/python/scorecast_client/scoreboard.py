"""What a spectator knows: the snapshot, and every event since. Pure.

Total: whatever shape a snapshot, an event or its `details` have, no view of it fails.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from scorecast_client.messages import Event, data_of, milliseconds, whole_number
from scorecast_client.rooms import numbered_by, numbering

STATES_AFTER: Final = {
    "match_started": "live",
    "match_completed": "completed",
}
"""For events that carry no state themselves."""
SCALE_MAX: Final = 3
"""Decimal places that the service knows."""
OVER: Final = frozenset({"completed", "cancelled"})


@dataclass
class MatchRow:
    """One match as last received."""

    state: str = "scheduled"
    score: tuple[int, int] = (0, 0)
    details: Mapping[str, Any] | None = None
    winner_id: str | None = None
    outcome: str | None = None
    names: tuple[str, str] | None = None
    """From a match's snapshot; a tournament's does not carry them."""
    scale: int = 0
    """Decimal places of the score."""
    periods: tuple[tuple[int, int], ...] = ()
    shootout: tuple[int, int] | None = None

    @property
    def shown_score(self) -> tuple[str, str]:
        """In the unit that people count in: with scale 1, 5 is 0.5."""
        if self.scale == 0:
            return str(self.score[0]), str(self.score[1])
        first, second = (Decimal(score).scaleb(-self.scale).normalize() for score in self.score)
        return f"{first:f}", f"{second:f}"


@dataclass
class Scoreboard:
    rows: dict[str, MatchRow] = field(default_factory=dict)
    viewers: int = 0

    def load(self, snapshot: Mapping[str, Any]) -> None:
        """Take over a match's snapshot, or that of a tournament with all its matches."""
        for match in _matches(snapshot):
            if isinstance(match, Mapping) and isinstance(match.get("match_id"), str):
                row = self._row(match["match_id"])
                row.state = _text(match.get("state")) or row.state
                _take(row, match)

    def apply(self, event: Event) -> None:
        """Take in one event; the connection has dropped what is not newer."""
        if event.type == "snapshot":
            self.viewers = milliseconds(event.data.get("viewers")) or 0
            self.load(snapshot_of(event))
        elif event.type == "viewers":
            self.viewers = milliseconds(event.data.get("count")) or 0
        elif (numbered := numbered_by(numbering(event))) and numbered.kind == "match":
            row = self._row(numbered.id)
            row.state = _state_after(event, row.state)
            _take(row, event.data)
            _take(row, data_of({"data": event.data.get("after")}))

    def completed(self) -> int:
        return sum(row.state == "completed" for row in self.rows.values())

    def _row(self, match_id: str) -> MatchRow:
        return self.rows.setdefault(match_id, MatchRow())


def snapshot_of(event: Event) -> Mapping[str, Any]:
    return data_of({"data": event.data.get("snapshot")})


def _matches(snapshot: Mapping[str, Any]) -> Iterable[object]:
    matches = snapshot.get("matches", [snapshot])
    return matches if isinstance(matches, list) else []


def _state_after(event: Event, state: str) -> str:
    given = _text(event.data.get("new_state")) or _text(event.data.get("state"))
    return given or STATES_AFTER.get(event.type, state)


def _take(row: MatchRow, data: Mapping[str, Any]) -> None:
    """Events carry only what they are about: what is not there stays as it was."""
    score = _score(data)
    if score is not None:
        row.score = score
        # a score comes with all that stands beside it: what is left out has been removed
        row.periods, row.shootout = _periods(data.get("periods")), _score(data.get("shootout"))
    scoring = data.get("scoring")
    scale = whole_number(scoring.get("scale")) if isinstance(scoring, Mapping) else None
    row.scale = row.scale if scale is None else min(max(scale, 0), SCALE_MAX)
    if "details" in data:
        row.details = data["details"] if isinstance(data["details"], Mapping) else None
    if "winner_id" in data:
        row.winner_id = _text(data["winner_id"])
    if "outcome" in data:
        row.outcome = _text(data["outcome"])
    row.names = _names(data.get("participants")) or row.names


def _score(data: object) -> tuple[int, int] | None:
    if not isinstance(data, Mapping):
        return None
    first = whole_number(data.get("participant1_score"))
    second = whole_number(data.get("participant2_score"))
    return None if first is None or second is None else (first, second)


def _periods(periods: object) -> tuple[tuple[int, int], ...]:
    scores = [_score(period) for period in periods] if isinstance(periods, list) else []
    return tuple(score for score in scores if score is not None)


def _names(participants: object) -> tuple[str, str] | None:
    if not isinstance(participants, list) or len(participants) != 2:
        return None
    first, second = (_name(participant) for participant in participants)
    return first, second


def _name(participant: object) -> str:
    """A participant that is not known yet has a placeholder: "Winner of QF1"."""
    if not isinstance(participant, Mapping):
        return ""
    return _text(participant.get("name")) or _text(participant.get("placeholder")) or ""


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
