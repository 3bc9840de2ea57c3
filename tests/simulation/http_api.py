"""The HTTP API of a run: requests with tokens, and what the answers contain."""

import json
from collections.abc import Callable
from functools import cache
from typing import Any, Final

import jwt

from scorecast.domain.connections.identity import Identity
from tests.simulation.client import Client, Message
from tests.simulation.scheduler import Invocation, Scheduler, Violation

SECRET: Final = "the simulated secret has more than 32 bytes"
TIMEOUT_US: Final = 10_000_000
FAR_FUTURE_S: Final = 4_000_000_000

type Start = Callable[[str, str, dict[str, Any], int, Callable[[Invocation], None]], None]
type OnAnswer = Callable[[int, Message], None]
"""Receives the status and the body of an answer."""


@cache
def token(identity: Identity) -> str:
    """A good token of this holder, which expires when the identity does."""
    expires_at_ms = identity.expires_at_ms
    claims: dict[str, Any] = {
        "sub": identity.user_id,
        "exp": FAR_FUTURE_S if expires_at_ms is None else expires_at_ms // 1_000,
    }
    if identity.role is not None:
        claims["role"] = identity.role
    return jwt.encode(claims, SECRET, algorithm="HS256")


class HttpApi:
    def __init__(self, scheduler: Scheduler, start: Start) -> None:
        self._scheduler = scheduler
        self._start = start
        self._requests = 0
        self.failures: list[str] = []
        """Answers of 500 and more, with the request that got them."""

    def ask(
        self,
        by: Identity,
        method: str,
        path: str,
        body: Message | None = None,
        *,
        key: str | None = None,
        on_answer: OnAnswer = lambda status, body: None,
    ) -> None:
        """One request; an invocation that dies gets no response."""
        self._requests += 1
        event = self._event(by, method, path, body, key)

        def ended(invocation: Invocation) -> None:
            if invocation.error is not None:
                return
            status, text = invocation.result["statusCode"], invocation.result["body"]
            self._scheduler.seen[f"http {status}"] += 1
            if status >= 500:
                self._check_failure(f"{method} {path}", text)
            on_answer(status, json.loads(text))

        self._start("api", f"{method} {path}", event, TIMEOUT_US, ended)

    def _check_failure(self, asked: str, text: str) -> None:
        self.failures.append(f"{asked}: {text}")
        if "correlation_id" not in text:
            self._scheduler.fail(f"I9: {asked} failed without a correlation id: {text}")

    def _event(
        self, by: Identity, method: str, path: str, body: Message | None, key: str | None
    ) -> dict[str, Any]:
        headers = {"authorization": f"Bearer {token(by)}"}
        if key is not None:
            headers["idempotency-key"] = key
        return {
            "version": "2.0",
            "rawPath": path,
            "rawQueryString": "",
            "headers": headers | {"content-type": "application/json"},
            "requestContext": {
                "http": {"method": method, "path": path, "sourceIp": "192.0.2.1"},
                "requestId": f"http-{self._requests}",
                "stage": "$default",
                "timeEpoch": self._scheduler.now_us // 1_000,
            },
            "body": None if body is None else json.dumps(body),
            "isBase64Encoded": False,
        }

    def put_score(self, by: Client, match_id: str, fields: Message, key: str | None) -> None:
        """Report a score, and note it as if `by` had sent it in a frame."""
        message_id = f"http-{self._requests + 1}"
        published: Message = {
            "id": message_id,
            "type": "score_update",
            "match_id": match_id,
            **fields,
        }
        if key is not None:
            published["update_id"] = key
        by.sent[message_id] = published, self._scheduler.now_us // 1_000

        def on_answer(status: int, body: Message) -> None:
            answer = {"type": "accepted", "data": body} if status == 200 else {"type": "error"}
            by.answers[message_id] = answer | ({} if status == 200 else {"code": body["code"]})

        path = f"/matches/{match_id}/score"
        self.ask(by.identity, "PUT", path, fields, key=key, on_answer=on_answer)

    def check(self) -> None:
        """Without faults nothing ends as our fault."""
        if self.failures:
            raise Violation(f"I9: {self.failures[0]}")
