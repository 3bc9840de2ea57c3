"""Numbered messages for the members of rooms. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

from scorecast.domain.rooms import Room
from scorecast.protocol.limits import (
    FANOUT_BATCH_MEMBERS_MAX,
    FANOUT_LANES,
    SENT_BYTES_MAX,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Posted:
    """A message for the members of rooms.

    `id` is the same whenever the same message is published again. A numbered message belongs to a
    `stream`, the numbering of a match or of a tournament. The stream is named by the room's key,
    which contains the kind, so a match with the same id as its tournament is a different stream.
    """

    message: str
    id: str
    stream: str = ""
    sequence: int = 0


def numbered(message: str, room: Room, sequence: int) -> Posted:
    stream = room.key
    return Posted(
        message=message,
        id=f"{stream.replace(':', '-')}-{sequence}",
        stream=stream,
        sequence=sequence,
    )


def bucket_of(connection_id: str, buckets: int) -> int:
    """The lane of a member of a large room, independent of other members."""
    return crc32(connection_id.encode()) % buckets


def buckets_for(members: int) -> int:
    """Fan-out batches of a large room: a multiple of its lanes, each batch of bounded size.

    Hashing fills batches unevenly, so they are planned at four fifths of their maximum.
    """
    planned = FANOUT_BATCH_MEMBERS_MAX * 4 // 5
    return FANOUT_LANES * max(1, -(-members // (FANOUT_LANES * planned)))


def lane_of(room: Room, bucket: int) -> str:
    return f"{room.key}-{bucket % FANOUT_LANES}"


def by_recipients(
    posts: Sequence[tuple[Posted, Sequence[str]]],
) -> Iterator[tuple[list[Posted], list[str]]]:
    """Messages that wait in a lane, put together for those who get the same ones, in order.

    A lane that lags has several messages for the same members. Posted together they cost one
    post, so that a lane catches up however many matches its room follows.
    """
    places: dict[str, list[int]] = {}
    for place, (_, connection_ids) in enumerate(posts):
        for connection_id in connection_ids:
            places.setdefault(connection_id, []).append(place)
    recipients: dict[tuple[int, ...], list[str]] = {}
    for connection_id, of_connection in places.items():
        recipients.setdefault(tuple(of_connection), []).append(connection_id)
    for together, connection_ids in recipients.items():
        yield [posts[place][0] for place in together], connection_ids


def portions(posts: Sequence[Posted]) -> Iterator[list[Posted]]:
    """Messages in order, as many at a time as fit into one message."""
    portion: list[Posted] = []
    size_bytes = 0
    for posted in posts:
        bytes_of_one = len(posted.message.encode()) + 1
        if portion and size_bytes + bytes_of_one > SENT_BYTES_MAX - _BATCH_BYTES:
            yield portion
            portion, size_bytes = [], 0
        portion.append(posted)
        size_bytes += bytes_of_one
    if portion:
        yield portion


_BATCH_BYTES = 64
"""Bytes that `batch` adds around its messages, generously."""


def newest(posts: Sequence[Posted]) -> list[Posted]:
    """The last message of each stream: only these are worth posting again."""
    return list({posted.stream: posted for posted in posts if posted.stream}.values())
