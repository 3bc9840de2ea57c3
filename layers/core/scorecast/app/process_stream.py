"""Process a batch of a table's stream in order, up to a record that must be delivered again."""

from collections.abc import Callable, Iterable, Sequence
from itertools import batched
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from scorecast.aws.dynamodb.stream import Change, StreamRecord, stream_response
from scorecast.aws.dynamodb.table import Contention
from scorecast.aws.sqs.dead_letters import DeadLetters
from scorecast.protocol.limits import STREAM_RECORDS_AT_ONCE
from scorecast.runtime.telemetry import failed


def process_stream[Found](
    records: Iterable[StreamRecord],
    find: Callable[[Change], Sequence[Found]],
    perform: Callable[[Sequence[Found]], None],
    dead_letters: DeadLetters,
) -> dict[str, Any]:
    """Lambda's batch response. `perform` gets what `find` makes of some records, in their order.

    An outage holds a shard up until it is over, within the age that Lambda allows a record. A
    record that cannot be read would hold it up for as long: it becomes a dead letter at once.
    """
    for some in batched(records, STREAM_RECORDS_AT_ONCE, strict=False):
        try:
            found = [each for record in some for each in _find(record, find, dead_letters)]
            perform(found)
        except (Contention, BotoCoreError, ClientError) as error:
            failed("stream held up", error)
            return stream_response(some[0].sequence_number)
    return stream_response(None)


def _find[Found](
    record: StreamRecord, find: Callable[[Change], Sequence[Found]], dead_letters: DeadLetters
) -> Sequence[Found]:
    try:
        return find(record.change())
    except Exception as error:
        failed("stream record not understood", error, sequence_number=record.sequence_number)
    dead_letters.send(record.raw)
    return ()
