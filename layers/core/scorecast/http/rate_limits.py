"""The rate limits of requests, which are shared with messages on the WebSocket."""

from collections.abc import Callable
from typing import Final

from scorecast.app.authorize import ip_hash
from scorecast.aws.dynamodb.rate_limits import RateLimited
from scorecast.domain.connections.identity import Identity
from scorecast.domain.connections.rate_limit import Rate
from scorecast.domain.connections.roles import CLAIMED_ROLES
from scorecast.http.request import Request
from scorecast.http.sender import EDGE_HEADER, comes_from_edge, viewer_address
from scorecast.http.services import Call, Services
from scorecast.protocol.errors import Code, Rejection
from scorecast.runtime.telemetry import count

_MESSAGE: Final = "Too many requests."


def acquire(call: Call, *, is_report: bool) -> Rejection | None:
    """Acquire one request for the user, or for the address if the sender is anonymous.

    A role in the token is not limited: it is the operator's own back-end, which reads for many.
    Neither are the reports of officials by another claim. Others' reports have the reserve, as on
    the WebSocket.
    """
    if call.identity.role in CLAIMED_ROLES or (is_report and _runs_by_claim(call.identity)):
        return None
    if call.identity.user_id is None:
        return _acquire_for_address(call)
    return _acquire_for_user(call, call.identity.user_id, is_report=is_report)


def _runs_by_claim(identity: Identity) -> bool:
    return bool(identity.tournaments or identity.matches)


def _acquire_for_user(call: Call, user_id: str, *, is_report: bool) -> Rejection | None:
    settings, rate_limiter = call.services.settings(), call.services.rate_limiter()
    rate = Rate(settings.messages_per_second_per_user, settings.message_burst_per_user)
    limited = rate_limiter.acquire_for_user(user_id, rate)
    if limited is not None and is_report:
        limited = rate_limiter.acquire_reserve(user_id)
    return _rejection(Code.MESSAGE_RATE_LIMIT_EXCEEDED, limited)


def _acquire_for_address(call: Call) -> Rejection | None:
    settings = call.services.settings()
    rate = Rate(settings.messages_per_second_per_ip, settings.message_burst_per_ip)
    hashed = sender_hash(call.request, call.services)
    limited = call.services.rate_limiter().acquire_for_ip(hashed, rate)
    return _rejection(Code.IP_RATE_LIMIT_EXCEEDED, limited)


def acquire_full_read(call: Call) -> Rejection | None:
    """Acquire one read of a whole tournament, which costs more than other reads."""
    return _acquire_large(call, call.services.rate_limiter().acquire_full_read)


def acquire_page_read(call: Call) -> Rejection | None:
    """Acquire one read of a page of a list, or of a structure."""
    return _acquire_large(call, call.services.rate_limiter().acquire_page_read)


def _acquire_large(
    call: Call, acquire_one: Callable[[str | None, str], RateLimited | None]
) -> Rejection | None:
    if call.identity.role in CLAIMED_ROLES:
        return None
    user_id, hashed = call.identity.user_id, sender_hash(call.request, call.services)
    code = Code.MESSAGE_RATE_LIMIT_EXCEEDED if user_id else Code.IP_RATE_LIMIT_EXCEEDED
    return _rejection(code, acquire_one(user_id, hashed))


def _rejection(code: Code, limited: RateLimited | None) -> Rejection | None:
    if limited is None:
        return None
    count(RequestsRateLimited=1)
    return Rejection(code, _MESSAGE, limited.retry_after_ms)


def sender_hash(request: Request, services: Services) -> str:
    """The pseudonym of the sender's address."""
    key = services.verifier().secrets.current(services.settings().ip_hash_secret_arn)
    return ip_hash(_sender_address(request, services), key)


def _sender_address(request: Request, services: Services) -> str:
    arn = services.settings().edge_secret_arn
    # Only the edge sends the header: the secret is not read without it.
    if not arn or EDGE_HEADER not in request.headers:
        return request.source_ip
    if not comes_from_edge(request, services.verifier().secrets.valid(arn)):
        return request.source_ip
    return viewer_address(request)
