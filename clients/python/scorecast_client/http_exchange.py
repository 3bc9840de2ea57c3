"""One request to the HTTP API with httpx and stamina: what both publishers share."""

import json
import random
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from math import isfinite
from typing import Any, Final, TypedDict

import httpx

from scorecast_client.api_calls import ApiRequest
from scorecast_client.errors import PublishError, RequestRefused, Unreachable
from scorecast_client.messages import whole_number
from scorecast_client.proxies import proxy_sentence
from scorecast_client.server_clock import ServerClock, date_ms

Token = str | Callable[[], str]
TOKEN: Final = re.compile(r"[!-~]+")
TOO_MANY_REQUESTS: Final = 429
NOTHING_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
FAILURES: Final = (httpx.TransportError, httpx.DecodingError, httpx.TooManyRedirects)


@dataclass(frozen=True)
class Retries:
    """How often and how long a publisher tries."""

    attempts: int = 5
    base_seconds: float = 0.5
    cap_seconds: float = 20
    retry_after_seconds_max: float = 30
    """A longer pause, asked for by the server, is not waited for."""


class RetryOptions(TypedDict):
    """The arguments of stamina's `retry_context`."""

    on: Callable[[Exception], bool | float]
    attempts: int
    timeout: None
    wait_initial: float
    wait_max: float
    wait_jitter: float


class BearerToken(httpx.Auth):
    """Asks a token that is a function anew for every request. Raises PublishError."""

    def __init__(self, token: Token) -> None:
        self._token = token

    def auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response]:
        token = self._token() if callable(self._token) else self._token
        if not TOKEN.fullmatch(token):
            raise PublishError("The token holds characters that no token has.")
        request.headers["Authorization"] = f"Bearer {token}"
        yield request


@contextmanager
def naming_proxies() -> Iterator[None]:
    """While a client is made, which reads the environment. Raises PublishError."""
    try:
        yield
    except (ImportError, ValueError, httpx.InvalidURL) as fault:
        raise PublishError(proxy_sentence(fault)) from fault


def base_url(url: str) -> httpx.URL:
    """Raises PublishError if this is not the address of an HTTP API."""
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL as fault:
        raise PublishError(f"{url!r} is not an address: {fault}.") from fault
    if parsed.scheme not in ("http", "https") or not re.fullmatch(r"[^%\s]+", parsed.host):
        raise PublishError(f"{url!r} is not an address: it must be like https://host/path.")
    return parsed


def retry_options(request: ApiRequest, retries: Retries) -> RetryOptions:
    return {
        "on": lambda failure: _may_retry(request, failure, retries),
        "attempts": retries.attempts,
        "timeout": None,  # the attempts and their pauses are bounded
        "wait_initial": retries.base_seconds,
        "wait_max": retries.cap_seconds,
        "wait_jitter": retries.base_seconds,
    }


def build(http: httpx.Client | httpx.AsyncClient, request: ApiRequest) -> httpx.Request:
    """Raises PublishError if the request cannot be serialized."""
    key = request.idempotency_key
    headers = {} if key is None else {"Idempotency-Key": key}
    try:
        body: Any = request.body
        return http.build_request(request.method, request.path, json=body, headers=headers)
    except (httpx.InvalidURL, ValueError, TypeError) as fault:
        raise PublishError(f"{request} cannot be sent: {fault}.") from fault


def checked(response: httpx.Response, clock: ServerClock) -> httpx.Response:
    """Learn the server's time from an answer. Raises httpx.HTTPStatusError if it is a refusal."""
    server_ms = date_ms(response.headers.get("date"))
    if server_ms is not None:
        clock.observe(server_ms)
    return response.raise_for_status()


def answer_of(request: ApiRequest, response: httpx.Response, clock: ServerClock) -> dict[str, Any]:
    answer = _object(response.content)
    if answer is None:
        raise _refusal(request, response.status_code, {})
    server_ms = whole_number(answer.get("server_time"))
    if server_ms is not None:
        clock.observe(server_ms)
    return answer


def publish_error(request: ApiRequest, failure: httpx.HTTPError, url: httpx.URL) -> PublishError:
    if isinstance(failure, httpx.HTTPStatusError):
        response = failure.response
        return _refusal(request, response.status_code, _object(response.content) or {})
    reason = str(failure).rstrip(".") or type(failure).__name__
    return Unreachable(f"{url} does not answer: {reason}.")


def retry_after_seconds(header: str | None, *, now: datetime) -> float:
    """The pause that a server asks for, in seconds or until a date; 0 for anything else."""
    if header is None:
        return 0.0
    try:
        seconds = float(header)
    except ValueError:
        return _seconds_until(header, now)
    return max(0.0, seconds) if isfinite(seconds) else 0.0


def _may_retry(request: ApiRequest, failure: Exception, retries: Retries) -> bool | float:
    """False, True for the usual pause, or a longer pause in seconds."""
    if isinstance(failure, NOTHING_SENT):
        return True  # even a POST: nothing has reached the server
    if isinstance(failure, httpx.HTTPStatusError):
        return request.repeatable and _pause_after(failure.response, retries)
    return request.repeatable and isinstance(failure, FAILURES)


def _pause_after(response: httpx.Response, retries: Retries) -> bool | float:
    if response.status_code != TOO_MANY_REQUESTS and response.status_code < 500:
        return False
    seconds = retry_after_seconds(response.headers.get("retry-after"), now=datetime.now(UTC))
    if seconds > retries.retry_after_seconds_max:
        return False
    # jitter: everybody who was refused together has been given the same pause
    return seconds + random.random() * retries.base_seconds if seconds else True


def _seconds_until(date: str, now: datetime) -> float:
    try:
        until = parsedate_to_datetime(date)
    except ValueError:
        return 0.0
    return max(0.0, (until.replace(tzinfo=until.tzinfo or UTC) - now).total_seconds())


def _object(content: bytes) -> dict[str, Any] | None:
    try:
        answer = json.loads(content)
    except (ValueError, RecursionError):
        return None  # a gateway's own error page
    return answer if isinstance(answer, dict) else None


def _refusal(request: ApiRequest, status: int, problem: Mapping[str, Any]) -> RequestRefused:
    given = problem.get("detail") or problem.get("title") or problem.get("message")
    errors = problem.get("errors")
    by_field = errors if isinstance(errors, dict) else {}
    message, code = str(given), problem.get("code")
    fields = "".join(f" {k}: {what}." for k, what in by_field.items() if str(what) not in message)
    return RequestRefused(
        f"{request} was answered {status}: {given or 'no reason given'}{fields}",
        message=message if given else None,
        status=status,
        code=code if isinstance(code, str) else None,
        errors=by_field,
    )
