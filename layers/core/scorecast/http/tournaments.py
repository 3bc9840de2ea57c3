"""Tournaments: registered, read, and the events of their brackets."""

from typing import Final

from scorecast.domain.matches.tournament import (
    Tournament,
    TournamentEventType,
    may_run,
    tournament_snapshot,
)
from scorecast.http.registration import TournamentBody, TournamentEventBody
from scorecast.http.routing import Routes
from scorecast.http.services import Call
from scorecast.protocol.errors import Code, Json, Rejection

routes: Final = Routes()

_NOT_FOUND: Final = Rejection(Code.NOT_FOUND, "There is no such tournament.")


@routes.put("/tournaments/<tournament_id>", codes=(Code.FORBIDDEN,))
def put_tournament(call: Call, tournament_id: str, body: TournamentBody) -> Json | Rejection:
    """Register a tournament, or change its name and organizers.

    Its state and its matches stay as they are.
    """
    matches = call.services.matches()
    refused = may_run(call.identity, tournament_id, matches.tournament(tournament_id))
    if refused is not None:
        return refused
    return _snapshot(call, matches.put_tournament(body.tournament(tournament_id)))


@routes.get("/tournaments/<tournament_id>", codes=(Code.NOT_FOUND,))
def get_tournament(call: Call, tournament_id: str) -> Json | Rejection:
    """A tournament with all of its matches."""
    stored = call.services.matches().tournament(tournament_id)
    return _NOT_FOUND if stored is None else _snapshot(call, stored)


@routes.post(
    "/tournaments/<tournament_id>/events",
    codes=(Code.NOT_FOUND, Code.FORBIDDEN, Code.INVALID_TRANSITION),
)
def post_tournament_event(
    call: Call, tournament_id: str, body: TournamentEventBody
) -> Json | Rejection:
    """Publish an event of a tournament's bracket, or its end.

    Every request is an event of its own: one sent again is published again.
    """
    refused = authorization_error(call, tournament_id)
    if refused is not None:
        return refused
    kind = TournamentEventType(body.type)
    commands = call.services.match_commands()
    return commands.publish_tournament_event(tournament_id, kind, body.data or {})


def authorization_error(call: Call, tournament_id: str) -> Rejection | None:
    """Why the sender may not run this tournament, which must be registered."""
    stored = call.services.matches().tournament(tournament_id)
    return _NOT_FOUND if stored is None else may_run(call.identity, tournament_id, stored)


def _snapshot(call: Call, tournament: Tournament) -> Json:
    return tournament_snapshot(tournament, call.services.matches().of_tournament(tournament.id))
