"""The fan-out queue: post messages to some members of a large room, in lanes."""

from typing import Any

from scorecast.app.lane import Lane
from scorecast.app.process_batch import process_groups
from scorecast.aws.sqs.records import groups, records
from scorecast.runtime import settings
from scorecast.runtime.telemetry import observed
from scorecast.wiring import delivery, host, queues


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    own = host.settings(settings.FanoutSettings)
    queue = queues.record_queue(own.fanout_queue_url)
    lane = Lane(delivery.poster(own), queue, context.get_remaining_time_in_millis)
    by_lane = groups(records(event)).values()
    return process_groups(by_lane, lane.process, host.pool(), queue)
