"""The state of matches and tournaments, as clients receive it when they join a room or read it."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from annotated_types import Len

from scorecast.protocol.fields import (
    BestOf,
    ClockMs,
    Count,
    Id,
    Metadata,
    Revision,
    Scale,
    Score,
    Sequence,
    ShootoutScore,
    Text,
    Timestamp,
    Unit,
)
from scorecast.protocol.limits import PERIODS_MAX
from scorecast.protocol.states import DecidedBy, Outcome, State

type TournamentState = Literal["open", "completed"]


class BriefScore(TypedDict):
    """The two numbers."""

    participant1_score: Score
    """The first participant's score."""
    participant2_score: Score
    """The second participant's score."""


class PeriodState(BriefScore):
    """A set, a map, a half, a leg."""

    name: Text
    """The name to show."""
    final: bool
    """Whether it is over."""


class ClockState(TypedDict):
    """A match's clock. A client advances it: while it is running, it shows `elapsed_ms` plus the
    server time since `at`."""

    period: Text | None
    """The name of the period whose time it shows."""
    running: bool
    """Whether it is running."""
    elapsed_ms: ClockMs
    """The time that it showed at `at`."""
    at: Timestamp
    """The server time at which it showed that."""


class ShootoutState(TypedDict):
    """A shoot-out's score."""

    participant1_score: ShootoutScore
    """The first participant's."""
    participant2_score: ShootoutScore
    """The second participant's."""


class PlayState(TypedDict):
    """Periods, clock and shoot-out, each kept until it is sent again, and omitted if there is
    none."""

    periods: NotRequired[Annotated[list[PeriodState], Len(1, PERIODS_MAX)]]
    """The sets, maps or halves so far."""
    clock: NotRequired[ClockState]
    """The match's clock."""
    shootout: NotRequired[ShootoutState]
    """The shoot-out's score."""


class ScoreState(BriefScore, PlayState):
    """A score with its description, periods, clock and shoot-out."""

    details: dict[str, Any] | None
    """The sender's description of this score only."""


class MatchResult(TypedDict):
    """How a match ended, besides its score. All null until it is completed."""

    winner_id: Id | None
    """The winner; also null after a draw, or if there is no winner."""
    outcome: Outcome | None
    """How it ended."""
    decided_by: DecidedBy | None
    """What decided it, if the official gave that."""


class MatchProgress(MatchResult):
    """What changes during a match, besides its score."""

    match_id: Id
    """The match."""
    state: State
    """Its state."""
    open_disputes: Count
    """How many disputes of it are open."""
    revision: Revision
    """How many scores have been accepted."""
    sequence: Sequence
    """The sequence number of the match's newest event."""
    registration: Sequence
    """The sequence number of the event that last changed the participants or the time."""
    updated_at: Timestamp | None
    """When the score was accepted; null before the first."""


class BriefMatchSummary(MatchProgress, BriefScore):
    """A match in a brief summary of its tournament."""


class MatchSummary(MatchProgress, ScoreState):
    """A match in the summary of its tournament."""


class Player(TypedDict):
    """A player or a team."""

    id: Id
    """The id of a player is their user id."""
    name: Text
    """The name to show."""
    metadata: NotRequired[Metadata]
    """Data registered with it, such as a colour, a crest or a country."""


class Placeholder(TypedDict):
    """A participant that is not known yet."""

    placeholder: Text
    """What to show instead, such as "Winner of QF1"."""


class Bye(TypedDict):
    """No opponent: the other participant advances without playing."""

    bye: Literal[True]
    """Always true."""


type Participant = Player | Placeholder | Bye


class Scoring(TypedDict):
    """How to interpret a match's scores."""

    scale: Scale
    """Decimal places: with 1, a score of 5 is 0.5."""
    negative: bool
    """Whether scores may be below zero."""
    unit: Unit
    """What a score counts, such as goals, points, sets, maps or games."""
    best_of: NotRequired[BestOf]
    """How many sets, maps or games there are at most."""


class RegisteredFields(TypedDict):
    """The registration of a match."""

    participants: Annotated[list[Participant], Len(2, 2)]
    """The first and the second."""
    scheduled_at: Text | None
    """When it starts: ISO 8601 with an offset; null while that is not known."""
    scoring: NotRequired[Scoring]
    """How to interpret its scores. Omitted: whole numbers from zero."""
    metadata: NotRequired[Metadata]
    """Data registered with it, such as a venue, a round or a stream."""


class MatchSnapshot(MatchSummary, RegisteredFields):
    """Everything about a match."""

    tournament_id: Id
    """The tournament that the match belongs to."""
    updated_by: NotRequired[Id | None]
    """Who reported the score; null before the first. Over HTTP, for officials and the match's
    participants; for everyone, and on the socket, if `PublishUserIds` is on."""


class DisputeState(TypedDict):
    """One dispute with its texts, for officials and the match's participants."""

    dispute_id: Id
    """The dispute."""
    initiated_by: Id
    """The official or participant who opened it."""
    reason: Text
    """Why, in their words."""
    created_at: Timestamp
    """When it was opened."""
    status: Literal["open", "resolved"]
    """Whether it is open."""
    resolution: Literal["upheld", "rejected", "withdrawn"] | None
    """The decision; null while it is open."""
    note: Text | None
    """Why, in the words of the official who resolved it."""
    resolved_by: Id | None
    """The official; null while it is open."""
    resolved_at: Timestamp | None
    """When it was resolved; null while it is open."""


class MatchDisputes(TypedDict):
    """All disputes of a match."""

    match_id: Id
    """The match."""
    disputes: list[DisputeState]
    """The oldest first."""


class TournamentProgress(TypedDict):
    """What changes during a tournament, besides its matches."""

    tournament_id: Id
    """The tournament."""
    name: Text
    """The name to show."""
    state: TournamentState
    """`completed` after `tournament_completed`."""
    sequence: Sequence
    """The sequence number of the tournament's newest event."""


class TournamentSummary(TournamentProgress):
    """A tournament, and what changes during its matches."""

    matches: list[MatchSummary]
    """Its matches."""
    complete: Literal[True]
    """The matches have their details."""


class BriefTournamentSummary(TournamentProgress):
    """A tournament whose summary would be too large for one message."""

    matches: list[BriefMatchSummary]
    """Its matches without details, which the HTTP API has."""
    complete: Literal[False]
    """The matches are without their details."""


class TournamentSnapshot(TournamentProgress):
    """Everything about a tournament and its matches."""

    organizers: NotRequired[list[Id]]
    """The users that may run its matches. For officials."""
    metadata: NotRequired[Metadata]
    """Data registered with it, such as a sport, a venue or a logo."""
    matches: list[MatchSnapshot]
    """Its matches in the order of their kick-offs, at most 500."""
    complete: bool
    """Whether these are all."""
    next: Text | None
    """Of an incomplete one: the `cursor` of the rest in `/tournaments/{id}/matches`."""


type RoomSnapshot = MatchSnapshot | TournamentSummary | BriefTournamentSummary
