"""Single-use connection tickets."""

import secrets
from typing import Final, TypedDict

from scorecast.http.routing import Routes
from scorecast.http.services import Call

TICKET_BYTES: Final = 24

routes: Final = Routes()


class Ticket(TypedDict):
    """Good for one handshake, until `expires_at`."""

    ticket: str
    expires_at: int


@routes.post("/tickets", limited=True)
def post_ticket(call: Call) -> Ticket:
    """Issue a single-use connection ticket to the holder of the token: `?ticket=…`, once."""
    ticket = secrets.token_urlsafe(TICKET_BYTES)
    return {"ticket": ticket, "expires_at": call.services.tickets().issue(call.identity, ticket)}
