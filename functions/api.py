"""The HTTP API: register, report, read, disconnect. The rules are those of the socket."""

import secrets
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from scorecast import wiring
from scorecast.app.report import MatchCommands
from scorecast.aws.dynamodb.matches import Matches
from scorecast.domain.connections import handshake
from scorecast.domain.connections.identity import BadToken, Identity
from scorecast.domain.connections.roles import OFFICIALS, role_in
from scorecast.domain.matches.match import snapshot
from scorecast.domain.matches.tournament import (
    Tournament,
    TournamentEventType,
    may_run,
    tournament_snapshot,
)
from scorecast.domain.rooms import match_room, tournament_room
from scorecast.http import bodies, cors, errors, registration, response
from scorecast.http import request as http_request
from scorecast.http.registration import MatchBody, TournamentBody, TournamentEventBody
from scorecast.http.request import Request
from scorecast.http.response import Response
from scorecast.http.routes import NoRoute, Route, Routes
from scorecast.protocol import messages
from scorecast.protocol.commands import ID_RULE, MatchCommand, ScoreUpdate
from scorecast.protocol.errors import CloseReason, Code, Rejection
from scorecast.runtime import settings
from scorecast.runtime.telemetry import log

TICKET_BYTES = 24

routes = Routes()


@dataclass(frozen=True, slots=True)
class Call:
    """A request, and whose it is."""

    request: Request
    identity: Identity


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    request: Request | None = None
    allows: dict[str, str] = {}
    try:
        request = http_request.read(event)
        allows = cors.headers(request.headers, _read().allowed_origins)
        answer = _answer(request)
    except Exception as error:
        answer = errors.answer(error, context.aws_request_id)
    if request is not None and request.method == "HEAD":
        answer = replace(answer, body="")
    return answer.event(**allows)


def _answer(request: Request) -> Response:
    if cors.is_preflight(request.method, request.headers):
        return cors.preflight(request.headers, _read().allowed_origins)
    segments = http_request.segments(request.path)
    route = routes.find(request.method, segments)
    return route.answer() if isinstance(route, NoRoute) else _routed(route, segments, request)


def _routed(route: Route, segments: list[str], request: Request) -> Response:
    if route.public:
        return route.perform()
    identity = _identified(request, route)
    if isinstance(identity, BadToken):
        log().info("refused", extra={"reason": identity.reason})
        return response.challenge(identity)
    call = Call(request, identity)
    if route.parameter is None:
        return route.perform(call)
    argument = route.argument(segments)
    if not ID_RULE.accepts(argument):
        return response.of(messages.invalid({route.parameter: ID_RULE.demand}))
    answer = route.perform(call, argument)
    if_none_match = request.headers.get("if-none-match", "")
    return response.conditional(answer, if_none_match) if route.is_read else answer


def _identified(request: Request, route: Route) -> Identity | BadToken:
    token = handshake.bearer(request.headers)
    if token:
        return wiring.verifier(_read()).verify(token)
    may_be_anyone = route.is_read and _read().allow_anonymous
    return Identity(user_id=None) if may_be_anyone else response.NO_TOKEN


def _read() -> settings.ApiSettings:
    read: settings.ApiSettings = wiring.settings(settings.ApiSettings)
    return read


def matches() -> Matches:
    return wiring.matches(_read().matches_table)


@routes.put(
    "/tournaments/<tournament_id>",
    body=(TournamentBody,),
    answers="Tournament",
    codes=(Code.FORBIDDEN,),
)
def put_tournament(call: Call, tournament_id: str) -> Response:
    """Register a tournament, or change its name and organizers.

    Its state and its matches stay as they are.
    """
    body = registration.read(TournamentBody, call.request)
    if isinstance(body, Rejection):
        return response.of(body)
    refused = may_run(call.identity, tournament_id, matches().tournament(tournament_id))
    if refused is not None:
        return response.of(refused)
    return _tournament(matches().put_tournament(body.tournament(tournament_id)))


@routes.get("/tournaments/<tournament_id>", answers="Tournament", codes=(Code.NOT_FOUND,))
def get_tournament(_call: Call, tournament_id: str) -> Response:
    """A tournament with all of its matches."""
    stored = matches().tournament(tournament_id)
    return response.of(_NO_TOURNAMENT) if stored is None else _tournament(stored)


@routes.post(
    "/tournaments/<tournament_id>/events",
    body=(TournamentEventBody,),
    answers="Numbered",
    codes=(Code.NOT_FOUND, Code.FORBIDDEN, Code.INVALID_TRANSITION),
)
def post_tournament_event(call: Call, tournament_id: str) -> Response:
    """Tell a tournament's room about its bracket or its end.

    Every request is an event of its own: one sent again is told again.
    """
    body = registration.read(TournamentEventBody, call.request)
    if isinstance(body, Rejection):
        return response.of(body)
    refused = _authorization_error(call, tournament_id)
    if refused is not None:
        return response.of(refused)
    kind = TournamentEventType(body.type)
    return response.of(_reporting().publish_tournament_event(tournament_id, kind, body.data or {}))


