"""What a spectator knows: the snapshot, and every event since. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from scorecast_client.frames import Event
from scorecast_client.rooms import numbered_by, numbering

STATES_AFTER: Final = {
    "match_started": "live",
    "dispute_created": "disputed",
    "match_completed": "completed",
}


@dataclass
class Row:
    """One match as last heard."""

    state: str = "scheduled"
    score: tuple[int, int] = (0, 0)
    details: Mapping[str, Any] | None = None
    winner_id: str | None = None
    names: tuple[str, str] | None = None
    """Known from a match's snapshot; a tournament's does not carry them."""


@dataclass
class Board:
    rows: dict[str, Row] = field(default_factory=dict)
    viewers: int = 0

    def load(self, snapshot: Mapping[str, Any]) -> None:
        """Take over a match's snapshot, or that of a tournament with all its matches."""
        for match in snapshot["matches"] if "matches" in snapshot else [snapshot]:
            row = self._row(match["match_id"])
            row.state = match["state"]
            _take(row, match)

    def apply(self, event: Event) -> None:
        """Take in one event; the connection has dropped what is not news."""
        if event.type == "snapshot":
            self.viewers = event.data.get("viewers") or 0
            self.load(event.data["snapshot"])
        elif event.type == "viewers":
            self.viewers = event.data["count"]
        elif (numbered := numbered_by(numbering(event))) and numbered.kind == "match":
            row = self._row(numbered.id)
            row.state = _state_after(event, row.state)
            _take(row, event.data)

    def completed(self) -> int:
        return sum(row.state == "completed" for row in self.rows.values())

    def _row(self, match_id: str) -> Row:
        return self.rows.setdefault(match_id, Row())


def _state_after(event: Event, state: str) -> str:
    if event.type == "match_state_changed":
        return str(event.data["new_state"])
    return STATES_AFTER.get(event.type, state)


def _take(row: Row, data: Mapping[str, Any]) -> None:
    """Events carry only what they are about: what is not there stays as it was."""
    first, second = data.get("participant1_score"), data.get("participant2_score")
    if first is not None and second is not None:
        row.score = (first, second)
    if "details" in data:
        row.details = data["details"]
    if "winner_id" in data:
        row.winner_id = data["winner_id"]
    if participants := data.get("participants"):
        row.names = (participants[0]["name"], participants[1]["name"])
