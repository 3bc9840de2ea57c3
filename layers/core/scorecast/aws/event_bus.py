"""An EventBridge bus: what has been published goes to other systems."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

from scorecast.aws.dynamodb.match_changes import Outgoing
from scorecast.aws.dynamodb.table import Contention
from scorecast.protocol.strict_json import compact

SOURCE: Final = "scorecast"
_ENTRIES_MAX: Final = 10
"""EventBridge's limit for one request."""


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
        for some in _requests(events):
            entries: Any = [self._entry(event) for event in some]
            if self.client.put_events(Entries=entries)["FailedEntryCount"]:
                raise Contention(self.name)

    def _entry(self, event: Outgoing) -> dict[str, str]:
        return {
            "EventBusName": self.name,
            "Source": SOURCE,
            "DetailType": event.type,
            "Detail": compact(event.data),
        }


def _requests(events: Iterable[Outgoing]) -> Iterator[Sequence[Outgoing]]:
    """In order, as many at a time as one request takes, and of each stream one."""
    some: list[Outgoing] = []
    for event in events:
        is_repeated = any(each.stream == event.stream for each in some)
        if is_repeated or len(some) == _ENTRIES_MAX:
            yield some
            some = []
        some.append(event)
    if some:
        yield some
