"""The commands that clients send. Each names the message that is its reply."""

from dataclasses import dataclass
from typing import Annotated, ClassVar, Final, Literal

from annotated_types import MaxLen, doc

from scorecast.protocol.fields import (
    ClockMs,
    Decision,
    Details,
    Ending,
    Id,
    NewState,
    Number,
    PeriodName,
    Reason,
    Revision,
    Score,
    Sequence,
    ShootoutScore,
    Timestamp,
    Token,
)
from scorecast.protocol.limits import PERIODS_MAX
from scorecast.protocol.shapes import BothOrNeither, ExactlyOne, Shape
from scorecast.protocol.states import Outcome

KEPT: Final = ""
"""The winner of an amended result that names none; no id is empty."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ping(Shape):
    """Check that the connection works, and read the server's clock."""

    type: ClassVar = "ping"
    reply: ClassVar = "pong"
    timestamp: Number | None = None
    """Returned unchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pong(Shape):
    """Answer the server's ping. It has no reply."""

    type: ClassVar = "pong"
    reply: ClassVar = None
    timestamp: Number | None = None
    """Ignored."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscribe(Shape):
    """Join the room of a match or of a tournament."""

    type: ClassVar = "subscribe"
    reply: ClassVar = "subscribed"
    rule: ClassVar = ExactlyOne("match_id", "tournament_id")
    match_id: Id | None = None
    """The match."""
    tournament_id: Id | None = None
    """The tournament."""
    since: Sequence | None = None
    """The newest sequence number of this room that the client knows: requests the events after
    it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsubscribe(Shape):
    """Leave the room of a match or of a tournament."""

    type: ClassVar = "unsubscribe"
    reply: ClassVar = "unsubscribed"
    rule: ClassVar = ExactlyOne("match_id", "tournament_id")
    match_id: Id | None = None
    """The match."""
    tournament_id: Id | None = None
    """The tournament."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Period(Shape):
    """A set, a map, a half, a leg."""

    name: PeriodName
    """The name to show."""
    participant1_score: Score
    """The first participant's score in it."""
    participant2_score: Score
    """The second participant's score in it."""
    final: bool = False
    """Whether it is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock(Shape):
    """The match's clock; without fields, the match has no clock."""

    rule: ClassVar = BothOrNeither("running", "elapsed_ms", beside=("period", "at"))
    period: PeriodName | None = None
    """The name of the period whose time it shows."""
    running: bool | None = None
    """Whether it is running."""
    elapsed_ms: ClockMs | None = None
    """The time that it showed at `at`."""
    at: Timestamp | None = None
    """The server time at which it showed that; default: now."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shootout(Shape):
    """The shoot-out's score; without fields, there is no shoot-out."""

    rule: ClassVar = BothOrNeither("participant1_score", "participant2_score")
    participant1_score: ShootoutScore | None = None
    """The first participant's."""
    participant2_score: ShootoutScore | None = None
    """The second participant's."""


