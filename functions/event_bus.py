"""The stream of the matches table: send published events to an EventBridge bus."""

from collections.abc import Sequence
from typing import Any

from scorecast.app.process_stream import process_stream
from scorecast.aws.dynamodb.match_changes import Outgoing, outgoing_events
from scorecast.aws.dynamodb.stream import Change, records
from scorecast.domain.matches.attribution import without_users
from scorecast.runtime import settings
from scorecast.runtime.telemetry import observed
from scorecast.wiring import host, queues


@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    own = host.settings(settings.EventBusSettings)

    def find(change: Change) -> Sequence[Outgoing]:
        found = outgoing_events(change, has_scores=own.publish_scores)
        # the same data that the rooms received
        return found if own.publish_user_ids else [_without_users(each) for each in found]

    dead_letters = queues.dead_letters(own.event_bus_dead_letter_queue_url)
    return process_stream(records(event), find, queues.event_bus(own).put, dead_letters)


def _without_users(event: Outgoing) -> Outgoing:
    # a tournament's events contain their sender's own data
    if event.stream.startswith("t:"):
        return event
    return Outgoing(event.type, without_users(event.data), event.stream)
