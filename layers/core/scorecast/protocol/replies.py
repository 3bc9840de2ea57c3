"""What a client receives in reply to a command."""

from typing import Literal, NotRequired, TypedDict

from scorecast.protocol.events import LoggedTournamentEvent
from scorecast.protocol.fields import (
    Count,
    Id,
    MessageId,
    Number,
    Revision,
    Sequence,
    Timestamp,
)
from scorecast.protocol.match_events import LoggedMatchEvent
from scorecast.protocol.roles import Role
from scorecast.protocol.snapshots import RoomSnapshot


class Reply(TypedDict):
    """What every reply to a command may carry."""

    id: NotRequired[MessageId]
    """The `id` of the command, if it had one."""


class RoomData(TypedDict):
    """A room that a client has joined, and its state read after that."""

    match_id: Id | None
    """The match; null if it is a tournament's room."""
    tournament_id: Id
    """The tournament, or the one that the match belongs to."""
    role: Role
    """The client's role in this room."""
    is_participant: bool
    """Whether the client plays in the match."""
    snapshot: RoomSnapshot
    """The state of the match or tournament, read after the client has joined."""
    sequence: Sequence
    """The sequence number of the room's newest event."""
    viewers: Count
    """How many connections are in the room."""


class RecoveryData(TypedDict):
    """The events that a returning client has missed."""

    recovered: bool
    """Whether `events` are all that were missed."""
    events: list[LoggedMatchEvent | LoggedTournamentEvent]
    """The decisive events after `since`, as messages."""


class SubscribedData(RoomData, RecoveryData):
    """The data of `subscribed`."""


class Subscribed(Reply):
    """The client is in the room."""

    type: Literal["subscribed"]
    data: SubscribedData


class UnsubscribedData(TypedDict):
    """The data of `unsubscribed`."""

    match_id: Id | None
    """The match, if it was a match's room."""
    tournament_id: Id | None
    """The tournament, if it was a tournament's room."""


class Unsubscribed(Reply):
    """The client is not in the room, whether it was before or not."""

    type: Literal["unsubscribed"]
    data: UnsubscribedData


class AcceptedData(TypedDict):
    """The data of `accepted`."""

    match_id: Id
    """The match."""
    revision: Revision
    """How many of its scores have been accepted."""
    dispute_id: NotRequired[Id]
    """The dispute, in the reply to `dispute_create` and `dispute_resolve`."""


class Accepted(Reply):
    """The report is stored, and will be published."""

    type: Literal["accepted"]
    data: AcceptedData


class TournamentEventAccepted(TypedDict):
    """An event of a tournament is stored, and will be published. Only HTTP replies with it."""

    tournament_id: Id
    """The tournament."""
    sequence: Sequence
    """The event's sequence number in its tournament."""


class DeletedMatch(TypedDict):
    """A match no longer exists. Only HTTP replies with it."""

    match_id: Id
    """The match."""
    tournament_id: Id
    """The tournament that it belonged to."""
    sequence: Sequence
    """The sequence number of `match_deleted`."""


class RefreshedData(TypedDict):
    """The data of `refreshed`."""

    expires_at: Timestamp
    """When the new token expires."""


class Refreshed(Reply):
    """The connection continues with the new token."""

    type: Literal["refreshed"]
    data: RefreshedData


class Pong(Reply):
    """The reply to a ping."""

    type: Literal["pong"]
    timestamp: Number | None
    """The ping's, unchanged."""
    server_time: Timestamp
    """The server's clock."""
