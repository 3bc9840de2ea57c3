"""The HTTP API: register, report, read, disconnect. The rules are those of the socket."""

import secrets
from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Path

from scorecast import handshake, problems, protocol
from scorecast.aws import settings, wiring
from scorecast.aws.matches import Matches
from scorecast.aws.reporting import Reporting as Reports
from scorecast.aws.telemetry import log
from scorecast.commands import Reporting, ScoreUpdate
from scorecast.errors import Code, Goodbye, Json, Refused
from scorecast.identity import BadToken, Identity
from scorecast.matches import snapshot
from scorecast.plain_json import compact
from scorecast.registration import Id, MatchBody, TournamentBody, TournamentEventBody
from scorecast.roles import OFFICIALS, role_in
from scorecast.rooms import match_room, tournament_room
from scorecast.tournaments import Tournament

app = APIGatewayHttpResolver(enable_validation=True)

TICKET_BYTES = 24

PathId = Annotated[Id, Path()]


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)


def _read() -> settings.Api:
    read: settings.Api = wiring.settings(settings.Api)
    return read


def matches() -> Matches:
    return wiring.matches(_read().matches_table)


def authenticate(resolver: APIGatewayHttpResolver, call: NextMiddleware) -> Response[Any]:
    """Let only holders of a good token through; the routes find who it is in the context."""
    token = handshake.bearer(_headers(resolver))
    verified = wiring.verifier(_read()).verify(token) if token else BadToken("missing")
    if isinstance(verified, BadToken):
        refused = Refused(Code.FORBIDDEN, "A valid bearer token is required.")
        return _problem(refused, HTTPStatus.UNAUTHORIZED)
    resolver.context["identity"] = verified
    return call(resolver)


app.use(middlewares=[authenticate])


@app.put("/tournaments/<tournament_id>")
def put_tournament(tournament_id: PathId, body: TournamentBody) -> Response[str]:
    """Register a tournament, or change its name and organizers."""
    stored = matches().tournament(tournament_id)
    if not _runs(tournament_id, stored):
        return _problem(_NOT_YOURS)
    return _tournament(matches().put_tournament(body.tournament(tournament_id)))


@app.get("/tournaments/<tournament_id>")
def get_tournament(tournament_id: PathId) -> Response[str]:
    """A tournament with all of its matches."""
    stored = matches().tournament(tournament_id)
    return _problem(_NO_TOURNAMENT) if stored is None else _tournament(stored)


@app.post("/tournaments/<tournament_id>/events")
def post_tournament_event(tournament_id: PathId, body: TournamentEventBody) -> Response[str]:
    """Tell a tournament's room about its bracket or its end."""
    stored = matches().tournament(tournament_id)
    if stored is None:
        return _problem(_NO_TOURNAMENT)
    if not _runs(tournament_id, stored):
        return _problem(_NOT_YOURS)
    return _answer(_reporting().tell_tournament(tournament_id, body.type, body.data))


@app.put("/matches/<match_id>")
def put_match(match_id: PathId, body: MatchBody) -> Response[str]:
    """Register a match, or change its participants and time."""
    tournament = matches().tournament(body.tournament_id)
    if tournament is None:
        return _problem(_NO_TOURNAMENT)
    if not _runs(body.tournament_id, tournament):
        return _problem(_NOT_YOURS)
    stored = matches().put_match(body.match(match_id))
    return _problem(_OTHERS_MATCH) if stored is None else _json(snapshot(stored))


@app.get("/matches/<match_id>")
def get_match(match_id: PathId) -> Response[str]:
    """A match's snapshot."""
    stored = matches().get(match_id)
    return _problem(_NO_MATCH) if stored is None else _json(snapshot(stored))


@app.put("/matches/<match_id>/score")
def put_score(match_id: PathId) -> Response[str]:
    """Report a score, as `score_update` does. `Idempotency-Key` is its `update_id`."""
    update_id = _headers(app).get("idempotency-key")
    fields: Json = {} if update_id is None else {"update_id": update_id}
    return _obey(match_id, fields | {"type": ScoreUpdate.type})


@app.post("/matches/<match_id>/events")
def post_match_event(match_id: PathId) -> Response[str]:
    """Start, complete, dispute a match or change its state: a command's fields with its `type`."""
    return _obey(match_id, {})


@app.get("/rooms/<room_id>")
def get_room(room_id: PathId) -> Response[str]:
    """How many watch a match or, if there is no such match, a tournament."""
    stored = matches().get(room_id) or matches().tournament(room_id)
    if stored is None:
        return _problem(Refused(Code.NOT_FOUND, "There is no such match or tournament."))
    is_tournament = isinstance(stored, Tournament)
    room = tournament_room(room_id) if is_tournament else match_room(room_id)
    read = _read()
    viewers = wiring.occupancy(read.connections_table, read.sweep_queue_url).viewers(room)
    return _json({"room": room.kind, "viewers": viewers, "capacity": read.room_capacity})


