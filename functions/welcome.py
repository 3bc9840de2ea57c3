"""The welcome queue: welcome connections that have opened, in the room their URL asked for."""

from typing import Any

from scorecast import wiring
from scorecast.app.process_batch import process_batch
from scorecast.aws.sqs import welcome_queue
from scorecast.aws.sqs.records import Record, records
from scorecast.runtime import settings
from scorecast.runtime.telemetry import observed


@observed
def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    welcome = wiring.welcome(wiring.settings(settings.WelcomeSettings))

    def process_record(record: Record) -> None:
        welcome.send(welcome_queue.request_of(record))

    return process_batch(records(event), process_record, wiring.pool())
