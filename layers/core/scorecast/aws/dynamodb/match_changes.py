"""The meaning of a change of an item in the matches table: a score was accepted, an event
logged."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scorecast.aws.dynamodb.event_items import event_from
from scorecast.aws.dynamodb.match_keys import EVENT_PREFIX, MATCH_SK, room_at
from scorecast.aws.dynamodb.score_items import claimed_from, score_from
from scorecast.aws.dynamodb.stream import Change
from scorecast.domain.matches.history import Entry, event_entries, score_entry
from scorecast.domain.matches.match import Claimed
from scorecast.domain.matches.payloads import event_data, score_updated, tournament_event_data
from scorecast.domain.rooms import Room


def history_entries(change: Change) -> list[Entry]:
    """What a change adds to its match's history: nothing, if it is about something else.

    The same change gives the same entries, so that a record that comes again adds nothing.
    """
    new, room = change.new, room_at(change.new["pk"])
    if room.match_id is None:
        return []
    if new["sk"] == MATCH_SK:
        return [score_entry(room.id, score_from(new))] if _is_accepted(change) else []
    if _is_logged(change):
        return event_entries(room.id, new["tournament_id"], event_from(new))
    return []


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A published event for other systems. `stream` is the numbering that it belongs to."""

    type: str
    data: Mapping[str, Any]
    stream: str


def outgoing_events(change: Change, *, has_scores: bool) -> list[Outgoing]:
    """The decisive events of matches and tournaments, with `has_scores` published scores too."""
    new, room = change.new, room_at(change.new["pk"])
    if new["sk"] == MATCH_SK:
        claimed = claimed_from(new) if has_scores and _is_claimed(change) else None
        return [] if claimed is None else [_score(room, new["tournament_id"], claimed)]
    if not _is_logged(change):
        return []
    event, tournament_id = event_from(new), new["tournament_id"]
    data = (
        tournament_event_data(tournament_id, event)
        if room.match_id is None
        else event_data(room.match_id, tournament_id, event)
    )
    own = Outgoing(event.type, data, room.key)
    if event.score is None or not has_scores:
        return [own]
    return [_score(room, tournament_id, event.score), own]


def _score(room: Room, tournament_id: str, claimed: Claimed) -> Outgoing:
    return Outgoing("score_updated", score_updated(room.id, tournament_id, claimed), room.key)


def _is_claimed(change: Change) -> bool:
    """Whether a write gave a score its number. What an event closes is in the event's item."""
    # a copy from another cell has the last claim of that one, and closes no window
    old = change.old or {}
    is_another = change.new.get("claimed_sequence") != old.get("claimed_sequence")
    return "window_id" in old and is_another


def _is_logged(change: Change) -> bool:
    """Whether an event was logged here, and not copied from another cell with its history."""
    new = change.new
    return change.old is None and new["sk"].startswith(EVENT_PREFIX) and "copied_by" not in new


def _is_accepted(change: Change) -> bool:
    """Whether a write of a match's item accepted a score: what events accept is in their items."""
    has_window = "window_id" in change.new
    return (
        has_window and change.old is not None and change.old["revision"] != change.new["revision"]
    )
