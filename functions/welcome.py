"""The welcome queue: welcome connections that have opened, in the room that their URL names."""

from typing import Any

from scorecast.app.process_batch import process_batch
from scorecast.aws.sqs.records import Record, records
from scorecast.aws.sqs.welcome_queue import request_of
from scorecast.runtime import settings
from scorecast.runtime.telemetry import observed
from scorecast.wiring import host, queues, sessions


@observed
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    own = host.settings(settings.WelcomeSettings)
    welcome = sessions.welcome(own)

    def process_record(record: Record) -> None:
        welcome.send(request_of(record))

    queue = queues.record_queue(own.welcome_queue_url)
    time_left_ms = context.get_remaining_time_in_millis
    return process_batch(records(event), process_record, host.pool(), queue, time_left_ms)
