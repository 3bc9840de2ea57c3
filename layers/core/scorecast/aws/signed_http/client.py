"""Signed HTTP requests to AWS: many at once, over kept connections, from the caller's thread.

boto3 spends a millisecond of CPU on each request, which is too much for one per viewer. It is
also slow to import, which is why the authorizer reads its secrets through this module.
"""

import math
import select
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Final
from urllib.parse import urlsplit

from scorecast.aws.signed_http.connection import NO_ANSWER, Address, HttpConnection, Reply, Steps
from scorecast.aws.signed_http.credentials import Credentials, NoCredentials
from scorecast.aws.signed_http.sigv4 import PathSigner
from scorecast.protocol.limits import REQUESTS_IN_FLIGHT_MAX

NOT_SENT: Final = -1
"""Status of a request that was not begun: the time was up before its turn."""

_LOOK_MS: Final = 50
"""How often a round looks for requests whose time is up."""

_WAIT_MS: Final = 2
"""How often a round that finds no place looks for one."""


@dataclass(frozen=True, slots=True)
class Request:
    """`headers` are lower case. The path is percent-encoded and has no query."""

    method: str
    path: str
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


@cache
def trusted() -> ssl.SSLContext:
    return ssl.create_default_context()


class SignedHttp:
    """One AWS endpoint: signs, sends, and keeps connections for the next request.

    Several threads may use it at once: each has connections of its own while it waits.
    """

    def __init__(
        self,
        url: str,
        *,
        service: str,
        region: str,
        credentials: Callable[[], Credentials],
    ) -> None:
        parts = urlsplit(url)
        self._path_prefix = parts.path.rstrip("/")
        self._host = parts.hostname or ""
        self._authority = parts.netloc
        self._is_tls = parts.scheme == "https"
        self._port = parts.port or (443 if self._is_tls else 80)
        self._service = service
        self._region = region
        self._credentials = credentials
        self._idle: deque[HttpConnection] = deque()
        self.places = threading.BoundedSemaphore(REQUESTS_IN_FLIGHT_MAX)
        """One for each request under way, whichever thread's it is."""

    def send(self, request: Request, *, timeout_ms: float) -> Reply:
        """One request and its reply; NO_ANSWER after `timeout_ms`."""
        replies = self.send_all(
            request, [request.path], in_flight_max=1, timeout_ms=timeout_ms, time_ms_max=timeout_ms
        )
        return replies[request.path]

    def send_all(
        self,
        request: Request,
        paths: Iterable[str],
        *,
        in_flight_max: int,
        timeout_ms: float,
        time_ms_max: float,
        per_second: float = math.inf,
    ) -> dict[str, Reply]:
        """One request to many paths: the replies by path. Sends while paths are still arriving.

        `timeout_ms` bounds each request, `time_ms_max` all of them together.
        """
        deadline_s = time.monotonic() + time_ms_max / 1_000
        timeout_s = timeout_ms / 1_000
        return _Round(self, request, in_flight_max, per_second, timeout_s, deadline_s).run(paths)

    def signer(self, request: Request) -> PathSigner:
        """Valid for a second; after that, the date and the credentials may have changed."""
        return PathSigner(
            request.method,
            {"host": self._authority, **request.headers},
            request.body,
            service=self._service,
            region=self._region,
            credentials=self._credentials(),
            at_s=time.time(),
        )

    def full_path(self, path: str) -> str:
        return self._path_prefix + path

    def kept_connection(self) -> HttpConnection | None:
        """The connection that was used last: the others may become idle and be closed."""
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def keep(self, connection: HttpConnection) -> None:
        self._idle.append(connection)

    def new_connection(self, addresses: list[Address]) -> HttpConnection:
        return HttpConnection(addresses, trusted() if self._is_tls else None, self._host)

    def resolve(self) -> list[Address]:
        found = socket.getaddrinfo(self._host, self._port, type=socket.SOCK_STREAM)
        return [(family, address) for family, _, _, _, address in found]


@dataclass(slots=True)
class _Flight:
    """A request under way."""

    path: str
    connection: HttpConnection
    steps: Steps[Reply]
    late_at_s: float


