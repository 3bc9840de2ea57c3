"""Rooms: the members that a message is broadcast to. Each match and each tournament has one."""

from dataclasses import dataclass
from typing import Literal

from scorecast.protocol.limits import VIEWERS_CHANGE_PERCENT, VIEWERS_QUICK_MAX


@dataclass(frozen=True, slots=True)
class Room:
    """The room of one match or of one tournament."""

    kind: Literal["match", "tournament"]
    id: str

    @property
    def key(self) -> str:
        """The room's key in the tables. Ids contain no colon, so a key is unambiguous."""
        return f"{self.kind[0]}:{self.id}"

    @property
    def match_id(self) -> str | None:
        return self.id if self.kind == "match" else None

    @property
    def tournament_id(self) -> str | None:
        return self.id if self.kind == "tournament" else None


def match_room(match_id: str) -> Room:
    return Room("match", match_id)


def tournament_room(tournament_id: str) -> Room:
    return Room("tournament", tournament_id)


def room_of(match_id: str | None, tournament_id: str | None) -> Room | None:
    """The room that a URL or a command names; if both are named, the match's, which has fewer
    events."""
    if match_id is not None:
        return match_room(match_id)
    return tournament_room(tournament_id) if tournament_id is not None else None


def room_from_key(key: str) -> Room:
    kind, _, room_id = key.partition(":")
    return match_room(room_id) if kind == "m" else tournament_room(room_id)


@dataclass(frozen=True, slots=True)
class Joined:
    """In the room, newly or already. `viewers` is the room's count as of the join."""

    viewers: int


@dataclass(frozen=True, slots=True)
class RoomFull:
    capacity: int


@dataclass(frozen=True, slots=True)
class TooManyRooms:
    maximum: int


@dataclass(frozen=True, slots=True)
class ConnectionClosed:
    """The connection was released meanwhile: no reply is possible."""


type JoinOutcome = Joined | RoomFull | TooManyRooms | ConnectionClosed


def shard_of(count: int, *, shard_members: int) -> int:
    """The membership shard of a room's `count`-th member, counted from 1."""
    return (count - 1) // shard_members


def is_noticeable(viewers: int, *, published: int) -> bool:
    """Whether a change of the count is worth a message to every viewer: in a large room, only from
    some percent on."""
    change = abs(viewers - published)
    if max(viewers, published) <= VIEWERS_QUICK_MAX:
        return change > 0
    return change * 100 >= published * VIEWERS_CHANGE_PERCENT
