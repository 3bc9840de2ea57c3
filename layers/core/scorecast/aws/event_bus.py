"""An EventBridge bus, which sends published events to other systems."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from scorecast.aws.dynamodb.match_changes import Outgoing
from scorecast.aws.dynamodb.table import Contention
from scorecast.protocol.strict_json import compact

SOURCE: Final = "scorecast"
_ENTRIES_MAX: Final = 10
"""EventBridge's limit for one request."""
_DETAILS_BYTES_MAX: Final = 200_000
"""Size of the details in one request: EventBridge accepts 256 KB in all, and a refused request
would block the stream."""


type Entry = dict[str, str]


class Client(Protocol):
    """boto3's client of EventBridge."""

    def put_events(self, *, Entries: Any) -> Any: ...


@dataclass(frozen=True, slots=True)
class EventBus:
    name: str
    client: Client

    def put(self, events: Iterable[Outgoing]) -> None:
        """Send events, those of one match or tournament one after the other.

        Raises Contention if the bus takes one not: the rest must not overtake it.
        """
        for entries in _requests([(event.stream, self._entry(event)) for event in events]):
            if self.client.put_events(Entries=entries)["FailedEntryCount"]:
                raise Contention(self.name)

    def _entry(self, event: Outgoing) -> Entry:
        return {
            "EventBusName": self.name,
            "Source": SOURCE,
            "DetailType": event.type,
            "Detail": compact(event.data),
        }


def _requests(entries: Iterable[tuple[str, Entry]]) -> Iterator[Sequence[Entry]]:
    """In order, as many at a time as fit into one request, and at most one of each stream."""
    some: dict[str, Entry] = {}
    size_bytes = 0
    for stream, entry in entries:
        bytes_of_one = len(entry["Detail"].encode())
        is_full = len(some) == _ENTRIES_MAX or size_bytes + bytes_of_one > _DETAILS_BYTES_MAX
        if some and (is_full or stream in some):
            yield list(some.values())
            some, size_bytes = {}, 0
        some[stream] = entry
        size_bytes += bytes_of_one
    if some:
        yield list(some.values())