class _Round:
    """One request to many paths, in one thread: driven by `poll`."""

    def __init__(
        self,
        http: SignedHttp,
        request: Request,
        in_flight_max: int,
        per_second: float,
        timeout_s: float,
        deadline_s: float,
    ) -> None:
        self._http = http
        self._request = request
        self._in_flight_max = in_flight_max
        self._pause_s = 1 / per_second
        self._next_turn_s = time.monotonic()
        self._timeout_s = timeout_s
        self._deadline_s = deadline_s
        self._signer: PathSigner | None = None
        self._signer_expires_s = 0.0
        self._addresses: list[Address] | None = None
        self._replies: dict[str, Reply] = {}
        self._under_way: dict[int, _Flight] = {}
        self._poll = select.poll()
        self._next_look_s = 0.0

    def run(self, paths: Iterable[str]) -> dict[str, Reply]:
        try:
            for path in paths:
                self._send_to(path)
            while self._under_way:
                self._advance_ready()
        finally:
            self._give_up(list(self._under_way))  # none, unless `paths` raised
        return self._replies

    def _send_to(self, path: str) -> None:
        if self._take_turn():
            self._begin(path, self._http.kept_connection())
        else:
            self._replies[path] = Reply(NOT_SENT)

    def _take_turn(self) -> bool:
        """Wait for a turn and a place, and take it. False if the time is up before."""
        while (now_s := time.monotonic()) < self._deadline_s:
            is_due = now_s >= self._next_turn_s and len(self._under_way) < self._in_flight_max
            if is_due and self._http.places.acquire(blocking=False):
                self._next_turn_s += self._pause_s
                return True
            # Another thread's request may end meanwhile, which `poll` does not see.
            self._advance_ready(_WAIT_MS if is_due else self._ms_until(self._next_turn_s, now_s))
        return False

    def _ms_until(self, moment_s: float, now_s: float) -> float:
        return min(_LOOK_MS, (moment_s - now_s) * 1_000) if moment_s > now_s else _LOOK_MS

    def _begin(self, path: str, connection: HttpConnection | None) -> None:
        now_s = time.monotonic()
        try:
            signed = self._signed(path, now_s)
            connection = connection or self._new_connection()
        except (OSError, NoCredentials):
            self._finish(path, Reply(NO_ANSWER))
            return
        late_at_s = min(now_s + self._timeout_s, self._deadline_s)
        self._advance(_Flight(path, connection, connection.exchange(signed), late_at_s))

    def _signed(self, path: str, now_s: float) -> bytes:
        if self._signer is None or now_s >= self._signer_expires_s:
            self._signer = self._http.signer(self._request)
            self._signer_expires_s = now_s + 1
        return self._signer.request(self._http.full_path(path))

    def _new_connection(self) -> HttpConnection:
        """Spread over the endpoint's addresses, which are looked up once."""
        first, *others = self._addresses or self._http.resolve()
        self._addresses = [*others, first]
        return self._http.new_connection([first, *others])

    def _advance_ready(self, wait_ms: float = _LOOK_MS) -> None:
        """Wait until something can be done, and do it."""
        for descriptor, _ in self._poll.poll(wait_ms):
            self._poll.unregister(descriptor)
            self._advance(self._under_way.pop(descriptor))
        now_s = time.monotonic()
        if now_s >= self._next_look_s:
            self._next_look_s = now_s + _LOOK_MS / 1_000
            self._give_up(
                [fd for fd, flight in self._under_way.items() if now_s >= flight.late_at_s]
            )

    def _advance(self, flight: _Flight) -> None:
        try:
            awaited = next(flight.steps)
        except StopIteration as end:
            self._end(flight, end.value)
        except OSError:
            self._fail(flight)
        else:
            descriptor = flight.connection.fileno()
            self._poll.register(descriptor, awaited)
            self._under_way[descriptor] = flight

    def _finish(self, path: str, reply: Reply) -> None:
        self._replies[path] = reply
        self._http.places.release()

    def _end(self, flight: _Flight, reply: Reply) -> None:
        self._finish(flight.path, reply)
        if flight.connection.can_be_kept:
            self._http.keep(flight.connection)
        else:
            flight.connection.close()

    def _fail(self, flight: _Flight) -> None:
        """If the peer has meanwhile closed the kept connection, use a new one."""
        flight.connection.close()
        if flight.connection.is_used:
            self._begin(flight.path, None)
        else:
            self._finish(flight.path, Reply(NO_ANSWER))

    def _give_up(self, descriptors: list[int]) -> None:
        """Close these connections: a later reply is not read."""
        for descriptor in descriptors:
            self._poll.unregister(descriptor)
            flight = self._under_way.pop(descriptor)
            flight.connection.close()
            self._finish(flight.path, Reply(NO_ANSWER))
