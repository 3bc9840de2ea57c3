"""Messages to the rooms of a match and of its tournament: scores and the match's events."""

from typing import Any, Literal, NotRequired, TypedDict

from scorecast.protocol.fields import Count, Id, Reason, Revision, Score, Sequence, Text, Timestamp
from scorecast.protocol.snapshots import MatchResult, PlayState, RegisteredFields, ScoreState
from scorecast.protocol.states import State


class MatchEventData(TypedDict):
    """What every event of a match carries."""

    match_id: Id
    """The match."""
    tournament_id: Id
    """The match's tournament."""
    sequence: Sequence
    """The event's sequence number, counted per match and strictly increasing."""
    server_time: Timestamp
    """When it happened."""


class AcceptedScore(ScoreState):
    """A score that was accepted."""

    updated_at: Timestamp
    """When the score was accepted."""
    updated_by: NotRequired[Id]
    """Who reported it. Over HTTP, for officials and the match's participants; for everyone, and on
    the socket, if `PublishUserIds` is on."""
    revision: Revision
    """How many scores of the match have been accepted, this one included."""
    corrects: NotRequired[Revision]
    """The revision that was taken back or corrected, if the sender named one."""


class ScoreUpdatedData(MatchEventData, AcceptedScore):
    """The data of `score_updated`."""

    merged: Count
    """The number of scores that are merged into this message."""
    updates: NotRequired[list[AcceptedScore]]
    """If that is more than one: these scores in order. Beyond 8 KB the last ones are omitted; the
    history has all of them."""
    correction: bool
    """Whether a score was taken back or corrected: it `corrects` one, or is lower than before."""
    window_ms: NotRequired[Count]
    """How long scores were collected, if load made that longer than configured."""


class ScoreUpdated(TypedDict):
    """The newest score, sent to the rooms of the match and of its tournament."""

    type: Literal["score_updated"]
    data: ScoreUpdatedData


class MatchStartedFields(TypedDict):
    """What `match_started` adds."""

    started_by: NotRequired[Id]
    """The official. Left out unless `PublishUserIds` is on."""


class MatchStartedData(MatchEventData, MatchStartedFields):
    """The data of `match_started`."""


class MatchStarted(TypedDict):
    """A match has begun, or `match_start` has resumed it."""

    type: Literal["match_started"]
    data: MatchStartedData


class MatchStateChangedFields(TypedDict):
    """What `match_state_changed` adds."""

    old_state: State
    """The state before."""
    new_state: State
    """The state now."""
    changed_by: NotRequired[Id]
    """The official. Left out unless `PublishUserIds` is on."""


class MatchStateChangedData(MatchEventData, MatchStateChangedFields, PlayState):
    """The data of `match_state_changed`. Periods, clock and shoot-out come with `cancelled`."""

    participant1_score: NotRequired[Score]
    """With `cancelled`, and if a start is undone: the first participant's score after it."""
    participant2_score: NotRequired[Score]
    """With `cancelled`, and if a start is undone: the second participant's score after it."""
    details: NotRequired[dict[str, Any] | None]
    """With `cancelled`, and if a start is undone: the description of the score after it."""
    revision: NotRequired[Revision]
    """With `cancelled`, and if a start is undone: the revision of the score after it."""


class MatchStateChanged(TypedDict):
    """The state of a match has changed."""

    type: Literal["match_state_changed"]
    data: MatchStateChangedData


class DisputeCreatedFields(TypedDict):
    """What `dispute_created` adds."""

    dispute_id: Id
    """The dispute. Its text is for officials and the match's participants: HTTP has it."""
    initiated_by: NotRequired[Id]
    """The official or participant who opened it. Left out unless `PublishUserIds` is on."""
    status: Literal["open"]
    """Always open."""
    open_disputes: Count
    """How many disputes of the match are open now."""


class DisputeCreatedData(MatchEventData, DisputeCreatedFields):
    """The data of `dispute_created`."""


class DisputeCreated(TypedDict):
    """An official or participant has opened a dispute. The state of the match does not change."""

    type: Literal["dispute_created"]
    data: DisputeCreatedData


class DisputeResolvedFields(TypedDict):
    """What `dispute_resolved` adds."""

    dispute_id: Id
    """The dispute."""
    resolution: Literal["upheld", "rejected", "withdrawn"]
    """The decision."""
    resolved_by: NotRequired[Id]
    """The official. Left out unless `PublishUserIds` is on."""
    open_disputes: Count
    """How many disputes of the match are open now."""


