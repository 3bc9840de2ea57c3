"""The state of matches and tournaments, as clients receive it when they join a room or ask."""

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from annotated_types import Len

from scorecast.protocol.fields import Count, Id, Revision, Score, Sequence, Text, Timestamp
from scorecast.protocol.states import DecidedBy, Outcome, State

type TournamentState = Literal["open", "completed"]


class BriefScore(TypedDict):
    """The two numbers."""

    participant1_score: Score
    """The first participant's score."""
    participant2_score: Score
    """The second participant's score."""


class ScoreState(BriefScore):
    """A score and its description."""

    details: dict[str, Any] | None
    """What the sender of the score gave with it."""


class MatchResult(TypedDict):
    """How a match ended, besides its score. All null until it is completed."""

    winner_id: Id | None
    """The winner; also null after a draw, or if nobody has won."""
    outcome: Outcome | None
    """How it ended."""
    decided_by: DecidedBy | None
    """What decided it, if that was given."""


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
    """The sequence number of the event that last said who plays and when."""
    updated_at: Timestamp | None
    """When the score was accepted; null before the first."""


class BriefMatchSummary(MatchProgress, BriefScore):
    """A match in a brief summary of its tournament."""


class MatchSummary(MatchProgress, ScoreState):
    """A match in the summary of its tournament."""


class Participant(TypedDict):
    """A player or a team."""

    id: Id
    """The id of a player is their user id."""
    name: Text
    """The name to show."""


class RegisteredFields(TypedDict):
    """What a match is registered as."""

    participants: Annotated[list[Participant], Len(2, 2)]
    """The first and the second."""
    scheduled_at: Text
    """When it starts: ISO 8601 with an offset."""


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
    """What came of it; null while it is open."""
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
    """The users who may run its matches. For officials."""
    matches: list[MatchSnapshot]
    """Its matches, in the order of their ids."""


type RoomSnapshot = MatchSnapshot | TournamentSummary | BriefTournamentSummary
