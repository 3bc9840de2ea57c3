"""A service of one tournament in this process: real sockets, no AWS, no waiting.

It coalesces by count, not by time: every second score of a match is sent, and the last one
before the match completes. So what is merged is known beforehand.
"""

import asyncio
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self

import jwt
from websockets.asyncio.server import Server, ServerConnection, broadcast, serve
from websockets.http11 import Request, Response

from scorecast_client.stack import Stack
from scorecast_client.tokens import TokenSigner

SECRET = "a secret for tests, of 32 bytes or more"
Json = dict[str, Any]


class FakeScorecast:
    def __init__(self) -> None:
        self.tournaments: dict[str, Json] = {}
        self.matches: dict[str, Json] = {}
        self.commands: list[tuple[str, Json]] = []
        self.refuse_next: list[Json] = []
        """Errors that the next commands are answered with, whatever they ask."""
        self.undelivered: set[str] = set()
        """Matches whose scores reach no spectator."""
        self.goodbye: Json | None = None
        """A goodbye for the spectators, whose sockets are then closed."""
        self.commands_before_goodbye = 1
        self.has_a_spectator = asyncio.Event()
        self.one_at_a_time = threading.Lock()
        self.requests: list[tuple[str, str, Json, Json | None]] = []
        """Those over HTTP: method, path, headers in lower case, body."""
        self.answer_next: list[tuple[int, Json]] = []
        """Status and headers that the next HTTP requests are answered with, without a body."""
        self.problems: dict[str, Json] = {}
        """By path, what the HTTP API answers instead, with its status."""
        self.refuse_handshakes: int | None = None
        """The status that every socket is refused with."""
        self.clock_ahead_seconds = 0.0
        """How far the clock of the HTTP API is ahead of this machine's."""
        self._merged: dict[str, int] = {}
        self._spectators: set[ServerConnection] = set()

    async def __aenter__(self) -> Self:
        self.loop = asyncio.get_running_loop()
        self._sockets: Server = await serve(
            self._converse, "127.0.0.1", 0, process_request=self._admit
        )
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _http_handler(self))
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.01,))
        self._thread.start()
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._sockets.close()
        await self._sockets.wait_closed()
        await asyncio.to_thread(self._http.shutdown)
        self._thread.join()
        self._http.server_close()

    @property
    def description(self) -> Json:
        """As `.local/stack.json` describes a stack."""
        socket_port = next(iter(self._sockets.sockets)).getsockname()[1]
        return {
            "ws_url": f"ws://127.0.0.1:{socket_port}/local",
            "http_url": f"http://127.0.0.1:{self._http.server_port}/base",
            "jwt": {"algorithm": "HS256", "secret": SECRET, "issuer": None, "audience": None},
            "tokens": {
                role: {"token": jwt.encode({"sub": role}, SECRET), "user_id": role}
                for role in ("admin", "spectator")
            },
        }

    @property
    def stack(self) -> Stack:
        described = self.description
        tokens = {role: held["token"] for role, held in described["tokens"].items()}
        return Stack(described["ws_url"], described["http_url"], TokenSigner(SECRET), tokens)

    def snapshot(self, tournament_id: str) -> Json:
        matches = list(self.matches.values())
        return {**self.tournaments[tournament_id], "sequence": 0, "matches": matches}

    def _admit(self, socket: ServerConnection, request: Request) -> Response | None:
        if self.refuse_handshakes is not None:
            return socket.respond(self.refuse_handshakes, "")
        return None if _token(request) else socket.respond(401, "")

    async def _converse(self, socket: ServerConnection) -> None:
        request = socket.request
        assert request is not None
        user = jwt.decode(_token(request) or "", SECRET, algorithms=["HS256"])["sub"]
        welcome: Json = {"connection_id": socket.id.hex, "user_id": user, "viewers": 1}
        kind, _, room = request.path.partition("?")[2].partition("=")
        if room:
            of_tournament = kind == "tournament_id"
            welcome["snapshot"] = self.snapshot(room) if of_tournament else self.matches[room]
            self._spectators.add(socket)
            self.has_a_spectator.set()
        await _send(socket, {"type": "connection_established", "data": welcome})
        await self._send_goodbye()
        async for text in socket:
            message = json.loads(text)
            self.commands.append((user, message))
            await _send(socket, {**self._execute(message), "id": message["id"]})
            await self._send_goodbye()

    def _execute(self, message: Json) -> Json:
        if self.refuse_next:
            return {"type": "error", **self.refuse_next.pop(0)}
        match = self.matches[message["match_id"]]
        match["revision"] += 1
        getattr(self, f"_{message['type']}")(match, message)
        answer = {"match_id": match["match_id"], "revision": match["revision"]}
        return {"type": "accepted", "data": answer}

    def now_ms(self) -> int:
        """By the clock of the service."""
        return int((time.time() + self.clock_ahead_seconds) * 1_000)

    def _match_start(self, match: Json, message: Json) -> None:
        match["state"] = "live"
        self._publish("match_started", match)

    def _score_update(self, match: Json, message: Json) -> None:
        named = ("participant1_score", "participant2_score", "details")
        match.update({name: message[name] for name in named}, updated_at=self.now_ms())
        identity = match["match_id"]
        self._merged[identity] = self._merged.get(identity, 0) + 1
        if self._merged[identity] == 2:
            self._flush(match)

    def _match_complete(self, match: Json, message: Json) -> None:
        self._flush(match)
        match["state"] = "completed"
        match.update(winner_id=message["winner_id"], details=message["details"])
        fields = {name: match[name] for name in ("winner_id", "details")}
        self._publish("match_completed", match, **fields)

    def flush(self, match: Json) -> None:
        """Publish one score by itself."""
        self._merged[match["match_id"]] = 1
        self._flush(match)

    def _flush(self, match: Json) -> None:
        merged = self._merged.pop(match["match_id"], 0)
        if not merged or match["match_id"] in self.undelivered:
            return
        named = ("participant1_score", "participant2_score", "details", "revision", "updated_at")
        fields = {name: match[name] for name in named}
        self._publish("score_updated", match, merged=merged, **fields)

    def _publish(self, kind: str, match: Json, **fields: Any) -> None:
        match["sequence"] += 1
        named = ("match_id", "tournament_id", "sequence")
        data = {**{name: match[name] for name in named}, **fields}
        broadcast(self._spectators, json.dumps({"type": kind, "data": data}))

    async def _send_goodbye(self) -> None:
        if self.goodbye is None or len(self.commands) < self.commands_before_goodbye:
            return
        for socket in self._spectators:
            await _send(socket, self.goodbye)
            await socket.close()
        self.goodbye = None