@app.post("/tickets")
def post_ticket() -> Response[str]:
    """Buy a one-time ticket for the socket, for the holder of the token: `?ticket=…`, once."""
    ticket = secrets.token_urlsafe(TICKET_BYTES)
    expires_at_ms = wiring.tickets(_read().connections_table).sell(_identity(), ticket)
    return _json({"ticket": ticket, "expires_at": expires_at_ms})


@app.delete("/users/<user_id>/connections")
def disconnect_user(user_id: PathId) -> Response[str]:
    """End every connection of a user with goodbye 4003; new ones are not refused."""
    if role_in(_identity()) not in OFFICIALS:
        return _problem(_NOT_ADMIN)
    read = _read()
    farewell = wiring.farewell(read.connections_table, read.sweep_queue_url, read.gateway_endpoint)
    connection_ids = farewell.registry.of_user(user_id)
    for connection_id in connection_ids:
        farewell.say(connection_id, Goodbye.DISCONNECTED_BY_SERVER)
    return _json({"disconnected": len(connection_ids)})


_NOT_ADMIN = Refused(Code.FORBIDDEN, "Only admins and services may disconnect users.")
_NOT_YOURS = Refused(Code.FORBIDDEN, "Your token does not run this tournament.")
_OTHERS_MATCH = Refused(Code.FORBIDDEN, "This match belongs to another tournament.")
_NO_TOURNAMENT = Refused(Code.NOT_FOUND, "There is no such tournament.")
_NO_MATCH = Refused(Code.NOT_FOUND, "There is no such match.")


def _obey(match_id: str, fields: Json) -> Response[str]:
    """Obey a command whose fields are the body's: parsed by the same parser as a frame."""
    parsed = protocol.parse(_body(), fields | {"match_id": match_id})
    if isinstance(parsed, protocol.Malformed):
        return _problem(parsed.refused)
    if not isinstance(parsed.command, Reporting):
        return _problem(Refused(Code.UNSUPPORTED_MESSAGE_TYPE, "This is no command for a match."))
    outcome = _reporting().obey(
        parsed.command,
        _identity(),
        command_id=app.current_event.request_context.request_id,
        received_at_ms=app.current_event.request_context.time_epoch,
    )
    return _answer(outcome)


def _body() -> str:
    """The body as text; one that is no text is no JSON either, which the parser will say."""
    try:
        return app.current_event.decoded_body or ""
    except ValueError:
        return ""


def _reporting() -> Reports:
    read = _read()
    return wiring.reporting(read.matches_table, read.tick_queue_url, read.event_log_days)


def _identity() -> Identity:
    identity: Identity = app.context["identity"]
    return identity


def _headers(resolver: APIGatewayHttpResolver) -> dict[str, str]:
    return {name.lower(): value for name, value in resolver.current_event.headers.items()}


def _runs(tournament_id: str, tournament: Tournament | None) -> bool:
    organizers = tournament.organizers if tournament else ()
    return role_in(_identity(), tournament_id=tournament_id, organizers=organizers) in OFFICIALS


def _tournament(tournament: Tournament) -> Response[str]:
    return _json(
        {
            "tournament_id": tournament.id,
            "name": tournament.name,
            "organizers": list(tournament.organizers),
            "state": tournament.state,
            "sequence": tournament.sequence,
            "matches": [snapshot(match) for match in matches().of_tournament(tournament.id)],
        }
    )


def _answer(outcome: Json | Refused) -> Response[str]:
    return _problem(outcome) if isinstance(outcome, Refused) else _json(outcome)


def _json(body: Json) -> Response[str]:
    return Response(HTTPStatus.OK, "application/json", compact(body))


def _problem(refused: Refused, status: HTTPStatus | None = None) -> Response[str]:
    body = problems.body(refused, status)
    code = status or problems.STATUS[refused.code]
    return Response(code, problems.CONTENT_TYPE, body)


def _invalid(error: RequestValidationError) -> Response[str]:
    """Names the fields that are wrong, never their values."""
    errors = {_name(each["loc"]): str(each["msg"]) for each in error.errors()}
    first, demand = next(iter(errors.items()))
    refused = Refused(Code.INVALID_SCHEMA, f"{first}: {demand}.", data={"errors": errors})
    return _problem(refused)


def _name(location: tuple[object, ...]) -> str:
    return ".".join(str(part) for part in location if part != "body") or "body"


def _no_route(_error: NotFoundError) -> Response[str]:
    return _problem(Refused(Code.NOT_FOUND, "There is no such resource."))


def _unforeseen(_error: Exception) -> Response[str]:
    correlation_id = app.lambda_context.aws_request_id
    log().exception("unforeseen", extra={"correlation_id": correlation_id})
    data: Json = {"correlation_id": correlation_id}
    return _problem(Refused(Code.INTERNAL_ERROR, "Something went wrong on our side.", data=data))


app.exception_handler(RequestValidationError)(_invalid)
app.exception_handler(Exception)(_unforeseen)
app.not_found(_no_route)
