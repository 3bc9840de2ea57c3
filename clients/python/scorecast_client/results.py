"""The results of matches as the service wants them: of completions and amendments, and scores."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal, TypedDict

Outcome = Literal[
    "played",
    "walkover",
    "forfeit",
    "double_forfeit",
    "retired",
    "disqualified",
    "awarded",
    "abandoned",
    "bye",
]
DecidedBy = Literal["regulation", "overtime", "shootout", "tiebreak"]
Resolution = Literal["upheld", "rejected", "withdrawn"]
ReopenedState = Literal["scheduled", "live", "paused"]

KEPT: Final = ""
"""The winner of an amendment that does not change the winner; no id is empty."""


def given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


class ResultFields(TypedDict, total=False):
    """A result besides its winner: fields that are omitted or None are not sent."""

    score: tuple[int, int] | None
    details: Mapping[str, Any] | None
    periods: Sequence[Mapping[str, Any]] | None
    shootout: Mapping[str, Any] | None
    outcome: Outcome | None
    decided_by: DecidedBy | None


def result(winner_id: str | None, fields: ResultFields) -> dict[str, Any]:
    """A result as it is sent; a winner of None means that there is no winner."""
    first, second = fields.get("score") or (None, None)
    periods = fields.get("periods")
    sent = given(
        outcome=fields.get("outcome"),
        decided_by=fields.get("decided_by"),
        participant1_score=first,
        participant2_score=second,
        details=fields.get("details"),
        periods=None if periods is None else list(periods),
        shootout=fields.get("shootout"),
    )
    return sent if winner_id == KEPT else {"winner_id": winner_id, **sent}