class DisputeResolvedData(MatchEventData, DisputeResolvedFields):
    """The data of `dispute_resolved`."""


class DisputeResolved(TypedDict):
    """A dispute is closed. The match and its result do not change."""

    type: Literal["dispute_resolved"]
    data: DisputeResolvedData


class StoredScoreState(ScoreState):
    """A score with its position in the order."""

    revision: Revision
    """How many scores of the match have been accepted."""


class MatchCompletedFields(MatchResult):
    """What `match_completed` adds, besides the final score."""

    confirmed_by: NotRequired[Id]
    """The official. Left out unless `PublishUserIds` is on."""


class MatchCompletedData(MatchEventData, MatchCompletedFields, StoredScoreState):
    """The data of `match_completed`."""


class MatchCompleted(TypedDict):
    """A match is completed, with its final score."""

    type: Literal["match_completed"]
    data: MatchCompletedData


class ResultState(MatchResult, StoredScoreState):
    """The result of a match, with its score."""


class ResultAmendedFields(TypedDict):
    """What `result_amended` adds."""

    before: ResultState
    """The old result."""
    after: ResultState
    """The new result."""
    reason: Reason
    """Why."""
    amended_by: NotRequired[Id]
    """The official. Left out unless `PublishUserIds` is on."""


class ResultAmendedData(MatchEventData, ResultAmendedFields):
    """The data of `result_amended`."""


class ResultAmended(TypedDict):
    """The result of a completed match has been corrected."""

    type: Literal["result_amended"]
    data: ResultAmendedData


class MatchReopenedFields(MatchResult):
    """What `match_reopened` adds, besides the score. The result is null again."""

    old_state: State
    """The state before."""
    new_state: State
    """The state now."""
    reason: Reason
    """Why."""
    reopened_by: NotRequired[Id]
    """The official. Left out unless `PublishUserIds` is on."""


class MatchReopenedData(MatchEventData, MatchReopenedFields, StoredScoreState):
    """The data of `match_reopened`."""


class MatchReopened(TypedDict):
    """The end of a completed or cancelled match has been taken back."""

    type: Literal["match_reopened"]
    data: MatchReopenedData


class MatchRegisteredFields(RegisteredFields):
    """What `match_registered` adds."""

    state: State
    """Its state: `scheduled`."""
    registered_by: NotRequired[Id]
    """Who registered it. Left out unless `PublishUserIds` is on."""


class MatchRegisteredData(MatchEventData, MatchRegisteredFields):
    """The data of `match_registered`."""


class MatchRegistered(TypedDict):
    """A match has been registered in the tournament."""

    type: Literal["match_registered"]
    data: MatchRegisteredData


class MatchUpdatedFields(RegisteredFields):
    """What `match_updated` adds."""

    changed: list[Text]
    """The fields that differ from before."""
    changed_by: NotRequired[Id]
    """Who changed them. Left out unless `PublishUserIds` is on."""


class MatchUpdatedData(MatchEventData, MatchUpdatedFields):
    """The data of `match_updated`."""


class MatchUpdated(TypedDict):
    """A match is registered with other participants, other names or another time."""

    type: Literal["match_updated"]
    data: MatchUpdatedData


class MatchDeletedFields(TypedDict):
    """What `match_deleted` adds."""

    deleted_by: NotRequired[Id]
    """Who deleted it. Left out unless `PublishUserIds` is on."""


class MatchDeletedData(MatchEventData, MatchDeletedFields):
    """The data of `match_deleted`."""


class MatchDeleted(TypedDict):
    """A match that never began no longer exists."""

    type: Literal["match_deleted"]
    data: MatchDeletedData


type DecisionFields = (
    MatchStartedFields
    | MatchStateChangedFields
    | DisputeCreatedFields
    | DisputeResolvedFields
    | MatchCompletedFields
    | ResultAmendedFields
    | MatchReopenedFields
)
type LoggedMatchEvent = (
    MatchStarted
    | MatchStateChanged
    | DisputeCreated
    | DisputeResolved
    | MatchCompleted
    | ResultAmended
    | MatchReopened
    | MatchRegistered
    | MatchUpdated
    | MatchDeleted
)
