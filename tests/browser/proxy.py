"""A TCP proxy between a page and the cloud, which a test can cut, hold and restore."""

import socket
import socketserver
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final, Self
from urllib.parse import urlsplit

CHUNK_BYTES: Final = 65_536


class Proxy:
    """Cut, it closes every connection and accepts none; held, it forwards nothing."""

    def __init__(self, host: str, port: int) -> None:
        self._cloud = (host, port)
        self._is_cut = False
        self._flows = threading.Event()
        self._flows.set()
        self._ends: set[socket.socket] = set()
        self._server = _Server(self._relay)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *fault: object) -> None:
        self.cut()
        self._server.shutdown()
        self._server.server_close()

    def cut(self) -> None:
        self._is_cut = True
        self._flows.set()
        for end in list(self._ends):
            _shut(end)

    def hold(self) -> None:
        """Like a dead access point: data is neither delivered nor refused."""
        self._flows.clear()

    def restore(self) -> None:
        self._is_cut = False
        self._flows.set()

    def through(self, config: Mapping[str, Any]) -> dict[str, Any]:
        """A page's configuration with this proxy's URLs."""
        urls = {name: self._here(config[name]) for name in ("ws_url", "http_url")}
        return {**config, **urls}

    def _here(self, url: str) -> str:
        host, port = self._server.server_address[:2]
        return urlsplit(url)._replace(netloc=f"{host!s}:{port}").geturl()

    def _named(self, chunk: bytes) -> bytes:
        """The cloud takes requests to its own port only."""
        host, port = self._cloud
        return chunk.replace(
            f"Host: {host}:{self._server.server_address[1]}\r\n".encode(),
            f"Host: {host}:{port}\r\n".encode(),
        )

    def _relay(self, page: socket.socket) -> None:
        if self._is_cut:
            return
        with socket.create_connection(self._cloud) as cloud:
            self._ends |= {page, cloud}
            back = threading.Thread(target=self._carry, args=(cloud, page), daemon=True)
            back.start()
            self._carry(page, cloud, as_the_cloud=True)
            back.join()
            self._ends -= {page, cloud}

    def _carry(
        self, one: socket.socket, other: socket.socket, *, as_the_cloud: bool = False
    ) -> None:
        with suppress(OSError):  # when it is ended by its other direction
            while chunk := one.recv(CHUNK_BYTES):
                self._flows.wait()
                other.sendall(self._named(chunk) if as_the_cloud else chunk)
        _shut(one)
        _shut(other)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, relay: Callable[[socket.socket], None]) -> None:
        super().__init__(("127.0.0.1", 0), socketserver.BaseRequestHandler)
        self._relay = relay

    def finish_request(self, request: Any, client_address: Any) -> None:
        self._relay(request)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):  # when it has ended already
        end.shutdown(socket.SHUT_RDWR)
