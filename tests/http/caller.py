"""Sends requests to the handler itself and keeps what it answers."""

import json
from dataclasses import dataclass, field
from typing import Any

import api

from tests.harness.fakes import FakeContext
from tests.http.server import http_event

type Json = dict[str, Any]


@dataclass(frozen=True)
class Reply:
    status: int
    headers: dict[str, str]
    body: str

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    def problem(self) -> tuple[int, str]:
        """The status and the code of a problem, which has all that a problem must have."""
        assert self.headers["content-type"] == "application/problem+json", self.body
        assert self.headers["cache-control"] == "no-store"
        published = self.json
        assert (published["type"], published["status"]) == ("about:blank", self.status)
        assert published["title"] and published["detail"]
        assert len(self.body.encode()) <= 512
        return self.status, published["code"]


@dataclass
class Caller:
    """`token` goes with every request, unless it is None."""

    token: str | None
    numbers: int = field(default=0)

    def __call__(self, method: str, target: str, body: Any = b"", **headers: str) -> Reply:
        """Bytes are sent as they are, anything else as JSON; `_` in a header's name is `-`."""
        sent = body if isinstance(body, bytes) else json.dumps(body).encode()
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if sent:
            named.setdefault("content-type", "application/json")
        if self.token is not None:
            named.setdefault("authorization", f"Bearer {self.token}")
        self.numbers += 1
        return self.send(http_event(method, target, named, sent, number=self.numbers))

    def send(self, event: Json) -> Reply:
        answer = api.handler(event, FakeContext())
        headers = {name.lower(): value for name, value in answer["headers"].items()}
        assert len(headers) == len(answer["headers"])
        return Reply(answer["statusCode"], headers, answer["body"])
