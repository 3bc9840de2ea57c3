"""A match's history: every accepted score and every decisive event, in order. Pure."""

from dataclasses import dataclass
from typing import Final, cast

from scorecast.domain.matches.match import LoggedEvent, Score
from scorecast.domain.matches.payloads import accepted_score, event_data
from scorecast.protocol.errors import Json

SCORE_ACCEPTED: Final = "score_accepted"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """An entry's place: an event follows the last score before it, in the match's numbering.

    A score has no sequence number of its own, since several may be published under one: it is 0.
    """

    revision: int
    sequence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """The entry's content. `data` is what clients receive, including the ids of users."""

    match_id: str
    place: Place
    at_ms: int
    type: str
    data: Json


def score_entry(match_id: str, score: Score) -> Entry:
    return Entry(
        match_id=match_id,
        place=Place(score.revision),
        at_ms=cast(int, score.updated_at_ms),
        type=SCORE_ACCEPTED,
        data={**accepted_score(score)},
    )


def event_entries(match_id: str, tournament_id: str, event: LoggedEvent) -> list[Entry]:
    """An event, after the final score that came with it."""
    own = Entry(
        match_id=match_id,
        place=Place(event.revision, event.sequence),
        at_ms=cast(int, event.data["server_time"]),
        type=event.type,
        data=event_data(match_id, tournament_id, event),
    )
    return [own] if event.accepted is None else [score_entry(match_id, event.accepted), own]
