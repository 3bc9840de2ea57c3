"""What clients may ask for. Each command names the message that answers it."""

from dataclasses import dataclass
from typing import ClassVar, Final

from scorecast.protocol.fields import (
    Details,
    Id,
    NewState,
    Number,
    Reason,
    Revision,
    Score,
    Sequence,
    Token,
)
from scorecast.protocol.shapes import BothOrNeither, ExactlyOne, Shape


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
    """The newest sequence number the client knows of this room: asks for the events after it."""


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
class ScoreUpdate(Shape):
    """Report the score of a match that is live or paused."""

    type: ClassVar = "score_update"
    reply: ClassVar = "accepted"
    match_id: Id
    """The match."""
    participant1_score: Score
    """The first participant's score."""
    participant2_score: Score
    """The second participant's score."""
    details: Details | None = None
    """Anything that describes the score, up to `DETAILS_BYTES_MAX` and `DETAILS_DEPTH_MAX`;
    published with it."""
    client_revision: Revision | None = None
    """The score's place in the order; greater than the last one of the match."""
    update_id: Id | None = None
    """Names the score: a retry under the same name is accepted once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchStart(Shape):
    """Start a match, or resume it."""

    type: ClassVar = "match_start"
    reply: ClassVar = "accepted"
    match_id: Id
    """The match."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchComplete(Shape):
    """Complete a match. Final scores are given both or not at all."""

    type: ClassVar = "match_complete"
    reply: ClassVar = "accepted"
    rule: ClassVar = BothOrNeither("participant1_score", "participant2_score")
    match_id: Id
    """The match."""
    winner_id: Id | None
    """One of the match's participants; null for a draw."""
    participant1_score: Score | None = None
    """The first participant's final score."""
    participant2_score: Score | None = None
    """The second participant's final score."""
    details: Details | None = None
    """Anything that describes the final score, up to the same limits; published with it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchStateChange(Shape):
    """Give a match another state."""

    type: ClassVar = "match_state_change"
    reply: ClassVar = "accepted"
    match_id: Id
    """The match."""
    new_state: NewState
    """The state to change to; for `completed`, send `match_complete`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeCreate(Shape):
    """Open a dispute. Participants may do so too."""

    type: ClassVar = "dispute_create"
    reply: ClassVar = "accepted"
    match_id: Id
    """The match."""
    reason: Reason
    """Why, for people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refresh(Shape):
    """Continue the connection with a newer token."""

    type: ClassVar = "refresh"
    reply: ClassVar = "refreshed"
    token: Token
    """A valid token of the same user."""


type RoomCommand = Ping | Pong | Subscribe | Unsubscribe | Refresh
MatchCommand = ScoreUpdate | MatchStart | MatchComplete | MatchStateChange | DisputeCreate
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
        DisputeCreate,
        Refresh,
    )
}
