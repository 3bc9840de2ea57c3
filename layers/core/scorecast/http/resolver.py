"""From an event of API Gateway to its response: routing, authentication, body, caching."""

from collections.abc import Mapping
from typing import Any, Final

from scorecast.aws.secrets_manager import SecretUnavailable
from scorecast.domain.connections.handshake import bearer
from scorecast.domain.connections.identity import BadToken, Identity, pseudonyms
from scorecast.domain.connections.restriction import Restriction
from scorecast.http import (
    bodies,
    documents,
    history,
    lists,
    matches,
    problems,
    rate_limits,
    rooms,
    structures,
    tickets,
    tournaments,
    users,
)
from scorecast.http.caching import conditional, is_named, not_modified, snapshot_rule
from scorecast.http.middleware import (
    Handler,
    error_response,
    with_cors,
    with_errors,
    without_body_for_head,
)
from scorecast.http.request import Request, read
from scorecast.http.response import Response, json_response
from scorecast.http.routing import NoRoute, Route, joined
from scorecast.http.services import Call, Services
from scorecast.protocol.errors import Code, Rejection, invalid
from scorecast.protocol.fields import Id
from scorecast.protocol.ids import is_id
from scorecast.protocol.requirements import requirement
from scorecast.runtime.telemetry import log

ROUTES: Final = joined(
    tournaments.routes,
    matches.routes,
    lists.routes,
    structures.routes,
    history.routes,
    rooms.routes,
    tickets.routes,
    users.routes,
    documents.routes,
)


_DENIED: Final = Rejection(Code.FORBIDDEN, "Not allowed.")


def resolve(event: Mapping[str, Any], services: Services) -> dict[str, Any]:
    """The response to an event. Never raises."""
    try:
        request = read(event)
    except Exception as error:
        return error_response(error).event()
    return _handler(services)(request).event()


def _handler(services: Services) -> Handler:
    def dispatch(request: Request) -> Response:
        return _dispatch(request, services)

    # Errors inside the CORS middleware can be read by a page. Errors outside of it cannot: without
    # settings the origins are unknown.
    allowing = with_cors(with_errors(dispatch), lambda: services.settings().allowed_origins)
    return without_body_for_head(with_errors(allowing))


def _dispatch(request: Request, services: Services) -> Response:
    route = ROUTES.find(request.method, request.segments)
    if isinstance(route, NoRoute):
        return problems.unroutable(route.methods)
    if route.public:
        response: Response = route.perform(request)
        return response
    identity = _authenticate(request, route, services)
    if isinstance(identity, BadToken):
        _log_refusal(identity.reason, request, services)
        return problems.challenge(identity)
    call = Call(request, identity, services)
    # The rate limit comes first, so that a flood of refused requests makes no AWS calls.
    limited = rate_limits.acquire(call, is_report=route.is_report)
    if limited is not None:
        return problems.problem(limited)
    restricted = _turn_away(call)
    if restricted is not None:
        return restricted
    return _read(route, call) if route.is_read else _perform(route, call)


def _read(route: Route, call: Call) -> Response:
    """The response with its entity tag, or 304; where the tag is cheap, the rest is not read."""
    arguments = route.arguments(call.request.segments)
    if_none_match = call.request.headers.get("if-none-match", "")
    is_cheap = route.tag is not None and all(map(is_id, arguments.values()))
    tag = route.tag(call, **arguments) if route.tag is not None and is_cheap else None
    rule = snapshot_rule(is_anonymous=call.identity.user_id is None)
    if tag is not None and is_named(tag, if_none_match):
        return not_modified(tag, cache_control=rule)
    limited = _acquire_large(call, route, is_full=is_cheap)
    if limited is not None:
        return problems.problem(limited)
    return conditional(_perform(route, call), if_none_match, cache_control=rule, tag=tag)


def _acquire_large(call: Call, route: Route, *, is_full: bool) -> Rejection | None:
    """A route with its own tag has a body that is expensive to make and to send."""
    if is_full:
        return rate_limits.acquire_full_read(call)
    return rate_limits.acquire_page_read(call) if route.large else None


def _log_refusal(reason: str, request: Request, services: Services) -> None:
    """The request is refused even if the address for the log line cannot be read."""
    try:
        who = pseudonyms(None, rate_limits.sender_hash(request, services))
    except (ValueError, SecretUnavailable):
        who = {}
    log().info("refused", extra={"reason": reason} | who)


def _turn_away(call: Call) -> Response | None:
    """Refuse denied users and addresses, and tokens that were revoked."""
    sender_hash = rate_limits.sender_hash(call.request, call.services)
    restriction = call.services.restrictions().of(call.identity, sender_hash)
    if restriction is None:
        return None
    who = pseudonyms(call.identity.user_id, sender_hash)
    log().info("refused", extra={"reason": str(restriction)} | who)
    if restriction is Restriction.REVOKED:
        return problems.challenge(BadToken(restriction))
    return problems.problem(_DENIED)


def _authenticate(request: Request, route: Route, services: Services) -> Identity | BadToken:
    token = bearer(request.headers)
    if token:
        return services.verifier().verify(token)
    is_open = route.anonymous or (route.is_read and services.settings().allow_anonymous)
    return Identity(user_id=None) if is_open else problems.NO_TOKEN


def _perform(route: Route, call: Call) -> Response:
    arguments = route.arguments(call.request.segments)
    errors = {name: requirement(Id) for name, value in arguments.items() if not is_id(value)}
    if errors:
        return problems.problem(invalid(errors))
    if not route.bodies:
        return _response(route.perform(call, **arguments))
    body = bodies.read(route.bodies, call.request, arguments, bytes_max=route.body_bytes_max)
    if isinstance(body, Rejection):
        return _response(body)
    return _response(route.perform(call, **arguments, body=body))


def _response(outcome: Any) -> Response:
    if isinstance(outcome, Rejection):
        return problems.problem(outcome)
    return json_response(outcome)
