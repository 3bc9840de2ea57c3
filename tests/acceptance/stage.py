"""What stands for API Gateway: a client's deeds become events for the real handlers."""

import itertools
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import api
import authorizer
import connect
import disconnect
import jwt
import message
import sweep
import welcome

from scorecast.aws.dynamodb.table import key
from scorecast.protocol.limits import SWEEP_PERIOD_SECONDS, SWEEP_SHARDS
from tests import examples
from tests.examples import SECRET
from tests.integration.cloud import Cloud
from tests.message_schemas import must_be_documented

Frame = dict[str, Any]
IP: Final = "192.0.2.1"
KICK_OFF: Final = "2026-06-11T13:00:00-06:00"
ISSUER: Final = "https://issuer.test"
_numbers = itertools.count(1)


@dataclass
class Socket:
    """One client's connection, or its refusal: `status` is what the handshake ended with."""

    stage: "Stage"
    id: str
    status: int
    body: str = ""
    authorizer: dict[str, str] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        return self.status == 200 and self.id not in self.stage.cloud.api.closed

    @property
    def has_not_left(self) -> bool:
        """Whether, as far as its client knows, it is open."""
        return self.status == 200 and self.stage.cloud.api.statuses.get(self.id) != 410

    @property
    def frames(self) -> list[Frame]:
        """What was posted to it, answers to its own frames aside."""
        return self.stage.cloud.api.frames(self.id)

    @property
    def types(self) -> list[str]:
        return [message["type"] for message in self.frames]

    @property
    def disconnector(self) -> list[tuple[int, str]]:
        """Code and reason of its last words."""
        return [(f["code"], f["reason"]) for f in self.frames if f["type"] == "goodbye"]

    def say_text(self, text: str) -> Frame | None:
        """Send a frame; the answer, if there is one."""
        answered = self.answered(text)
        return json.loads(answered["body"]) if "body" in answered else None

    def answered(self, text: str) -> dict[str, Any]:
        """Send a frame; the whole of the route's response."""
        event = examples.event("message")
        event["requestContext"] |= self._context() | {
            "requestId": f"request-{next(_numbers)}",
            "requestTimeEpoch": self.stage.cloud.system.now_ms(),
        }
        response = message.handler(event | {"body": text}, self.stage.cloud.context)
        if "body" in response:
            must_be_documented(response["body"])
        return response

    def disconnect(self, kind: str, **fields: Any) -> Frame | None:
        return self.say_text(json.dumps({"type": kind, **fields}))

    def ask(self, kind: str, **fields: Any) -> Frame:
        """Send a frame that has an answer."""
        answer = self.disconnect(kind, **fields)
        assert answer is not None
        return answer

    def vanish(self) -> None:
        """Go without a word: there is no `$disconnect`."""
        self.stage.cloud.api.statuses[self.id] = 410

    def close(self) -> int:
        """Go; the status of `$disconnect`, which may come more than once."""
        self.vanish()
        event = examples.event("disconnect")
        event["requestContext"] |= self._context()
        return int(disconnect.handler(event, self.stage.cloud.context)["statusCode"])

    def row(self) -> dict[str, Any]:
        table = self.stage.cloud.connections_table
        return self.stage.cloud.rows(table, f"C#{self.id}")[f"C#{self.id}", "C"]

    def _context(self) -> dict[str, Any]:
        return {"connectionId": self.id, "authorizer": self.authorizer}


