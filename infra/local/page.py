"""Serves the scoreboard page, and the configuration with the stack's addresses."""

import gzip
import http.server
import json
import re
import threading
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from http import HTTPStatus
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit
from uuid import uuid4

from infra import template
from infra.local import stack_file
from infra.local.build import BUNDLE
from infra.local.paths import ROOT, StackPaths
from infra.local.ports import HOST
from infra.local.seed import DEMO
from scorecast_client.stack import stack_from

PAGE: Final = ROOT / "clients" / "js" / "scoreboard" / "dist"
CLIENT_MODULE: Final = re.compile(r"/client/([a-z.-]+\.js)")
VISITOR_MINUTES: Final = 24 * 60
HOSTED_SOCKET: Final = "wss://${SocketHost}"
LOCAL_CLOUD: Final = "http://127.0.0.1:* ws://127.0.0.1:* http://localhost:* ws://localhost:*"
"""On the local cloud the HTTP API has another origin than the page, and either any port."""
OWN_NAMES: Final = frozenset({HOST, "localhost"})
CONTENT_TYPES: Final = {
    **http.server.SimpleHTTPRequestHandler.extensions_map,
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webmanifest": "application/manifest+json",
}


def serve_page(paths: StackPaths, port: int) -> http.server.ThreadingHTTPServer:
    """Serve in a thread of its own, for as long as the process lives."""
    page = partial(_Page, paths, page_headers())
    server = http.server.ThreadingHTTPServer((HOST, port), page)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def configuration(paths: StackPaths) -> dict[str, Any] | None:
    """What the page requests first; None while the stack is not ready."""
    description = stack_file.read(paths)
    if description is None:
        return None
    configured = {
        "ws_url": description["ws_url"],
        "http_url": description["http_url"],
        "tournament_id": paths.shown.read_text() if paths.shown.exists() else DEMO.tournament_id,
        "tokens_url": "tokens.json",
    }
    is_anonymous = description["allows_anonymous"]
    return configured if is_anonymous else configured | {"token": _visitors_token(description)}


def _visitors_token(description: dict[str, Any]) -> str:
    """Each visitor is a user, so that many tabs stay within the connections of one user."""
    visitor = f"visitor-{uuid4().hex[:12]}"
    signer = stack_from(description).signer
    return signer.token(visitor, now=datetime.now(UTC), minutes=VISITOR_MINUTES)


def page_headers() -> dict[str, str]:
    """The headers that CloudFront adds to the hosted page, for one that connects to this machine.

    Without Strict-Transport-Security, which browsers ignore over http.
    """
    policy = template.nested("Page")["Resources"]["PageHeaders"]["Properties"]
    config = policy["ResponseHeadersPolicyConfig"]
    secured, custom = config["SecurityHeadersConfig"], config["CustomHeadersConfig"]["Items"]
    content = secured["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
    return {
        "Content-Security-Policy": content.replace(HOSTED_SOCKET, LOCAL_CLOUD),
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": secured["FrameOptions"]["FrameOption"],
        "Referrer-Policy": secured["ReferrerPolicy"]["ReferrerPolicy"],
        **{each["Header"]: each["Value"] for each in custom},
    }


def demo_tokens(paths: StackPaths) -> list[dict[str, str | None]]:
    """What the official's page offers to sign in with."""
    tokens = (stack_file.read(paths) or {}).get("tokens", {})
    return [
        {"role": role, "token": held["token"], "tournament_id": held.get("tournament_id")}
        for role, held in tokens.items()
        if role != "spectator"
    ]


class _Page(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    extensions_map = CONTENT_TYPES

    def __init__(self, paths: StackPaths, headers: Mapping[str, str], *args: Any) -> None:
        self._paths = paths
        self._added = {**headers, "Cache-Control": "no-cache"}
        super().__init__(*args, directory=str(PAGE))

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        if not self._is_for_this_machine():
            self._send_json({"code": "forbidden"}, HTTPStatus.FORBIDDEN)
        elif address.path == "/config.json":
            found = configuration(self._paths)
            status = HTTPStatus.OK if found else HTTPStatus.SERVICE_UNAVAILABLE
            self._send_json(found or {"code": "not_ready"}, status)
        elif address.path == "/tokens.json":
            self._send_json(demo_tokens(self._paths))
        else:
            self._send_file()

    def translate_path(self, path: str) -> str:
        """The client is built beside the page, and is served as if it were in it."""
        if module := CLIENT_MODULE.fullmatch(urlsplit(path).path):
            return str(BUNDLE.with_name(module[1]))
        return super().translate_path(path)

    def end_headers(self) -> None:
        for name, value in self._added.items():
            self.send_header(name, value)
        super().end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the log is the cloud's."""

    def _is_for_this_machine(self) -> bool:
        """False if another name has been made to lead here (DNS rebinding)."""
        return (self.headers.get("Host") or "").partition(":")[0] in OWN_NAMES

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
        """Compressed where the client accepts it, and once, as any host of static files does."""
        tag = f'"{zlib.crc32(body):x}"'
        if self.headers.get("If-None-Match") == tag:
            self.send_response(HTTPStatus.NOT_MODIFIED)
            self.end_headers()
            return
        self.send_response(status)
        self.send_header("ETag", tag)
        self.send_header("Content-Type", kind)
        self.send_header("Vary", "Accept-Encoding")
        if "gzip" in (self.headers.get("Accept-Encoding") or ""):
            self.send_header("Content-Encoding", "gzip")
            body = gzip.compress(body)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
