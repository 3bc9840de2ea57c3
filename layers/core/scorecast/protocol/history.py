"""A page of a match's history, as the HTTP API returns it."""

from typing import Literal, TypedDict

from scorecast.protocol.fields import Id, Text
from scorecast.protocol.match_events import AcceptedScore, LoggedMatchEvent


class ScoreAccepted(TypedDict):
    """An accepted score, whether it was published by itself or merged into a later one."""

    type: Literal["score_accepted"]
    data: AcceptedScore


type HistoryEntry = ScoreAccepted | LoggedMatchEvent


class History(TypedDict):
    """Every accepted score and every decisive event of a match, in order, a page at a time."""

    match_id: Id
    """The match."""
    entries: list[HistoryEntry]
    """Scores by revision, and each event, as a message, after the last score before it."""
    next: Text | None
    """The `cursor` of the next page; null if this is the last one so far."""