@dataclass
class Stage:
    cloud: Cloud

    def token(self, user_id: str, *, seconds: float = 3600, **claims: Any) -> str:
        now_s = self.cloud.system.now_ms() // 1_000
        known = {"sub": user_id, "iss": ISSUER, "aud": "scorecast", "exp": now_s + seconds}
        return jwt.encode(known | claims, SECRET, algorithm="HS256")

    def register(self, *match_ids: str) -> None:
        """Matches of a tournament, by an admin through the HTTP API."""
        self.http("PUT", "/tournaments/t1", {"name": "A cup", "organizers": []})
        participants = [{"id": "p1", "name": "Mexico"}, {"id": "p2", "name": "Peru"}]
        match = {"tournament_id": "t1", "participants": participants, "scheduled_at": KICK_OFF}
        for match_id in match_ids:
            self.http("PUT", f"/matches/{match_id}", match)

    def now_s(self) -> int:
        return self.cloud.system.now_ms() // 1_000

    def http(
        self,
        method: str,
        path: str,
        body: Frame | None = None,
        *,
        user_id: str | None = None,
        anonymous: bool = False,
        status: int = 200,
        query: dict[str, str] | None = None,
        **headers: str,
    ) -> Frame:
        """A request that must have this status: a user's, without one an admin's; its answer."""
        token = self.token("admin", role="admin") if user_id is None else self.token(user_id)
        sent = None if anonymous else token
        response = self.http_response(method, path, body, token=sent, query=query, **headers)
        assert response["statusCode"] == status, response
        return dict(json.loads(response["body"] or "{}"))

    def http_status(self, method: str, path: str, *, token: str) -> int:
        return int(self.http_response(method, path, None, token=token)["statusCode"])

    def ticket(self, token: str) -> str:
        response = self.http_response("POST", "/tickets", None, token=token)
        return str(json.loads(response["body"])["ticket"])

    def http_response(
        self,
        method: str,
        path: str,
        body: Frame | None,
        *,
        token: str | None,
        query: dict[str, str] | None = None,
        **headers: str,
    ) -> Frame:
        event = examples.event("http") | {"rawPath": path, "body": json.dumps(body)}
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        event["headers"] |= named | ({} if token is None else {"authorization": f"Bearer {token}"})
        event["queryStringParameters"] = query
        event["requestContext"]["http"] |= {"method": method, "path": path, "sourceIp": IP}
        return api.handler(event, self.cloud.context)

    def authorize(self, event: Frame) -> tuple[int, dict[str, str]]:
        """The status that the authorizer's answer has for the client, and its context."""
        try:
            policy = authorizer.handler(event, self.cloud.context)
        except authorizer.Unauthorized:
            return 401, {}
        effects = {each["Effect"] for each in policy["policyDocument"]["Statement"]}
        # API Gateway hands every value on as a string.
        context = {name: str(value) for name, value in policy["context"].items()}
        return (200 if effects == {"Allow"} else 403), context

    def connect(
        self,
        user_id: str | None = "u1",
        *,
        ip: str = IP,
        token: str | None = None,
        origin: str | None = None,
        connection_id: str | None = None,
        **query: str,
    ) -> Socket:
        """One handshake through both handlers. A `user_id` of None sends no token."""
        signed = token or (self.token(user_id) if user_id is not None else None)
        event = self._event(ip, origin, query | ({"token": signed} if signed else {}))
        made = connection_id or f"c{next(_numbers)}"
        event["requestContext"]["connectionId"] = made
        status, context = self.authorize(event)
        if status != 200:
            return Socket(self, made, status)
        event["requestContext"]["authorizer"] = context
        response = connect.handler(event, self.cloud.context)
        socket = Socket(
            self, made, response["statusCode"], response.get("body", ""), authorizer=context
        )
        if socket.status != 200:
            socket.vanish()
        return socket

    def enter(self, user_id: str | None = "u1", **how: Any) -> Socket:
        """A handshake that must succeed, and its welcome."""
        socket = self.connect(user_id, **how)
        assert socket.status == 200, socket.body
        self.send()
        return socket

    def _event(self, ip: str, origin: str | None, query: dict[str, str]) -> Frame:
        event = examples.event("authorizer")
        event["queryStringParameters"] = query or None
        event["headers"] = {"Host": "example"} | ({"Origin": origin} if origin else {})
        event["requestContext"] |= {"connectedAt": self.cloud.system.now_ms()}
        event["requestContext"]["identity"] = {"sourceIp": ip}
        return event

    def send(self) -> dict[str, Any]:
        """Deliver the queued welcomes."""
        records = _records(self.cloud.messages("WELCOME_QUEUE_URL"))
        return welcome.handler({"Records": records}, self.cloud.context)

    def sweep(self) -> None:
        """Every shard, as of now."""
        self.do(self.sweeps())

    def sweeps(self) -> list[Frame]:
        at_ms = self.cloud.system.now_ms()
        return [
            {"task": "SweepShard", "shard": str(shard), "at_ms": at_ms}
            for shard in range(SWEEP_SHARDS)
        ]

    def do(self, maintenance: Sequence[Frame]) -> None:
        assert self.try_to_do(maintenance) == []

    def try_to_do(self, maintenance: Sequence[Frame]) -> list[dict[str, str]]:
        """What SQS would deliver again."""
        done = sweep.handler({"Records": _records(maintenance)}, self.cloud.context)
        return list(done["batchItemFailures"])

    def run_queued_tasks(self) -> None:
        self.do(self.cloud.messages("SWEEP_QUEUE_URL"))

    def reconcile(self) -> None:
        """Compare all counters once."""
        kinds = ("room", "user", "ip")
        self.do([{"task": "PlanReconciliation", "counts": counts} for counts in kinds])
        self.run_queued_tasks()

    def forget_everyone(self) -> None:
        """Empty the table of connections, without a word to anyone."""
        table = self.cloud.connections_table
        for pk, sk in self.cloud.rows(table):
            self.cloud.dynamodb.delete_item(TableName=table, Key=key(pk, sk))

    def pass_time(self, seconds: float) -> None:
        """Let time go by, swept as the schedule sweeps."""
        for _ in range(round(seconds / SWEEP_PERIOD_SECONDS)):
            self.wait(SWEEP_PERIOD_SECONDS)
            self.sweep()

    def wait(self, seconds: float) -> None:
        """Let time go by, and nothing else."""
        self.cloud.system.at_ms += seconds * 1_000


def _records(bodies: Sequence[Frame]) -> list[dict[str, Any]]:
    return [
        {"messageId": f"record-{next(_numbers)}", "body": json.dumps(body), "attributes": {}}
        for body in bodies
    ]