Periods = Annotated[
    list[Period], MaxLen(PERIODS_MAX), doc(f"must be a list of at most {PERIODS_MAX} periods")
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreUpdate(Shape):
    """Report the score of a match that is live, paused or disputed."""

    type: ClassVar = "score_update"
    reply: ClassVar = "accepted"
    match_id: Id
    """The match."""
    participant1_score: Score
    """The first participant's score."""
    participant2_score: Score
    """The second participant's score."""
    details: Details | None = None
    """Anything that describes this update, up to `DETAILS_BYTES_MAX` and `DETAILS_DEPTH_MAX`;
    published with it. The next update replaces it."""
    periods: Periods | None = None
    """All sets, maps or halves so far; kept until sent again. An empty list removes them."""
    clock: Clock | None = None
    """The match's clock, which clients advance by themselves; kept until sent again. `{}` removes
    it."""
    shootout: Shootout | None = None
    """The shoot-out's score; kept until sent again. `{}` removes it."""
    corrects: Revision | None = None
    """The revision that this score takes back or corrects."""
    client_revision: Revision | None = None
    """The score's position in the order; greater than the last one of the match."""
    update_id: Id | None = None
    """The id of the score: a retry with the same id counts once."""
    base_revision: Revision | None = None
    """The revision of the score that the sender saw: if another is stored, the score is refused as
    `conflict`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchStart(Shape):
    """Start a match, or resume it after a pause, a dispute or a postponement."""

    type: ClassVar = "match_start"
    reply: ClassVar = "accepted"
    match_id: Id
    """The match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchComplete(Shape):
    """Complete a match. Both final scores are given, or neither."""

    type: ClassVar = "match_complete"
    reply: ClassVar = "accepted"
    rule: ClassVar = BothOrNeither("participant1_score", "participant2_score")
    match_id: Id
    """The match."""
    winner_id: Id | None
    """One of the match's participants; null for a draw, or if there is no winner."""
    outcome: Ending = Outcome.PLAYED
    """How it ended; default: `played`. All but `played` and `retired` can also end a match that is
    scheduled or postponed."""
    decided_by: Decision | None = None
    """What decided it."""
    participant1_score: Score | None = None
    """The first participant's final score."""
    participant2_score: Score | None = None
    """The second participant's final score."""
    details: Details | None = None
    """Anything that describes the final score, up to the same limits; published with it."""
    periods: Periods | None = None
    """All sets, maps or halves; default: unchanged."""
    shootout: Shootout | None = None
    """The shoot-out's final score; default: unchanged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchStateChange(Shape):
    """Change the state of a match."""

    type: ClassVar = "match_state_change"
    reply: ClassVar = "accepted"
    match_id: Id
    """The match."""
    new_state: NewState
    """The state to change to; for `completed`, send `match_complete`. Changing from `live` to
    `scheduled` undoes a start and resets the score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchAmend(Shape):
    """Correct the result of a completed match. Omitted fields keep their values."""

    type: ClassVar = "match_amend"
    reply: ClassVar = "accepted"
    rule: ClassVar = BothOrNeither("participant1_score", "participant2_score")
    match_id: Id
    """The match."""
    reason: Reason
    """Why, for everyone."""
    winner_id: Id | None = KEPT
    """One of the match's participants; null for a draw, or if there is no winner."""
    outcome: Ending | None = None
    """How it ended."""
    decided_by: Decision | None = None
    """What decided it."""
    participant1_score: Score | None = None
    """The first participant's final score."""
    participant2_score: Score | None = None
    """The second participant's final score."""
    details: Details | None = None
    """Anything that describes the final score, up to the same limits; published with it."""
    periods: Periods | None = None
    """All sets, maps or halves."""
    shootout: Shootout | None = None
    """The shoot-out's final score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchReopen(Shape):
    """Take back the end of a completed or cancelled match."""

    type: ClassVar = "match_reopen"
    reply: ClassVar = "accepted"
    match_id: Id
    """The match."""
    new_state: Literal["scheduled", "live", "paused"]
    """The state to return to. `scheduled` resets the score to zero."""
    reason: Reason
    """Why, for everyone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeCreate(Shape):
    """Open a dispute, in any state. Participants may do so, too; a user can have one open dispute
    per match. Scores are still accepted."""

    type: ClassVar = "dispute_create"
    reply: ClassVar = "accepted"
    match_id: Id
    """The match."""
    reason: Reason
    """Why, for officials and the match's participants only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeResolve(Shape):
    """Close a dispute. The match and its result do not change."""

    type: ClassVar = "dispute_resolve"
    reply: ClassVar = "accepted"
    match_id: Id
    """The match."""
    dispute_id: Id
    """The open dispute."""
    resolution: Literal["upheld", "rejected", "withdrawn"]
    """The decision."""
    note: Reason | None = None
    """Why, for officials and the match's participants only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh(Shape):
    """Continue the connection with a newer token."""

    type: ClassVar = "refresh"
    reply: ClassVar = "refreshed"
    token: Token
    """A valid token of the same user."""


type RoomCommand = Ping | Pong | Subscribe | Unsubscribe | Refresh
MatchEventCommand = (
    MatchStart
    | MatchStateChange
    | MatchComplete
    | MatchAmend
    | MatchReopen
    | DisputeCreate
    | DisputeResolve
)
MatchCommand = ScoreUpdate | MatchEventCommand
type Command = RoomCommand | MatchCommand

COMMANDS: Final[dict[str, type[Command]]] = {
    command.type: command
    for command in (
        Ping,
        Pong,
        Subscribe,
        Unsubscribe,
        ScoreUpdate,
        MatchStart,
        MatchComplete,
        MatchStateChange,
        MatchAmend,
        MatchReopen,
        DisputeCreate,
        DisputeResolve,
        Refresh,
    )
}
