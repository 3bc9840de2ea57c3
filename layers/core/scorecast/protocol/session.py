"""Messages about a client's connection: the welcome, pings and the goodbye."""

from typing import Literal, NotRequired, TypedDict

from scorecast.protocol.cells import Endpoint
from scorecast.protocol.fields import Count, Id, Sequence, Text, Timestamp
from scorecast.protocol.roles import Role
from scorecast.protocol.snapshots import RoomSnapshot


class ConnectionData(TypedDict):
    """The part of the welcome about the connection."""

    connection_id: Text
    """This connection."""
    user_id: Id | None
    """The user that the token names; null for an anonymous client."""
    username: str | None
    """The token's `name`."""
    heartbeat_interval: Count
    """Seconds of silence after which the client is pinged."""
    heartbeat_timeout: Count
    """Seconds of silence after which the connection is closed."""
    protocol: Literal[1]
    """The version of this protocol."""
    server_time: Timestamp
    """The server's clock."""
    expires_at: Timestamp | None
    """When the token expires; null for an anonymous client."""


class PlaceData(TypedDict):
    """The part of the welcome about the URL's room, if there is one."""

    match_id: Id | None
    """The match whose room the connection is in."""
    tournament_id: Id | None
    """The tournament whose room it is in, or that the match belongs to."""
    role: Role
    """The client's role in this room, or what its token alone gives."""
    is_participant: bool
    """Whether the client plays in the match."""
    snapshot: RoomSnapshot | None
    """The state of the room's match or tournament; null without a room."""
    sequence: Sequence
    """The sequence number of the room's newest event."""
    viewers: Count
    """How many connections are in the room."""


class WelcomeData(ConnectionData, PlaceData):
    """The data of `connection_established`."""


class ConnectionEstablished(TypedDict):
    """The connection is open: the first message of the server."""

    type: Literal["connection_established"]
    data: WelcomeData


class Ping(TypedDict):
    """Sent to a client that has been silent; any message answers it."""

    type: Literal["ping"]
    timestamp: Timestamp
    """When it was sent."""


class Goodbye(TypedDict):
    """The server's last message; then it closes the connection."""

    type: Literal["goodbye"]
    code: int
    """The close code, which API Gateway cannot send."""
    reason: str
    """The reason as a word; several reasons may share a code."""
    reconnect: bool
    """Whether a new connection can succeed."""
    retry_after_ms: NotRequired[Count]
    """How long to wait before that: it spreads clients that are disconnected together."""
    endpoint: NotRequired[Endpoint]
    """With `moved`: where to connect instead, for the same rooms."""


class GatewayError(TypedDict):
    """A message of API Gateway itself, sent if the service did not answer. It has no `type`."""

    message: Text
    """For people, such as `Internal server error`."""
    connectionId: Text
    """This connection."""
    requestId: Text
    """API Gateway's id of the message."""