def _http_handler(fake: FakeScorecast) -> type[BaseHTTPRequestHandler]:
    class Http(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self._received()
            if self._answered_otherwise():
                return
            _, _, kind, identity, *rest = self.path.split("/")
            if rest == ["score"]:
                return self._publish(fake.matches[identity], body)
            kept = fake.tournaments if kind == "tournaments" else fake.matches
            named = "tournament_id" if kind == "tournaments" else "match_id"
            new: Json = {"state": "scheduled", "sequence": 0, "revision": 0}
            kept.setdefault(identity, {**new, **body, named: identity})
            self._answer(200, kept[identity])

        def do_POST(self) -> None:
            body = self._received()
            if not self._answered_otherwise():
                self._answer(200, {"path": self.path, **body})

        def do_DELETE(self) -> None:
            self._received()
            if not self._answered_otherwise():
                self._answer(200, {"disconnected": 1})

        def do_GET(self) -> None:
            self._received()
            if self._answered_otherwise():
                return None
            _, _, kind, identity = self.path.split("/")
            if kind == "rooms":
                return self._answer(200, {"room": "match", "viewers": 1, "capacity": 2})
            if kind == "tournaments" and identity in fake.tournaments:
                return self._answer(200, fake.snapshot(identity))
            if kind == "matches" and identity in fake.matches:
                return self._answer(200, fake.matches[identity])
            problem = {"status": 404, "code": "not_found", "detail": f"No {identity} here."}
            return self._answer(404, problem)

        def _received(self) -> Json:
            content = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            body = dict(json.loads(content)) if content else None
            fake.requests.append((self.command, self.path, headers, body))
            return body or {}

        def date_time_string(self, timestamp: float | None = None) -> str:
            return super().date_time_string(fake.now_ms() / 1_000)

        def _answered_otherwise(self) -> bool:
            if problem := fake.problems.get(self.path):
                self._answer(problem["status"], problem)
                return True
            if not fake.answer_next:
                return False
            status, headers = fake.answer_next.pop(0)
            if status == 0:  # the connection breaks
                self.close_connection = True
                return True
            self.send_response(status)
            for name, value in {"Content-Length": "0", **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            return True

        def _publish(self, match: Json, body: Json) -> None:
            """A reported score, published to the spectators before its answer, or not at all."""
            with fake.one_at_a_time:
                match.update(body, revision=match["revision"] + 1, details=body.get("details"))
                match["updated_at"] = fake.now_ms()
                fake.loop.call_soon_threadsafe(fake.flush, match)
                answer = {"match_id": match["match_id"], "revision": match["revision"]}
            self._answer(200, answer)

        def _answer(self, status: int, body: Json) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:
            """Keep the tests' output clean."""

    return Http


def _token(request: Request) -> str | None:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" else None


async def _send(socket: ServerConnection, message: Json) -> None:
    await socket.send(json.dumps(message))
