"""Keys of the matches table: of matches, tournaments, events, disputes, and of the index. Pure."""

from datetime import UTC, datetime
from typing import Final

from scorecast.aws.dynamodb.items import Item
from scorecast.domain.matches.match import Match
from scorecast.domain.rooms import Room, match_room, tournament_room

MATCH_SK: Final = "M"
TOURNAMENT_SK: Final = "T"
MOVE_SK: Final = "MOVE"
HISTORY_SK: Final = "HISTORY"
EVENT_PREFIX: Final = "E#"
EVENT_HIGH = "E#~"
DISPUTE_LOW, DISPUTE_HIGH = "D#", "D#~"
POINTER_LOW, POINTER_HIGH = "M#", "M#~~"
UNSCHEDULED: Final = "~"
LISTED: Final = "listed"
"""The index of lists: live matches, tournaments by state, incomplete moves."""
IN_PLAY: Final = "M"
INCOMPLETE_MOVES: Final = "moves"
MISSING_HISTORIES: Final = "histories"

NOT_FROZEN: Final = "attribute_not_exists(frozen_by)"
"""Part of the condition of every requested change of a match."""
STAYS: Final = "attribute_not_exists(move_phase)"
"""The same for a tournament."""

PENDING: Final = "pending"
"""The single value of the hash key of the index of pending items."""


def match_pk(match_id: str) -> str:
    return f"M#{match_id}"


def tournament_pk(tournament_id: str) -> str:
    return f"T#{tournament_id}"


def key_of(room: Room) -> tuple[str, str]:
    """The item behind a room: a match or a tournament."""
    if room.match_id is not None:
        return match_pk(room.match_id), MATCH_SK
    return tournament_pk(room.id), TOURNAMENT_SK


def room_at(pk: str) -> Room:
    return match_room(pk[2:]) if pk.startswith("M#") else tournament_room(pk[2:])


def event_sk(sequence: int) -> str:
    return f"{EVENT_PREFIX}{sequence:012d}"


def dispute_sk(dispute_id: str) -> str:
    return f"D#{dispute_id}"


def pointer(match: Match) -> Item:
    """The item that lists a match in its tournament, in the order of kick-offs."""
    return {"pk": tournament_pk(match.tournament_id), "sk": pointer_sk(match)}


def pointer_sk(match: Match) -> str:
    return f"M#{listed_at(match.scheduled_at)}#{match.id}"


def listed_at(scheduled_at: str | None) -> str:
    """A time as text that sorts like the time; a match without one is last."""
    if scheduled_at is None:
        return UNSCHEDULED
    try:
        return datetime.fromisoformat(scheduled_at).astimezone(UTC).isoformat(timespec="seconds")
    except OverflowError:  # the first or the last possible day
        return scheduled_at


def listed_match(match: Match) -> Item:
    """The list key of a live match, next to the others of its tournament."""
    return {"listed_as": IN_PLAY, "listed_key": f"{match.tournament_id}#{match.id}"}


def listed_as(state: str) -> str:
    """The list of the tournaments in a state."""
    return f"tournaments/{state}"


def match_id_of(pointer: Item) -> str:
    return str(pointer["sk"]).rpartition("#")[2]
