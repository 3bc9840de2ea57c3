"""`scorecast verify` passes on the stack as it is; no check passes on one that does nothing."""

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from boto3.session import Session
from websockets.sync.server import ServerConnection, serve

from infra.local.paths import ROOT
from scorecast_client.verify.check import Check, perform
from scorecast_client.verify.checks import CHECKS
from scorecast_client.verify.outcome import Result
from scorecast_client.verify.run import Pace, Run
from scorecast_client.verify.target import Target
from tests.e2e.deployed import PATHS, Deployed

EMULATED = {
    "token in the sub-protocol",
    "ticket, once",
    "no token",
    "bad token",
    "bad room id",
    "connection limit",
    "binary message",
    "frame over 32 KB",
    "message over 128 KB",
}
"""What MiniStack is known to do otherwise: the status of a handshake, and limits of frames."""
SCORECAST = (sys.executable, "-m", "scorecast_client")
DONE_BY_A_WELCOME = {"token in the query"}
PARAMETERS = {
    "AllowAnonymous": "false",
    "AllowedOrigins": "",
    "CoalesceMaxWaitMs": "250",
    "ConnectionLimitPolicy": "reject",
    "ConnectionsPerIp": "10",
    "ConnectionsPerUser": "3",
    "HeartbeatIntervalSeconds": "0",
    "JwtAudience": "",
    "JwtIssuer": "",
    "MessageBytesMax": "16384",
}


def test_every_check_passes_or_differs_as_is_known(deployed: Deployed) -> None:
    done = subprocess.run(
        [*SCORECAST, "verify", "--stack", PATHS.stack_file, "--json", "--samples", "3"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=600,
    )

    outcomes = {each["check"]: each for each in json.loads(done.stdout)}
    assert [each for each in outcomes.values() if each["result"] == "FAILED"] == []
    assert done.returncode == 0
    assert {name for name, each in outcomes.items() if each["result"] == "differs"} == EMULATED
    skipped = {name for name, each in outcomes.items() if each["result"] == "skipped"}
    assert skipped == {name for name in outcomes if name.startswith("page: ")}  # not hosted here
    assert all(each["fact"] and each["seen"] for each in outcomes.values())


class _Nothing(BaseHTTPRequestHandler):
    """Answers every request with an empty object."""

    def _answer(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    do_GET = do_PUT = do_POST = do_DELETE = do_OPTIONS = _answer

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def idle_stack() -> Iterator[Target]:
    """It welcomes every client with a token in the query, and does nothing else."""

    def welcome(connection: ServerConnection) -> None:
        assert connection.request
        query = parse_qs(urlsplit(connection.request.path).query)
        if "token" in query:
            claims = jwt.decode(query["token"][0], options={"verify_signature": False})
            data = {"user_id": claims["sub"], "role": "spectator", "connection_id": "c"}
            connection.send(json.dumps({"type": "connection_established", "data": data}))
        for _ in connection:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), _Nothing)
    with serve(welcome, "127.0.0.1", 0) as sockets:
        for server in (http, sockets):
            threading.Thread(target=server.serve_forever, daemon=True).start()
        outputs = {
            "SocketUrl": f"ws://127.0.0.1:{sockets.socket.getsockname()[1]}",
            "HttpUrl": f"http://127.0.0.1:{http.server_port}",
            "PageUrl": f"http://127.0.0.1:{http.server_port}",
        }
        session = Session("key", "secret", region_name="us-east-1")
        yield Target(session, None, outputs, PARAMETERS, "s" * 64)
        http.shutdown()
        http.server_close()


@pytest.mark.parametrize("each", CHECKS, ids=lambda each: each.name)
def test_a_check_fails_on_a_stack_that_does_nothing(idle_stack: Target, each: Check) -> None:
    with Run(idle_stack, pace=Pace(seconds_max=0.2, samples=2)) as run:
        outcome = perform(each, run)
    assert (outcome.result is Result.OK) == (each.name in DONE_BY_A_WELCOME), outcome
    assert outcome.result in (Result.OK, Result.FAILED)
