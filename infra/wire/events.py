"""What rooms are told: scores, decisive events, brackets, viewers; and the ping of the silent."""

from typing import Any, Literal

from pydantic import ConfigDict
from pydantic.experimental.missing_sentinel import MISSING

from infra.wire.vocabulary import STRICT, Described, Id, Points, Text, Whole
from scorecast.protocol.states import State


class EventData(Described):
    match_id: Id
    """The match."""
    tournament_id: Id
    """The match's tournament."""
    sequence: Whole
    """The event's number: the match's own, strictly increasing."""
    server_time: Whole
    """When it happened."""


class ScoreUpdatedData(EventData):
    participant1_score: Points
    """The first participant's score."""
    participant2_score: Points
    """The second participant's score."""
    details: dict[str, Any] | None
    """What the score's sender gave with it."""
    updated_at: Whole
    """When the score was accepted."""
    updated_by: Id
    """Who reported it."""
    revision: Whole
    """How many scores of the match have been accepted."""
    merged: Whole
    """How many of them this frame tells."""
    window_ms: Whole | MISSING = MISSING
    """How long scores were gathered, where load made that longer than usual."""


class ScoreUpdated(Described):
    """The newest score, to the rooms of the match and of its tournament."""

    type: Literal["score_updated"]
    data: ScoreUpdatedData


class MatchStartedData(EventData):
    started_by: Id
    """The official."""


class MatchStarted(Described):
    """A match has begun, or goes on after a pause or a dispute by `match_start`."""

    type: Literal["match_started"]
    data: MatchStartedData


class MatchStateChangedData(EventData):
    old_state: State
    """The state before."""
    new_state: State
    """The state now."""
    changed_by: Id
    """The official."""
    participant1_score: Points | MISSING = MISSING
    """With `cancelled`: the first participant's score, as it stays."""
    participant2_score: Points | MISSING = MISSING
    """With `cancelled`: the second participant's score, as it stays."""
    details: dict[str, Any] | MISSING | None = MISSING
    """With `cancelled`: the score's details, as they stay."""


class MatchStateChanged(Described):
    """A match has another state."""

    type: Literal["match_state_changed"]
    data: MatchStateChangedData


class DisputeCreatedData(EventData):
    dispute_id: Text
    """The dispute."""
    initiated_by: Id
    """The official or participant who opened it."""
    reason: Text
    """Why, in their words."""
    status: Literal["open"]
    """Always open."""


class DisputeCreated(Described):
    """A match is disputed."""

    type: Literal["dispute_created"]
    data: DisputeCreatedData


class MatchCompletedData(EventData):
    winner_id: Id | None
    """The winner; null after a draw."""
    confirmed_by: Id
    """The official."""
    participant1_score: Points
    """The first participant's final score."""
    participant2_score: Points
    """The second participant's final score."""
    details: dict[str, Any] | None
    """What the final score's sender gave with it."""


class MatchCompleted(Described):
    """A match is over, with its final score."""

    type: Literal["match_completed"]
    data: MatchCompletedData


class BracketData(Described):
    """Whatever the sender gave, and these fields, which win over the sender's."""

    model_config = STRICT | ConfigDict(extra="allow")

    tournament_id: Id
    """The tournament."""
    sequence: Whole
    """The event's number: the tournament's own, strictly increasing."""
    server_time: Whole
    """When it happened."""


class BracketGenerated(Described):
    """A tournament has its bracket."""

    type: Literal["bracket_generated"]
    data: BracketData


class BracketUpdated(Described):
    """A tournament's bracket has changed."""

    type: Literal["bracket_updated"]
    data: BracketData


class TournamentCompleted(Described):
    """A tournament is over: the last of its own events."""

    type: Literal["tournament_completed"]
    data: BracketData


class ViewersData(Described):
    room: Literal["match", "tournament"]
    """Which kind of room."""
    match_id: Id | None
    """The match, if it is a match's room."""
    tournament_id: Id | None
    """The tournament, if it is a tournament's room."""
    count: Whole
    """How many connections are in the room."""
    sequence: Whole
    """The number of the room's newest event: whoever knows an older one only has missed some."""
    server_time: Whole
    """When they were counted."""


class ViewerCounts(Described):
    """How many watch, some time after it has changed."""

    type: Literal["viewers"]
    data: ViewersData


class Ping(Described):
    """To a client that has been silent; any frame answers it."""

    type: Literal["ping"]
    timestamp: Whole
    """When it was sent."""


type MatchEvent = MatchStarted | MatchStateChanged | DisputeCreated | MatchCompleted
type TournamentEvent = BracketGenerated | BracketUpdated | TournamentCompleted
