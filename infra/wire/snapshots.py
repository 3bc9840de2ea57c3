"""How a match and a tournament stand, as newcomers are told."""

from typing import Annotated, Any, Literal

from pydantic import Field

from infra.wire.vocabulary import Described, Id, Points, Text, Whole
from scorecast.protocol.states import State


class BareStanding(Described):
    """A match in a tournament's snapshot that was too large for one frame."""

    match_id: Id
    """The match."""
    state: State
    """Its state."""
    participant1_score: Points
    """The first participant's score."""
    participant2_score: Points
    """The second participant's score."""
    winner_id: Id | None
    """The winner; null until the match is completed, and after a draw."""
    revision: Whole
    """How many scores have been accepted."""
    sequence: Whole
    """The number of the match's newest event."""
    updated_at: Whole | None
    """When the score was accepted; null before the first."""


class Standing(BareStanding):
    """A match in a tournament's snapshot."""

    details: dict[str, Any] | None
    """What the newest score's sender gave with it."""


class Participant(Described):
    """Who plays."""

    id: Id
    """A player's id is the user's."""
    name: Text
    """What people call them."""


class MatchSnapshot(Standing):
    """All of a match."""

    tournament_id: Id
    """The tournament that the match belongs to."""
    participants: Annotated[list[Participant], Field(min_length=2, max_length=2)]
    """The first and the second."""
    scheduled_at: Text
    """When it starts: ISO 8601 with an offset."""
    updated_by: Id | None
    """Who reported the score; null before the first."""


class TournamentSnapshot(Described):
    """What changes during a tournament's matches."""

    tournament_id: Id
    """The tournament."""
    name: Text
    """What people call it."""
    state: Literal["open", "completed"]
    """`completed` after `tournament_completed`."""
    sequence: Whole
    """The number of the tournament's newest event."""
    matches: list[Standing]
    """Its matches."""
    complete: Literal[True]
    """The matches have their details."""


class BareTournamentSnapshot(Described):
    """A tournament that would be too large for one frame with the details of its matches."""

    tournament_id: Id
    """The tournament."""
    name: Text
    """What people call it."""
    state: Literal["open", "completed"]
    """`completed` after `tournament_completed`."""
    sequence: Whole
    """The number of the tournament's newest event."""
    matches: list[BareStanding]
    """Its matches, without details: the HTTP API has those."""
    complete: Literal[False]
    """The matches are without their details."""
