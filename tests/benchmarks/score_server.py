"""One score by two protocols, Scorecast's and Pusher's, and the pages that show it.

One server for both, which answers everything after the same round trip: a file, a handshake, a
message. It spends no other time, so what differs is the clients' own.
"""

import gzip
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from typing import Final
from urllib.parse import urlsplit

from websockets.datastructures import Headers
from websockets.http11 import Request, Response
from websockets.sync.server import ServerConnection, serve

from infra.specs.examples import OF_THE_SERVER

SCORE: Final = 3
MATCH: Final = "m1"
OWN_SOCKET, PUSHER_SOCKET = "/live", "/app/key"
_JSON_IN_JSON: Final = json.dumps({"participant1_score": SCORE, "participant2_score": 0})


@dataclass(frozen=True, slots=True)
class Network:
    """What each answer waits for: a round trip, and its body's bytes."""

    round_trip_s: float
    bytes_per_s: float

    def wait(self, body: bytes = b"") -> None:
        time.sleep(self.round_trip_s + len(body) / self.bytes_per_s)


@contextmanager
def serving(files: Mapping[str, Path | str], network: Network) -> Iterator[str]:
    """The origin of a server of these pages and scripts, for as long as the context is open."""
    bodies = {path: _compressed(file) for path, file in files.items()}

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        path = urlsplit(request.path).path
        body = bodies.get(path, b"")
        network.wait(body)
        return None if path in (OWN_SOCKET, PUSHER_SOCKET) else _response(path, body)

    def converse(connection: ServerConnection) -> None:
        assert connection.request is not None
        if urlsplit(connection.request.path).path == OWN_SOCKET:
            _converse(connection, network)
        else:
            _converse_as_pusher(connection, network)

    with serve(converse, "127.0.0.1", 0, process_request=answer, compression=None) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        host, port = server.socket.getsockname()[:2]
        yield f"http://{host}:{port}"
        server.shutdown()


def _compressed(file: Path | str) -> bytes:
    return gzip.compress(file.encode() if isinstance(file, str) else file.read_bytes())


def _response(path: str, body: bytes) -> Response:
    kind = "text/javascript" if path.endswith(".js") else "text/html"
    headers = Headers(
        {
            "Content-Type": f"{kind}; charset=utf-8",
            "Content-Encoding": "gzip",
            "Content-Length": str(len(body)),
            "Connection": "close",
        }
    )
    return Response(200, "OK", headers, body)


def _converse(connection: ServerConnection, network: Network) -> None:
    """The room is part of the handshake, so the first message has the match."""
    established, *_ = OF_THE_SERVER["connection_established"]
    snapshot = established["data"]["snapshot"] | {"participant1_score": SCORE}
    data = established["data"] | {"match_id": MATCH, "snapshot": snapshot}
    connection.send(json.dumps(established | {"data": data}))
    for _ in connection:
        network.wait()


def _converse_as_pusher(connection: ServerConnection, network: Network) -> None:
    """A cache channel's subscribers receive its last event at once."""
    opened = json.dumps({"socket_id": "1.1", "activity_timeout": 120})
    connection.send(json.dumps({"event": "pusher:connection_established", "data": opened}))
    for text in connection:
        message = json.loads(text)
        network.wait()
        if message["event"] == "pusher:subscribe":
            channel = {"channel": message["data"]["channel"]}
            succeeded = {"event": "pusher_internal:subscription_succeeded", "data": "{}"}
            connection.send(json.dumps(succeeded | channel))
            connection.send(json.dumps({"event": "score", "data": _JSON_IN_JSON} | channel))
