"""The HTTP API: register tournaments and matches, read them."""

from http import HTTPStatus
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, Response
from aws_lambda_powertools.event_handler.exceptions import NotFoundError
from aws_lambda_powertools.event_handler.middlewares import NextMiddleware
from aws_lambda_powertools.event_handler.openapi.exceptions import RequestValidationError
from aws_lambda_powertools.event_handler.openapi.params import Path

from scorecast import handshake, problems
from scorecast.aws import settings, wiring
from scorecast.aws.matches import Matches
from scorecast.aws.telemetry import log
from scorecast.errors import Code, Goodbye, Json, Refused
from scorecast.identity import BadToken, Identity
from scorecast.matches import Tournament, snapshot
from scorecast.plain_json import compact
from scorecast.registration import Id, MatchBody, TournamentBody
from scorecast.roles import OFFICIALS, role_in

app = APIGatewayHttpResolver(enable_validation=True)

PathId = Annotated[Id, Path()]


def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    return app.resolve(event, context)


def matches() -> Matches:
    return wiring.matches(wiring.settings(settings.Api).matches_table)


def authenticate(resolver: APIGatewayHttpResolver, call: NextMiddleware) -> Response[Any]:
    """Let only holders of a good token through; the routes find who it is in the context."""
    headers = {k.lower(): v for k, v in resolver.current_event.headers.items()}
    token = handshake.bearer(headers)
    verifier = wiring.verifier(wiring.settings(settings.Api))
    verified = verifier.verify(token) if token else BadToken("missing")
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


@app.delete("/users/<user_id>/connections")
def disconnect_user(user_id: PathId) -> Response[str]:
    """End every connection of a user with goodbye 4003; new ones are not refused."""
    identity: Identity = app.context["identity"]
    if role_in(identity) not in OFFICIALS:
        return _problem(_NOT_ADMIN)
    read = wiring.settings(settings.Api)
    farewell = wiring.farewell(read.connections_table, read.gateway_endpoint)
    connection_ids = farewell.registry.of_user(user_id)
    for connection_id in connection_ids:
        farewell.say(connection_id, Goodbye.DISCONNECTED_BY_SERVER)
    return _json({"disconnected": len(connection_ids)})


_NOT_ADMIN = Refused(Code.FORBIDDEN, "Only admins and services may disconnect users.")
_NOT_YOURS = Refused(Code.FORBIDDEN, "Your token does not run this tournament.")
_OTHERS_MATCH = Refused(Code.FORBIDDEN, "This match belongs to another tournament.")
_NO_TOURNAMENT = Refused(Code.NOT_FOUND, "There is no such tournament.")
_NO_MATCH = Refused(Code.NOT_FOUND, "There is no such match.")


def _runs(tournament_id: str, tournament: Tournament | None) -> bool:
    identity: Identity = app.context["identity"]
    organizers = tournament.organizers if tournament else ()
    return role_in(identity, tournament_id=tournament_id, organizers=organizers) in OFFICIALS


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
