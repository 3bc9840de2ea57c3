"""The queue of welcomes: greet connections that have opened, in the room their URL asked for."""

from typing import Any

from scorecast import wiring
from scorecast.app import process_batch
from scorecast.aws.sqs import flush_queue, welcome_queue
from scorecast.aws.sqs.records import Record
from scorecast.runtime import settings


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    welcome = wiring.welcome(wiring.settings(settings.WelcomeSettings))

    def work(record: Record) -> None:
        welcome.send(welcome_queue.request_of(record))

    return process_batch.process_batch(flush_queue.records(event), work, wiring.pool())
