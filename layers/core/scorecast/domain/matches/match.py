"""A match: its state, and the log of its decisive events."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from scorecast.protocol.errors import Json
from scorecast.protocol.snapshots import ClockState, PeriodState, Scoring, ShootoutState
from scorecast.protocol.states import DecidedBy, Outcome, State


@dataclass(frozen=True, slots=True)
class Participant:
    """A player or a team. Without an id it is not known yet, or it is a bye."""

    id: str | None
    name: str = ""
    metadata: dict[str, Any] | None = None
    placeholder: str | None = None

    @property
    def is_bye(self) -> bool:
        return self.id is None and self.placeholder is None


BYE: Final = Participant(None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """One state of the score, and the accepted update that made it.

    `details` and `corrects` belong to that update alone; `periods`, `clock` and `shootout` are kept
    until an update contains them again.
    """

    participant1: int
    participant2: int
    details: dict[str, Any] | None
    revision: int
    updated_at_ms: int | None
    updated_by: str | None
    periods: list[PeriodState] | None = None
    clock: ClockState | None = None
    shootout: ShootoutState | None = None
    corrects: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """Accepted updates that will be published together.

    `id` is the match's revision before the update that opened the window. `previous_flush_at_ms` is
    when the window before it was claimed. `before` is the score that was published before it, and
    `corrects` the newest revision that one of its updates named as wrong. `scores` are those of its
    updates, from the first on, as many as fit.
    """

    id: int
    opened_at_ms: int
    updated_at_ms: int
    updates: int
    previous_flush_at_ms: int | None = None
    scores: tuple[Score, ...] = ()
    before: tuple[int, int] = (0, 0)
    corrects: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """The last score that was assigned a number, which a repeated flush request publishes again.

    `before` and `corrects` are those of its window. `updates` are the merged scores, or only the
    first ones if there are too many.
    """

    score: Score
    sequence: int
    merged: int
    claimed_by: str
    claimed_at_ms: int
    window_ms: int | None = None
    updates: tuple[Score, ...] = ()
    before: tuple[int, int] = (0, 0)
    corrects: int | None = None

    @property
    def is_correction(self) -> bool:
        """Whether one of its updates corrects a score, or the score is lower than the last
        published one."""
        lowered = (
            self.score.participant1 < self.before[0] or self.score.participant2 < self.before[1]
        )
        return self.corrects is not None or lowered


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a match ended; before that, nothing is set."""

    winner_id: str | None = None
    outcome: Outcome | None = None
    decided_by: DecidedBy | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputes:
    """The number of disputes that a match has had, and the users that opened those still open, by
    dispute id."""

    count: int = 0
    open: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Dispute:
    """One dispute with its texts, which are for officials and the parties only."""

    id: str
    initiated_by: str
    reason: str
    created_at_ms: int
    resolution: "Resolution | None" = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The decision on a dispute."""

    dispute_id: str
    resolution: Literal["upheld", "rejected", "withdrawn"]
    note: str | None
    resolved_by: str
    resolved_at_ms: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Match:
    """One match as stored. `unsent` are the sequence numbers of events not yet published.

    `received_at_ms` is when the newest update was received, by the gateway's clock.
    `registered_sequence` is the number of the event that last changed the participants or the time.
    A deleted match is stored for a while, so that its number is not given twice. `frozen_by` is the
    number of a move of its tournament: as long as it is there, nothing is accepted.
    """

    id: str
    tournament_id: str
    participants: tuple[Participant, Participant]
    scheduled_at: str | None
    state: State
    score: Score
    sequence: int
    last_event_sequence: int
    result: Result = Result()
    disputes: Disputes = Disputes()
    received_at_ms: int | None = None
    registered_sequence: int = 0
    is_deleted: bool = False
    frozen_by: int | None = None
    window: Window | None = None
    claimed: Claimed | None = None
    unsent: frozenset[int] = frozenset()
    pending_since_ms: int | None = None
    scoring: Scoring | None = None
    metadata: dict[str, Any] | None = None

    @property
    def participant_ids(self) -> list[str]:
        """The ids of the known participants."""
        return [each.id for each in self.participants if each.id is not None]


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedEvent:
    """A numbered event. `score` must be published right before it.

    `revision` is the match's after the event, and `accepted` the score that the event itself gave
    it. A tournament's events have neither a score nor a revision.
    """

    type: str
    sequence: int
    previous_sequence: int
    data: Json
    score: Claimed | None = None
    revision: int = 0
    accepted: Score | None = None


def is_complete(
    events: Sequence[LoggedEvent], *, since: int, sequence: int, last_event_sequence: int
) -> bool:
    """Whether these are all the decisive events after `since`, up to a room's newest.

    Each event names the one before it, so that a gap shows. A client that is ahead of the room
    has seen another one.
    """
    before = [event.previous_sequence for event in events]
    numbers = [event.sequence for event in events]
    first_missed = before[0] if events else last_event_sequence
    has_no_gap = numbers == [*before[1:], last_event_sequence] if events else True
    return since <= sequence and first_missed <= since and has_no_gap
