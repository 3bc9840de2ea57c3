"""A tournament's groups and bracket: stored here, and read by every page."""

from typing import Final

from scorecast.domain.matches.move import moved
from scorecast.http import bodies
from scorecast.http.routing import Routes
from scorecast.http.services import Call
from scorecast.http.tournaments import authorization_error
from scorecast.protocol.errors import Code, Rejection, invalid
from scorecast.protocol.limits import STRUCTURE_BYTES_MAX
from scorecast.protocol.strict_json import compact
from scorecast.protocol.structure import Structure, StructureBody, StructureStored

routes: Final = Routes()

_NOT_FOUND: Final = Rejection(Code.NOT_FOUND, "There is no such tournament.")
_TOO_LARGE: Final = {"rounds": f"must be at most {STRUCTURE_BYTES_MAX} bytes with the groups"}


@routes.put(
    "/tournaments/<tournament_id>/structure",
    codes=(Code.NOT_FOUND, Code.FORBIDDEN, Code.INVALID_TRANSITION),
    makes_event=True,
    body_bytes_max=2 * STRUCTURE_BYTES_MAX,
)
def put_structure(
    call: Call, tournament_id: str, body: StructureBody
) -> StructureStored | Rejection:
    """Store a tournament's groups and knockout rounds, and publish them as `bracket_updated`.

    The event contains the version, and the structure if it has at most 16 KB; a larger one must be
    read. Storing the same structure again is not an event.
    """
    refused = authorization_error(call, tournament_id)
    if refused is not None:
        return refused
    structure = body.stored()
    if len(compact(structure).encode()) > STRUCTURE_BYTES_MAX:
        return invalid(_TOO_LARGE)
    stored = call.services.structures().get(tournament_id)
    if stored is not None and stored[1] == structure:
        return {"tournament_id": tournament_id, "version": stored[0]}
    commands, keyed = call.services.match_commands(), bodies.keyed(call.request)
    accepted = commands.publish_structure(tournament_id, structure, keyed)
    if isinstance(accepted, Rejection):
        return accepted
    return {"tournament_id": tournament_id, "version": accepted["sequence"]}


@routes.get("/tournaments/<tournament_id>/structure", codes=(Code.NOT_FOUND,), large=True)
def get_structure(call: Call, tournament_id: str) -> Structure | Rejection:
    """A tournament's groups and knockout rounds; at version 0 there are none."""
    tournament = call.services.matches().tournament(tournament_id)
    if tournament is None:
        return _NOT_FOUND
    elsewhere = moved(tournament_id, tournament.move)
    if elsewhere is not None:
        return elsewhere
    stored = call.services.structures().get(tournament_id)
    version, structure = stored or (0, {"groups": [], "rounds": []})
    return {
        "tournament_id": tournament_id,
        "version": version,
        "groups": structure["groups"],
        "rounds": structure["rounds"],
    }
