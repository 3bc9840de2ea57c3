"""What one client is told: the greeting, and the answers to its commands."""

from typing import Literal

from pydantic.experimental.missing_sentinel import MISSING

from infra.wire.events import MatchEvent, TournamentEvent
from infra.wire.snapshots import BareTournamentSnapshot, MatchSnapshot, TournamentSnapshot
from infra.wire.vocabulary import Described, FrameId, Id, Text, Whole
from scorecast.domain.connections.roles import Role
from scorecast.protocol.messages import VERSION

type Snapshot = MatchSnapshot | TournamentSnapshot | BareTournamentSnapshot

assert VERSION == 1


class Response(Described):
    id: FrameId | MISSING = MISSING
    """The command's, if it had one."""


class GreetingData(Described):
    connection_id: Text
    """This connection."""
    user_id: Id | None
    """Who the token says it is; null for an anonymous client."""
    username: str | None
    """The token's `name`."""
    heartbeat_interval: Whole
    """Seconds of silence after which the client is pinged."""
    heartbeat_timeout: Whole
    """Seconds of silence after which the connection is ended."""
    protocol: Literal[1]
    """The version of this protocol."""
    server_time: Whole
    """The server's clock."""
    expires_at: Whole | None
    """The token's end; null for an anonymous client."""
    match_id: Id | None
    """The match whose room the connection is in."""
    tournament_id: Id | None
    """The tournament whose room it is in, or that the match belongs to."""
    role: Role
    """What the client may do in this room, or anywhere if it is in none."""
    is_participant: bool
    """Whether it plays in the match."""
    snapshot: Snapshot | None
    """How the room's match or tournament stands; null without a room."""
    sequence: Whole
    """The number of the room's newest event."""
    viewers: Whole
    """How many connections are in the room."""


class ConnectionEstablished(Described):
    """The connection is open: the server's first word."""

    type: Literal["connection_established"]
    data: GreetingData


class SubscribedData(Described):
    match_id: Id | None
    """The match; null if it is a tournament's room."""
    tournament_id: Id
    """The tournament, or the one that the match belongs to."""
    role: Role
    """What the client may do in this room."""
    is_participant: bool
    """Whether it plays in the match."""
    snapshot: Snapshot
    """How the match or tournament stands, read after the client has joined."""
    sequence: Whole
    """The number of the room's newest event."""
    viewers: Whole
    """How many connections are in the room."""
    recovered: bool
    """Whether `events` are all that were missed."""
    events: list[MatchEvent | TournamentEvent]
    """The decisive events after `since`, as frames."""


class Subscribed(Response):
    """The client is in the room."""

    type: Literal["subscribed"]
    data: SubscribedData


class UnsubscribedData(Described):
    match_id: Id | None
    """The match, if it was a match's room."""
    tournament_id: Id | None
    """The tournament, if it was a tournament's room."""


class Unsubscribed(Response):
    """The client is not in the room, whether it was or not."""

    type: Literal["unsubscribed"]
    data: UnsubscribedData


class AcceptedData(Described):
    match_id: Id
    """The match."""
    revision: Whole
    """How many of its scores have been accepted."""
    dispute_id: Text | MISSING = MISSING
    """The new dispute, in the answer to `dispute_create`."""


class Accepted(Response):
    """What was reported is stored, and will be told."""

    type: Literal["accepted"]
    data: AcceptedData


class RefreshedData(Described):
    expires_at: Whole
    """The new token's end."""


class Refreshed(Response):
    """The connection goes on with the new token."""

    type: Literal["refreshed"]
    data: RefreshedData


class Pong(Response):
    """The answer to a ping."""

    type: Literal["pong"]
    timestamp: float | None
    """The ping's, as it was."""
    server_time: Whole
    """The server's clock."""
