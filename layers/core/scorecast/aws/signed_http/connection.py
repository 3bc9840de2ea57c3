"""One HTTP/1.1 connection that never blocks, so that one thread can drive many of them."""

import errno
import os
import re
import select
import socket
import ssl
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any, Final

type Steps[T] = Generator[int, None, T]
"""Work that does what it can and yields the events (of `select.poll`) that it has to wait for.

It raises OSError when the connection is of no use any more.
"""

type Address = tuple[socket.AddressFamily, Any]

NO_ANSWER: Final = 0
"""Status of a request without a response: no connection, a broken one, or a time-out."""

_RECEIVED_BYTES_MAX: Final = 64 * 1024
"""More than a TLS record, so that nothing stays behind in TLS, where `poll` does not see it."""

_BLOCKED: Final = (ssl.SSLWantReadError, ssl.SSLWantWriteError, BlockingIOError)

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_CHUNKED: Final = re.compile(rb"\r\ntransfer-encoding: *chunked", re.IGNORECASE)
_CLOSE: Final = re.compile(rb"\r\nconnection: *close", re.IGNORECASE)
_NO_BODY: Final = frozenset({204, 304})


@dataclass(frozen=True, slots=True)
class Reply:
    status: int
    body: bytes = b""


class HttpConnection:
    """To the first of `addresses` that answers. One exchange at a time."""

    def __init__(
        self, addresses: Sequence[Address], tls: ssl.SSLContext | None, server_name: str
    ) -> None:
        self._addresses = addresses
        self._tls = tls
        self._server_name = server_name
        self._socket: socket.socket | None = None
        self.is_used = False
        """Whether it has answered before; the peer may have closed it since."""
        self.can_be_kept = False

    def __del__(self) -> None:
        self.close()  # a kept connection ends with the endpoint that kept it

    def fileno(self) -> int:
        return -1 if self._socket is None else self._socket.fileno()

    def close(self) -> None:
        self.can_be_kept = False
        if self._socket is not None:
            self._socket.close()

    def exchange(self, request: bytes) -> Steps[Reply]:
        """Send a request, after opening the connection if need be, and receive its reply."""
        self.can_be_kept = False
        if self._socket is None:
            yield from self._open()
        yield from self._send(request)
        reply, self.can_be_kept = yield from self._receive()
        self.is_used = True
        return reply

    def _open(self) -> Steps[None]:
        failed: OSError = ConnectionError("no address")
        for family, address in self._addresses:
            try:
                yield from self._connect(family, address)
            except OSError as error:
                self.close()
                failed = error
            else:
                return
        raise failed

    def _connect(self, family: socket.AddressFamily, address: Any) -> Steps[None]:
        self._socket = opened = socket.socket(family, socket.SOCK_STREAM)
        opened.setblocking(False)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        problem = opened.connect_ex(address)
        if problem == errno.EINPROGRESS:
            yield select.POLLOUT
            problem = opened.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        if problem:
            raise OSError(problem, os.strerror(problem))
        if self._tls is not None:
            secured = self._tls.wrap_socket(
                opened, server_hostname=self._server_name, do_handshake_on_connect=False
            )
            self._socket = secured
            yield from _shake_hands(secured)

    def _send(self, request: bytes) -> Steps[None]:
        assert self._socket is not None
        rest = memoryview(request)
        while rest:
            try:
                rest = rest[self._socket.send(rest) :]
            except _BLOCKED as blocked:
                yield _awaited(blocked)

    def _receive(self) -> Steps[tuple[Reply, bool]]:
        """The reply, and whether the connection can be used again."""
        assert self._socket is not None
        received = b""
        while True:
            yield select.POLLIN
            try:
                chunk = self._socket.recv(_RECEIVED_BYTES_MAX)
            except _BLOCKED:
                continue  # a part of a TLS record, or one that holds no data
            if not chunk:
                raise ConnectionError("closed by the peer")
            received += chunk
            reply = _parse(received)
            if reply is not None:
                return reply, _CLOSE.search(received) is None


def _shake_hands(secured: ssl.SSLSocket) -> Steps[None]:
    while True:
        try:
            return secured.do_handshake()
        except _BLOCKED as blocked:
            yield _awaited(blocked)


def _awaited(blocked: OSError) -> int:
    return select.POLLIN if isinstance(blocked, ssl.SSLWantReadError) else select.POLLOUT


def _parse(received: bytes) -> Reply | None:
    """The reply, None while a part of it is missing."""
    head, found, body = received.partition(b"\r\n\r\n")
    if not found:
        return None
    if not head.startswith(b"HTTP/1.1 ") or not head[9:12].isdigit():
        raise ConnectionError("not HTTP")
    status = int(head[9:12])
    length = _LENGTH.search(head)
    if length is not None:
        return Reply(status, body) if len(body) >= int(length[1]) else None
    if _CHUNKED.search(head):
        whole = _unchunked(body)
        return None if whole is None else Reply(status, whole)
    if status in _NO_BODY:
        return Reply(status)
    raise ConnectionError("a body without a length")


def _unchunked(body: bytes) -> bytes | None:
    """A chunked body put together, None while a part of it is missing."""
    parts: list[bytes] = []
    while True:
        size_line, found, body = body.partition(b"\r\n")
        if not found:
            return None
        try:
            size = int(size_line.partition(b";")[0], 16)
        except ValueError:
            raise ConnectionError("not a chunk") from None
        if len(body) < size + 2:
            return None
        if size == 0:
            return b"".join(parts)
        parts.append(body[:size])
        body = body[size + 2 :]
