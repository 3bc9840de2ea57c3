"""One request to the HTTP API with httpx and stamina: what both publishers share."""

import json
import re
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import httpx

from scorecast_client.api_calls import ApiRequest
from scorecast_client.cells import endpoint_of, may_follow
from scorecast_client.errors import PublishError, RequestRefused, Unreachable
from scorecast_client.messages import whole_number
from scorecast_client.proxies import proxy_sentence
from scorecast_client.retries import MISDIRECTED
from scorecast_client.server_clock import ServerClock, date_ms

Token = str | Callable[[], str]
TOKEN: Final = re.compile(r"[!-~]+")


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


def build(http: httpx.Client | httpx.AsyncClient, request: ApiRequest) -> httpx.Request:
    """Raises PublishError if the request cannot be serialized."""
    key = request.idempotency_key
    headers = {} if key is None else {"Idempotency-Key": key}
    if key is not None and not key.isascii():
        raise PublishError(
            f"{request} cannot be sent: its key {key!r} has characters beyond ASCII."
        )
    try:
        body: Any = request.body
        return http.build_request(request.method, request.path, json=body, headers=headers)
    except (httpx.InvalidURL, ValueError, TypeError) as fault:
        raise PublishError(f"{request} cannot be sent: {fault}.") from fault


def following(http: httpx.Client | httpx.AsyncClient, response: httpx.Response) -> httpx.Response:
    """The response; after one that the tournament has moved, requests go to its new cell."""
    if response.status_code == MISDIRECTED:
        endpoint = endpoint_of((_object(response.content) or {}).get("endpoint"))
        if endpoint is not None and may_follow(str(http.base_url), endpoint.http_url):
            http.base_url = base_url(endpoint.http_url)
    return response


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
