"""Serves the scoreboard page, and tells it where the stack is."""

import gzip
import http.server
import json
import threading
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit
from uuid import uuid4

from infra.local.bundle import CLIENT
from infra.local.paths import ROOT, StackPaths
from infra.local.ports import HOST
from infra.local.seed import DEMO
from infra.local.structure import structure_of
from scorecast_client.stack import Stack, read_stack

PAGE: Final = ROOT / "clients" / "js" / "scoreboard"
CLIENT_URL: Final = "/client/index.js"
VISITOR_MINUTES: Final = 24 * 60
OWN_NAMES: Final = frozenset({HOST, "localhost"})
CONTENT_TYPES: Final = {
    **http.server.SimpleHTTPRequestHandler.extensions_map,
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


def serve_page(site: StackPaths, port: int) -> http.server.ThreadingHTTPServer:
    """Serve in a thread of its own, for as long as the process lives."""
    server = http.server.ThreadingHTTPServer((HOST, port), partial(_Page, site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def configuration(site: StackPaths) -> dict[str, Any] | None:
    """What the page asks for first; None while the stack is not ready."""
    if not site.description.exists():
        return None
    stack = read_stack(site.description)
    shown = site.shown.read_text() if site.shown.exists() else DEMO.tournament_id
    return {
        "ws_url": stack.ws_url,
        "http_url": stack.http_url,
        "tournament_id": shown,
        "token": _visitor_token(stack),
        "structure_url": "structure.json",
        "tokens_url": "tokens.json",
    }


def demo_tokens(site: StackPaths) -> list[dict[str, str | None]]:
    """What the official's page offers to sign in with, so that nobody has to paste here."""
    if not site.description.exists():
        return []
    tokens = json.loads(site.description.read_text())["tokens"]
    return [
        {"role": role, "token": held["token"], "tournament_id": held.get("tournament_id")}
        for role, held in tokens.items()
        if role != "spectator"
    ]


def _visitor_token(stack: Stack) -> str:
    # A user each, so that many tabs and phones stay under the connections of one user.
    visitor = f"visitor-{uuid4().hex[:12]}"
    return stack.signer.token(visitor, now=datetime.now(UTC), minutes=VISITOR_MINUTES)


class _Page(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = CONTENT_TYPES

    def __init__(self, site: StackPaths, *args: Any) -> None:
        self._site = site
        super().__init__(*args, directory=str(PAGE))

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        match address.path:
            case "/config.json":
                found = configuration(self._site)
                status = HTTPStatus.OK if found else HTTPStatus.SERVICE_UNAVAILABLE
                self._send_json(found or {"code": "not_ready"}, status)
            case "/structure.json":
                asked = parse_qs(address.query).get("tournament", [""])
                self._send_json(structure_of(asked[0]))
            case "/tokens.json":
                self._send_tokens()
            case _:
                self._send_file()

    def translate_path(self, path: str) -> str:
        """The client is built beside the page, and is served as if it were in it."""
        if urlsplit(path).path == CLIENT_URL:
            return str(CLIENT / "dist" / "index.js")
        return super().translate_path(path)

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the log is the cloud's."""

    def _send_tokens(self) -> None:
        """Only under this machine's own names: another name that leads here is a trick."""
        host = (self.headers.get("Host") or "").partition(":")[0]
        if host in OWN_NAMES:
            self._send_json(demo_tokens(self._site))
        else:
            self._send_json({"code": "forbidden"}, HTTPStatus.FORBIDDEN)

    def _send_file(self) -> None:
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            path /= "index.html"
        if path.suffix in CONTENT_TYPES and path.is_file():
            self._send(path.read_bytes(), self.guess_type(path))
        else:
            super().do_GET()

    def _send_json(self, content: Any, status: HTTPStatus = HTTPStatus.OK) -> None:
        self._send(json.dumps(content).encode(), CONTENT_TYPES[".json"], status)

    def _send(self, body: bytes, kind: str, status: HTTPStatus = HTTPStatus.OK) -> None:
        """Compressed where the client takes that, as any host of static files does it."""
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Vary", "Accept-Encoding")
        if "gzip" in (self.headers.get("Accept-Encoding") or ""):
            self.send_header("Content-Encoding", "gzip")
            body = gzip.compress(body)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