@routes.put(
    "/matches/<match_id>",
    body=(MatchBody,),
    answers="Match",
    codes=(Code.NOT_FOUND, Code.FORBIDDEN, Code.INVALID_TRANSITION),
)
def put_match(call: Call, match_id: str) -> Response:
    """Register a match, or change its time and, until it begins, its participants.

    Its state and its score stay as they are, and it stays in its tournament.
    """
    body = registration.read(MatchBody, call.request)
    if isinstance(body, Rejection):
        return response.of(body)
    refused = _authorization_error(call, body.tournament_id)
    if refused is not None:
        return response.of(refused)
    stored = matches().put_match(body.match(match_id))
    return response.of(stored if isinstance(stored, Rejection) else snapshot(stored))


@routes.get("/matches/<match_id>", answers="Match", codes=(Code.NOT_FOUND,))
def get_match(_call: Call, match_id: str) -> Response:
    """A match's snapshot."""
    stored = matches().get(match_id)
    return response.of(_NO_MATCH if stored is None else snapshot(stored))


@routes.put(
    "/matches/<match_id>/score",
    body=(ScoreUpdate,),
    answers="Accepted",
    codes=(Code.NOT_FOUND, Code.FORBIDDEN, Code.STALE, Code.MATCH_NOT_LIVE),
)
def put_score(call: Call, match_id: str) -> Response:
    """Report a score, as `score_update` does.

    `Idempotency-Key` is its `update_id`: sent again with the same key, the newest score is accepted
    again, under the same revision; another score under it is refused, as the key is taken.
    """
    return _execute(call, bodies.score(call.request, match_id))


@routes.post(
    "/matches/<match_id>/events",
    body=bodies.EVENTS,
    answers="Accepted",
    codes=(
        Code.UNSUPPORTED_MESSAGE_TYPE,
        Code.NOT_FOUND,
        Code.FORBIDDEN,
        Code.INVALID_TRANSITION,
    ),
)
def post_match_event(call: Call, match_id: str) -> Response:
    """Start, complete or dispute a match, or change its state.

    A command of the socket with its `type`. Sent again after it has worked, it is refused as
    `invalid_transition`, with the state that it brought about.
    """
    return _execute(call, bodies.event(call.request, match_id))


@routes.get("/rooms/<room_id>", answers="Room", codes=(Code.NOT_FOUND,))
def get_room(_call: Call, room_id: str) -> Response:
    """How many watch a match or, if there is no such match, a tournament."""
    stored = matches().get(room_id) or matches().tournament(room_id)
    if stored is None:
        return response.of(_NO_ROOM)
    is_tournament = isinstance(stored, Tournament)
    room = tournament_room(room_id) if is_tournament else match_room(room_id)
    read = _read()
    viewers = wiring.occupancy(read.connections_table, read.sweep_queue_url).viewers(room)
    return response.of({"room": room.kind, "viewers": viewers, "capacity": read.room_capacity})


@routes.post("/tickets", answers="Ticket")
def post_ticket(call: Call) -> Response:
    """Buy a one-time ticket for the socket, for the holder of the token: `?ticket=…`, once."""
    ticket = secrets.token_urlsafe(TICKET_BYTES)
    expires_at_ms = wiring.tickets(_read().connections_table).issue(call.identity, ticket)
    return response.of({"ticket": ticket, "expires_at": expires_at_ms})


@routes.delete("/users/<user_id>/connections", answers="Disconnected", codes=(Code.FORBIDDEN,))
def disconnect_user(call: Call, user_id: str) -> Response:
    """End every connection of a user with goodbye 4003; new ones are not refused."""
    if role_in(call.identity) not in OFFICIALS:
        return response.of(_NOT_ADMIN)
    read = _read()
    disconnector = wiring.disconnector(
        read.connections_table, read.sweep_queue_url, read.gateway_endpoint
    )
    connection_ids = disconnector.registry.of_user(user_id)
    for connection_id in connection_ids:
        disconnector.disconnect(connection_id, CloseReason.DISCONNECTED_BY_SERVER)
    return response.of({"disconnected": len(connection_ids)})


@routes.get("/openapi.json", answers="OpenApi", public=True)
@cache
def get_openapi() -> Response:
    """This document."""
    from scorecast.http import openapi

    return response.of(openapi.document(routes))


@routes.get("/docs", answers="Page", public=True)
@cache
def get_docs() -> Response:
    """This document, for people."""
    from scorecast.http import documentation_page

    return documentation_page.answer()


_NOT_ADMIN = Rejection(Code.FORBIDDEN, "Only admins and services may disconnect users.")
_NO_TOURNAMENT = Rejection(Code.NOT_FOUND, "There is no such tournament.")
_NO_MATCH = Rejection(Code.NOT_FOUND, "There is no such match.")
_NO_ROOM = Rejection(Code.NOT_FOUND, "There is no such match or tournament.")


def _authorization_error(call: Call, tournament_id: str) -> Rejection | None:
    stored = matches().tournament(tournament_id)
    return _NO_TOURNAMENT if stored is None else may_run(call.identity, tournament_id, stored)


def _execute(call: Call, command: MatchCommand | Rejection) -> Response:
    if isinstance(command, Rejection):
        return response.of(command)
    request = call.request
    outcome = _reporting().execute(
        command, call.identity, command_id=request.id, received_at_ms=request.received_at_ms
    )
    return response.of(outcome)


def _reporting() -> MatchCommands:
    read = _read()
    return wiring.match_commands(read.matches_table, read.flush_queue_url, read.event_log_days)


def _tournament(tournament: Tournament) -> Response:
    return response.of(tournament_snapshot(tournament, matches().of_tournament(tournament.id)))
