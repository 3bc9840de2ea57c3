"""Single-use connection tickets."""

import secrets
from typing import Final, TypedDict

from scorecast.domain.rooms import Room, room_of
from scorecast.http.rate_limits import sender_hash
from scorecast.http.routing import Routes
from scorecast.http.services import Call
from scorecast.protocol.errors import TICKET_CODES, Code, Rejection, invalid
from scorecast.protocol.fields import Id
from scorecast.protocol.ids import is_id
from scorecast.protocol.requirements import requirement

TICKET_BYTES: Final = 24
_ROOM: Final = ("match_id", "tournament_id")

routes: Final = Routes()


class Ticket(TypedDict):
    """Valid for one handshake, until `expires_at`."""

    ticket: str
    expires_at: int


@routes.post("/tickets", report=False, query=_ROOM, codes=(Code.INVALID_SCHEMA, *TICKET_CODES))
def post_ticket(call: Call) -> Ticket | Rejection:
    """Issue a single-use connection ticket to the holder of the token: `?ticket=…`, once.

    If the connection would exceed a limit, the response is 429, since a browser cannot read the
    status of a handshake. It is read from counters, and may be different a moment later. If the
    request names a room, the reserve of its officials and participants is taken into account.
    """
    room = _room(call)
    if isinstance(room, Rejection):
        return room
    hashed = sender_hash(call.request, call.services)
    rejection = call.services.expected_limit().rejection(call.identity, hashed, room)
    if rejection is not None:
        return rejection
    ticket = secrets.token_urlsafe(TICKET_BYTES)
    return {"ticket": ticket, "expires_at": call.services.tickets().issue(call.identity, ticket)}


def _room(call: Call) -> Room | Rejection | None:
    given = {name: call.request.query[name] for name in _ROOM if name in call.request.query}
    errors = {name: requirement(Id) for name, value in given.items() if not is_id(value)}
    return invalid(errors) if errors else room_of(*map(given.get, _ROOM))
