"""The number of clients that watch a match or a tournament."""

from typing import Final, Literal, TypedDict

from scorecast.domain.matches.tournament import Tournament
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.http.routing import Routes
from scorecast.http.services import Call
from scorecast.protocol.errors import Code, Rejection

routes: Final = Routes()

_NOT_FOUND: Final = Rejection(Code.NOT_FOUND, "There is no such match or tournament.")


class Room(TypedDict):
    """The number of clients that watch, and the maximum."""

    room: Literal["match", "tournament"]
    viewers: int
    capacity: int


@routes.get("/rooms/<room_id>", codes=(Code.NOT_FOUND,))
def get_room(call: Call, room_id: str) -> Room | Rejection:
    """The number of clients that watch a match or, if there is no such match, a tournament."""
    matches = call.services.matches()
    stored = matches.get(room_id) or matches.tournament(room_id)
    if stored is None:
        return _NOT_FOUND
    is_tournament = isinstance(stored, Tournament)
    room = tournament_room(room_id) if is_tournament else match_room(room_id)
    return {
        "room": "tournament" if is_tournament else "match",
        "viewers": call.services.occupancy().viewers(room),
        "capacity": call.services.settings().room_capacity,
    }
