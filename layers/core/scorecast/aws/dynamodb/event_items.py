"""Events of the log as items of the matches table, and back. Pure."""

import json

from scorecast.aws.dynamodb.items import Item
from scorecast.aws.dynamodb.match_keys import EVENT_PREFIX, event_sk
from scorecast.aws.dynamodb.score_items import claimed_from, claimed_map, score_from, score_map
from scorecast.domain.matches.match import LoggedEvent
from scorecast.protocol.strict_json import compact


def event_item(pk: str, event: LoggedEvent, *, tournament_id: str, expires_at: int) -> Item:
    """An event of the log. What it holds is JSON text: it is read back, never searched.

    The history takes it from the table's stream, so the item says all that the event's place there
    and its message need.
    """
    score, accepted = event.score, event.accepted
    return {
        "pk": pk,
        "sk": event_sk(event.sequence),
        "tournament_id": tournament_id,
        "event_type": event.type,
        "previous_sequence": event.previous_sequence,
        "event_data": compact(event.data),
        "revision": event.revision,
        "accepted": None if accepted is None else score_map(accepted, ""),
        "expires_at": expires_at,
        "score": None if score is None else claimed_map(score),
    }


def event_from(item: Item) -> LoggedEvent:
    return LoggedEvent(
        type=item["event_type"],
        sequence=int(item["sk"].removeprefix(EVENT_PREFIX)),
        previous_sequence=item["previous_sequence"],
        data=json.loads(item["event_data"]),
        score=claimed_from(item["score"]) if "score" in item else None,
        revision=item.get("revision", 0),
        accepted=score_from(item["accepted"]) if "accepted" in item else None,
    )
