"""What a change of an item in the matches table means: a score was accepted, an event logged."""

from scorecast.aws.dynamodb.match_items import (
    EVENT_PREFIX,
    MATCH_SK,
    event_from,
    room_at,
    score_from,
)
from scorecast.aws.dynamodb.stream import Change
from scorecast.domain.matches.history import Entry, event_entries, score_entry


def history_entries(change: Change) -> list[Entry]:
    """What a change adds to its match's history: nothing, if it is about something else.

    The same change gives the same entries, so that a record that comes again adds nothing.
    """
    new, room = change.new, room_at(change.new["pk"])
    if room.match_id is None:
        return []
    if new["sk"] == MATCH_SK:
        return [score_entry(room.id, score_from(new))] if _is_accepted(change) else []
    if change.old is None and new["sk"].startswith(EVENT_PREFIX):
        return event_entries(room.id, new["tournament_id"], event_from(new))
    return []


def _is_accepted(change: Change) -> bool:
    """Whether a write of a match's item accepted a score: what events accept is in their rows."""
    has_window = "window_id" in change.new
    return (
        has_window and change.old is not None and change.old["revision"] != change.new["revision"]
    )
