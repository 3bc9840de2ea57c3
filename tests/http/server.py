"""The HTTP API behind a small stand-in for API Gateway: a real server, the real handler.

As API Gateway does, it decodes every escape in a path but `%25`, joins headers that come twice by a
comma, and hands on as base64 what is not said to be text.
"""

import base64
import itertools
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import unquote_to_bytes

import api

from tests import examples
from tests.harness.fakes import FakeContext

_TEXTS: Final = ("application/json", "application/xml", "application/javascript")


class Server(ThreadingHTTPServer):
    """`received_at_ms` of each request is a millisecond after that of the last one."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.numbers = itertools.count(1)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        answer = api.handler(self._event(body), FakeContext())
        body = answer["body"].encode()
        published = base64.b64decode(body) if answer["isBase64Encoded"] else body
        self.send_response(answer["statusCode"])
        for name, value in answer["headers"].items():
            self.send_header(name, value)
        if answer["statusCode"] not in (204, 304):
            self.send_header("Content-Length", str(len(published)))
        self.end_headers()
        self.wfile.write(published)

    do_PUT = do_POST = do_DELETE = do_PATCH = do_HEAD = do_OPTIONS = do_TRACE = do_QUERY = do_GET

    def log_message(self, *_: object) -> None:
        """Nothing: the tests read the answers."""

    def _event(self, body: bytes) -> dict[str, Any]:
        return http_event(
            self.command,
            self.path,
            {name.lower(): ",".join(self.headers.get_all(name, [])) for name in self.headers},
            body,
            number=next(self.server.numbers),
        )


def http_event(
    method: str, target: str, headers: dict[str, str], body: bytes, *, number: int = 0
) -> dict[str, Any]:
    """The event that API Gateway makes of a request; `headers` are in lower case."""
    event = examples.event("http")
    path = _path(target)
    event |= {"rawPath": path, "headers": headers}
    event |= _body(body, headers.get("content-type", ""))
    event["requestContext"]["http"] |= {"method": method, "path": path}
    event["requestContext"]["requestId"] = f"request-{number}"
    event["requestContext"]["timeEpoch"] = examples.NOW_MS + number
    return event


def _path(target: str) -> str:
    escaped = target.partition("?")[0].replace("%25", "%2525")
    return unquote_to_bytes(escaped).decode(errors="replace")


def _body(body: bytes, content_type: str) -> dict[str, Any]:
    if not body:
        return {"isBase64Encoded": False}
    media_type = content_type.partition(";")[0].strip().lower()
    if media_type.startswith("text/") or media_type in _TEXTS:
        return {"body": body.decode(errors="replace"), "isBase64Encoded": False}
    return {"body": base64.b64encode(body).decode(), "isBase64Encoded": True}


@contextmanager
def serving() -> Iterator[Server]:
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
