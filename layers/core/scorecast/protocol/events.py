"""Other messages of rooms: a tournament's own events, viewer counts, batches."""

from typing import Literal, TypedDict

from scorecast.protocol.fields import Count, Id, Sequence, Timestamp
from scorecast.protocol.match_events import LoggedMatchEvent, ScoreUpdated


class TournamentEventData(TypedDict):
    """The sender's fields, and these, which replace the sender's of the same name."""

    tournament_id: Id
    """The tournament."""
    sequence: Sequence
    """The event's sequence number, counted per tournament and strictly increasing."""
    server_time: Timestamp
    """When it happened."""


class BracketGenerated(TypedDict):
    """A tournament's bracket has been drawn up."""

    type: Literal["bracket_generated"]
    data: TournamentEventData


class BracketUpdated(TypedDict):
    """A tournament's bracket has changed."""

    type: Literal["bracket_updated"]
    data: TournamentEventData


class TournamentCompleted(TypedDict):
    """A tournament is completed: the last of its own events, unless it is reopened."""

    type: Literal["tournament_completed"]
    data: TournamentEventData


class TournamentReopened(TypedDict):
    """The end of a tournament has been taken back."""

    type: Literal["tournament_reopened"]
    data: TournamentEventData


type LoggedTournamentEvent = (
    BracketGenerated | BracketUpdated | TournamentCompleted | TournamentReopened
)


class ViewersData(TypedDict):
    """The data of `viewers`."""

    room: Literal["match", "tournament"]
    """The kind of room."""
    match_id: Id | None
    """The match, if it is a match's room."""
    tournament_id: Id | None
    """The tournament, if it is a tournament's room."""
    count: Count
    """How many connections are in the room."""
    sequence: Sequence
    """The sequence number of the room's newest event. A client that knows only an older one has
    missed some."""
    server_time: Timestamp
    """When they were counted."""


class Viewers(TypedDict):
    """The number of connections in the room, sent some time after it has changed."""

    type: Literal["viewers"]
    data: ViewersData


class BatchData(TypedDict):
    """The data of `batch`."""

    messages: list[ScoreUpdated | LoggedMatchEvent | LoggedTournamentEvent | Viewers]
    """Events of rooms in the order in which to apply them, each as if sent alone."""


class Batch(TypedDict):
    """Several pending events of a large room. A client handles each as if it had arrived alone."""

    type: Literal["batch"]
    data: BatchData
