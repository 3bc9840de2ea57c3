"""The connections of a user."""

from typing import Final, TypedDict

from scorecast.domain.connections.roles import OFFICIALS, role_in
from scorecast.http.routing import Routes
from scorecast.http.services import Call
from scorecast.protocol.errors import CloseReason, Code, Rejection

routes: Final = Routes()

_NOT_ADMIN: Final = Rejection(Code.FORBIDDEN, "Only admins and services may disconnect users.")


class Disconnected(TypedDict):
    """How many connections were closed."""

    disconnected: int


@routes.delete("/users/<user_id>/connections", codes=(Code.FORBIDDEN,), query=("tokens",))
def disconnect_user(call: Call, user_id: str) -> Disconnected | Rejection:
    """Close every connection of a user with goodbye 4003, and revoke the user's tokens.

    Tokens issued until now are refused from now on, so that an attacker with a copied token cannot
    reconnect. With `?tokens=keep` they stay valid.
    """
    if role_in(call.identity) not in OFFICIALS:
        return _NOT_ADMIN
    if call.request.query.get("tokens") != "keep":
        # First, since a disconnected client may reconnect at once.
        call.services.restrictions().revoke(user_id)
    disconnector = call.services.disconnector()
    connection_ids = call.services.slots().of_user(user_id)
    for connection_id in connection_ids:
        disconnector.disconnect(connection_id, CloseReason.DISCONNECTED_BY_SERVER)
    return {"disconnected": len(connection_ids)}
