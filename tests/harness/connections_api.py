"""A real HTTP server that stands for API Gateway's @connections and for Secrets Manager."""

import json
import threading
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import unquote

STAGE: Final = "/live"
_DEADLINE_SECONDS = 10


class ConnectionsApi(ThreadingHTTPServer):
    """Every connection is open unless its status says otherwise; what it was sent is kept."""

    daemon_threads = True
    request_queue_size = 256

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.bodies: dict[str, list[bytes]] = defaultdict(list)
        self.requests: list[tuple[str, str, dict[str, str]]] = []
        self.closed: list[str] = []
        self.statuses: dict[str, int] = {}
        self.once: dict[str, list[int]] = defaultdict(list)
        """Statuses of the next requests for a connection, before those of `statuses`."""
        self.hanging: set[str] = set()
        self.secrets: dict[tuple[str, str], str] = {}
        self.in_flight = 0
        self.in_flight_max = 0
        self.connections_opened = 0
        self.changed = threading.Condition()
        self.letting_go = threading.Event()

    @property
    def endpoint(self) -> str:
        return self.secrets_url + STAGE

    @property
    def secrets_url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"

    def messages(self, connection_id: str) -> list[dict[str, Any]]:
        """What a connection was sent, in the order of arrival."""
        return [json.loads(body) for body in list(self.bodies[connection_id])]

    def types(self, connection_id: str) -> list[str]:
        return [message["type"] for message in self.messages(connection_id)]

    def all_posted(self) -> set[bytes]:
        return {body for bodies in self.bodies.values() for body in bodies}

    def wait_until_in_flight(self, number: int) -> None:
        with self.changed:
            assert self.changed.wait_for(lambda: self.in_flight == number, _DEADLINE_SECONDS)

    def handle_error(self, *_: object) -> None:
        """Nothing: a client that gave up is no longer there to be answered."""

    @contextmanager
    def counting(self) -> Iterator[None]:
        with self.changed:
            self.in_flight += 1
            self.in_flight_max = max(self.in_flight, self.in_flight_max)
            self.changed.notify_all()
        try:
            yield
        finally:
            with self.changed:
                self.in_flight -= 1
                self.changed.notify_all()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ConnectionsApi

    def do_POST(self) -> None:
        self._work()

    do_GET = do_DELETE = do_POST

    def setup(self) -> None:
        super().setup()
        self.server.connections_opened += 1

    def log_message(self, *_: object) -> None:
        """Nothing: the tests read what was kept."""

    def _work(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append((self.command, self.path, dict(self.headers.items())))
        with self.server.counting():
            status, reply = self._secret(body) if self.path == "/" else self._connection(body)
            self.send_response(status)
            self.send_header("Content-Length", str(len(reply)))
            self.end_headers()
            self.wfile.write(reply)

    def _connection(self, body: bytes) -> tuple[int, bytes]:
        prefix, _, name = self.path.rpartition("/@connections/")
        if prefix != STAGE:
            return 403, b"{}"
        connection_id = unquote(name)
        if connection_id in self.server.hanging:
            self.server.letting_go.wait(_DEADLINE_SECONDS)
        status = self.server.statuses.get(connection_id, 204 if self.command == "DELETE" else 200)
        if self.server.once[connection_id]:
            status = self.server.once[connection_id].pop(0)
        if status < 300:
            self._keep(connection_id, body)
        return status, b"" if status == 204 else b"{}"

    def _keep(self, connection_id: str, body: bytes) -> None:
        if self.command == "POST":
            self.server.bodies[connection_id].append(body)
        if self.command == "DELETE":
            self.server.closed.append(connection_id)
            self.server.statuses[connection_id] = 410

    def _secret(self, body: bytes) -> tuple[int, bytes]:
        asked = json.loads(body)
        value = self.server.secrets.get((asked["SecretId"], asked["VersionStage"]))
        if value is None:
            return 400, b'{"__type":"ResourceNotFoundException"}'
        return 200, json.dumps({"SecretString": value}).encode()


@contextmanager
def serving() -> Iterator[ConnectionsApi]:
    with ConnectionsApi() as api:
        thread = threading.Thread(target=api.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield api
        finally:
            api.letting_go.set()
            api.shutdown()
            thread.join()
