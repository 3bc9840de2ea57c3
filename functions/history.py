"""The stream of the matches table: keep every accepted score and every decisive event."""

from collections.abc import Sequence
from typing import Any

from scorecast.app.process_stream import process_stream
from scorecast.aws.dynamodb.match_changes import history_entries
from scorecast.aws.dynamodb.stream import records
from scorecast.domain.matches.history import Entry
from scorecast.runtime import settings
from scorecast.runtime.telemetry import observed
from scorecast.wiring import host, queues, tables


@observed
def handler(event: dict[str, Any], _context: Any) -> dict[str, Any]:
    own = host.settings(settings.HistorySettings)
    history = tables.history(own)

    def put(entries: Sequence[Entry]) -> None:
        history.put(entries, days=own.history_days)

    dead_letters = queues.dead_letters(own.history_dead_letter_queue_url)
    return process_stream(records(event), history_entries, put, dead_letters)
