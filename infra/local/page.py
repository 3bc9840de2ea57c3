"""Serves the scoreboard page, and tells it where the stack is."""

import http.server
import json
import threading
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from typing import Any, Final
from uuid import uuid4

from infra.local.ports import HOST
from infra.local.seed import DEMO
from infra.local.site import ROOT, Site
from scorecast_client.stack import Stack, read_stack

PAGE: Final = ROOT / "clients" / "js" / "scoreboard"
VISITOR_MINUTES: Final = 24 * 60
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


def serve_page(site: Site, port: int) -> http.server.ThreadingHTTPServer:
    """Serve in a thread of its own, for as long as the process lives."""
    server = http.server.ThreadingHTTPServer((HOST, port), partial(_Page, site))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def configuration(site: Site) -> dict[str, Any] | None:
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
    }


def _visitor_token(stack: Stack) -> str:
    # A user each, so that many tabs and phones stay under the connections of one user.
    visitor = f"visitor-{uuid4().hex[:12]}"
    return stack.mint.token(visitor, now=datetime.now(UTC), minutes=VISITOR_MINUTES)


class _Page(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = CONTENT_TYPES

    def __init__(self, site: Site, *args: Any) -> None:
        self._site = site
        super().__init__(*args, directory=str(PAGE))

    def do_GET(self) -> None:
        if self.path.partition("?")[0] == "/config.json":
            self._send_configuration()
        else:
            super().do_GET()

    def end_headers(self) -> None:
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the log is the cloud's."""

    def _send_configuration(self) -> None:
        found = configuration(self._site)
        body = json.dumps(found or {"code": "not_ready"}).encode()
        self.send_response(HTTPStatus.OK if found else HTTPStatus.SERVICE_UNAVAILABLE)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
