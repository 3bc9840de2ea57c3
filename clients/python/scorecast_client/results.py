"""The results of matches as the service wants them: of completions and amendments, and scores."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, Literal

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
"""The winner of an amendment that leaves the winner as it is; no id is empty."""


def given(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value is not None}


def result(
    *,
    winner_id: str | None,
    outcome: Outcome | None,
    decided_by: DecidedBy | None,
    score: tuple[int, int] | None,
    details: Mapping[str, Any] | None,
    periods: Sequence[Mapping[str, Any]] | None = None,
    shootout: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The fields of a result; a winner of None says that nobody has won."""
    first, second = score or (None, None)
    fields = given(
        outcome=outcome,
        decided_by=decided_by,
        participant1_score=first,
        participant2_score=second,
        details=details,
        periods=None if periods is None else list(periods),
        shootout=shootout,
    )
    return fields if winner_id == KEPT else {"winner_id": winner_id, **fields}
