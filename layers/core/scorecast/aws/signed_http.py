"""Signed HTTP requests to AWS through its Common Runtime: many at once, over kept connections.

boto3 posts about 700 times a second per core, the C runtime more than ten times as often. It is
also quicker to import, which is why the authorizer reads its secrets through it.
"""

import io
import time
from collections import deque
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Final
from urllib.parse import urlsplit

from awscrt import auth, http
from awscrt import io as crt_io

NO_ANSWER: Final = 0
"""Status of a request without an answer: no connection, a broken one, or too late."""


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes = b""


@cache
def bootstrap() -> crt_io.ClientBootstrap:
    group = crt_io.EventLoopGroup(1)
    return crt_io.ClientBootstrap(group, crt_io.DefaultHostResolver(group))


@cache
def lambda_credentials() -> auth.AwsCredentialsProvider:
    """The Lambda's own; the provider asks again when they expire."""
    return auth.AwsCredentialsProvider.new_default_chain(bootstrap())


class SignedHttp:
    """One AWS endpoint: signs, sends, and keeps connections for the next request.

    The callers bound how many requests are under way; each has a connection of its own, since
    HTTP/1.1 answers in order and one slow answer would hold up the others.
    """

    def __init__(
        self, url: str, *, service: str, region: str, credentials: auth.AwsCredentialsProvider
    ) -> None:
        parts = urlsplit(url)
        self.path_prefix = parts.path.rstrip("/")
        self._host = parts.hostname or ""
        self._authority = parts.netloc
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._tls = self._tls_options() if parts.scheme == "https" else None
        self._signing: dict[str, Any] = {
            "algorithm": auth.AwsSigningAlgorithm.V4,
            "signature_type": auth.AwsSignatureType.HTTP_REQUEST_HEADERS,
            "credentials_provider": credentials,
            "region": region,
            "service": service,
        }
        self._idle: deque[http.HttpClientConnection] = deque()

    def _tls_options(self) -> crt_io.TlsConnectionOptions:
        options: crt_io.TlsConnectionOptions = crt_io.ClientTlsContext(
            crt_io.TlsContextOptions()
        ).new_connection_options()
        options.set_server_name(self._host)
        return options

    def send(self, request: Request, *, timeout_ms: float) -> Reply:
        """One request and its answer; NO_ANSWER after `timeout_ms`."""
        exchange = self.start(request)
        try:
            return exchange.reply.result(timeout_ms / 1_000)
        except TimeoutError:
            exchange.give_up()
            return Reply(NO_ANSWER)

    def start(self, request: Request) -> "Exchange":
        """Begin a request. Its `reply` never raises; call `give_up` to stop waiting for it."""
        exchange = Exchange(self, request)
        exchange.begin()
        return exchange

    def sign(self, request: Request) -> "Future[http.HttpRequest]":
        headers = [("Host", self._authority), ("Content-Length", str(len(request.body)))]
        unsigned = http.HttpRequest(
            request.method,
            self.path_prefix + request.path,
            http.HttpHeaders([*headers, *request.headers.items()]),
            io.BytesIO(request.body),
        )
        config = auth.AwsSigningConfig(**self._signing)  # dated now
        signed: Future[http.HttpRequest] = auth.aws_sign_request(unsigned, config)
        return signed

    def take_connection(self) -> "http.HttpClientConnection | None":
        """A kept connection that still looks open, the last used first."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_open():
                return connection
        return None

    def open_connection(self) -> "Future[http.HttpClientConnection]":
        opening: Future[http.HttpClientConnection] = http.HttpClientConnection.new(
            self._host, self._port, bootstrap(), tls_connection_options=self._tls
        )
        return opening

    def keep(self, connection: "http.HttpClientConnection") -> None:
        if connection.is_open():
            self._idle.append(connection)


class Exchange:
    """One request under way: signed, then sent, then answered, each step a callback of the last.

    The callbacks run on the runtime's thread. Whatever goes wrong in one ends as NO_ANSWER.
    """

    def __init__(self, endpoint: SignedHttp, request: Request) -> None:
        self.reply: Future[Reply] = Future()
        self._endpoint = endpoint
        self._request = request
        self._signed: http.HttpRequest | None = None
        self._connection: http.HttpClientConnection | None = None
        self._status = NO_ANSWER
        self._body = bytearray()
        self._begun_s = time.monotonic()

    def age_ms(self) -> float:
        return (time.monotonic() - self._begun_s) * 1_000

    def begin(self) -> None:
        self._endpoint.sign(self._request).add_done_callback(self._on_signed)

    def give_up(self) -> None:
        """Close the request's connection: an answer that comes later is nobody's."""
        self._end(NO_ANSWER)
        if self._connection is not None:
            self._connection.close()

    def _on_signed(self, signing: "Future[http.HttpRequest]") -> None:
        if signing.exception() is not None:
            return self._end(NO_ANSWER)
        self._signed = signing.result()
        connection = self._endpoint.take_connection()
        if connection is not None:
            return self._send(connection)
        return self._endpoint.open_connection().add_done_callback(self._on_open)

    def _on_open(self, opening: "Future[http.HttpClientConnection]") -> None:
        if opening.exception() is not None:
            return self._end(NO_ANSWER)
        return self._send(opening.result())

    def _send(self, connection: "http.HttpClientConnection") -> None:
        self._connection = connection
        try:
            stream = connection.request(self._signed, self._on_response, self._on_body)
            stream.completion_future.add_done_callback(self._on_complete)
            stream.activate()
        except Exception:  # the runtime raises its own for a connection that closed meanwhile
            self._end(NO_ANSWER)

    def _on_response(self, status_code: int, **_: Any) -> None:
        self._status = status_code

    def _on_body(self, chunk: bytes, **_: Any) -> None:
        self._body += chunk

    def _on_complete(self, completion: "Future[int]") -> None:
        if completion.exception() is not None:
            return self._end(NO_ANSWER)
        if self._connection is not None:
            self._endpoint.keep(self._connection)
        return self._end(self._status)

    def _end(self, status: int) -> None:
        if not self.reply.done():
            self.reply.set_result(Reply(status, bytes(self._body)))
