"""What stands for API Gateway: a client's operations become events for the real handlers."""

import itertools
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import api
import authorizer
import connect
import sweep
import welcome

from scorecast.aws.dynamodb.items import key
from scorecast.protocol.limits import SWEEP_PERIOD_SECONDS
from tests.harness import tokens
from tests.harness.events import handshake_event, http_event, sqs_event
from tests.harness.moto_cloud import MotoCloud
from tests.harness.socket import Socket

type Json = dict[str, Any]
IP: Final = "192.0.2.1"
KICK_OFF: Final = "2026-06-11T13:00:00-06:00"
_numbers = itertools.count(1)


@dataclass
class FakeApi:
    cloud: MotoCloud

    def token(self, user_id: str, *, seconds: float = 3600, **claims: Any) -> str:
        now_ms = self.cloud.system.now_ms()
        return tokens.token(user_id, now_ms=now_ms, seconds=seconds, **claims)

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
        body: Json | None = None,
        *,
        user_id: str | None = None,
        anonymous: bool = False,
        status: int = 200,
        query: dict[str, str] | None = None,
        **headers: str,
    ) -> Json:
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
        body: Json | None,
        *,
        token: str | None,
        query: dict[str, str] | None = None,
        **headers: str,
    ) -> Json:
        event = http_event(method, path, body, token=token, query=query, ip=IP, **headers)
        return api.handler(event, self.cloud.context)

    def authorize(self, event: Json) -> tuple[int, dict[str, str]]:
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
        asked = query | ({"token": signed} if signed else {})
        made, now_ms = connection_id or f"c{next(_numbers)}", self.cloud.system.now_ms()
        event = handshake_event(made, asked, ip=ip, origin=origin, now_ms=now_ms)
        status, context = self.authorize(event)
        if status != 200:
            return Socket(self, made, status)
        event["requestContext"]["authorizer"] = context
        response = connect.handler(event, self.cloud.context)
        socket = Socket(self, made, response["statusCode"], response.get("body", ""), context)
        if socket.status != 200:
            socket.vanish()
        return socket

    def enter(self, user_id: str | None = "u1", **how: Any) -> Socket:
        """A handshake that must succeed, and its welcome."""
        socket = self.connect(user_id, **how)
        assert socket.status == 200, socket.body
        self.deliver_welcomes()
        return socket

    def deliver_welcomes(self) -> dict[str, Any]:
        event = sqs_event(self.cloud.messages("WELCOME_QUEUE_URL"))
        return welcome.handler(event, self.cloud.context)

    def sweep(self) -> None:
        """Every portion, as of now."""
        self.run_tasks(self.sweeps())

    def sweeps(self) -> list[Json]:
        at_ms = self.cloud.system.now_ms()
        return [{"task": "SweepPortion", "portion": 0, "of": 1, "at_ms": at_ms}]

    def run_tasks(self, tasks: Sequence[Json]) -> None:
        assert self.failed_tasks(tasks) == []

    def failed_tasks(self, tasks: Sequence[Json]) -> list[dict[str, str]]:
        """Run them; what SQS would deliver again."""
        done = sweep.handler(sqs_event(tasks), self.cloud.context)
        return list(done["batchItemFailures"])

    def run_queued_tasks(self) -> None:
        self.run_tasks(self.cloud.messages("SWEEP_QUEUE_URL"))

    def reconcile(self) -> None:
        """Compare the counters of all rooms once."""
        self.run_tasks([{"task": "PlanReconciliation"}])
        self.run_queued_tasks()

    def delete_connections(self) -> None:
        """Empty the table of connections; no client is notified."""
        table = self.cloud.connections_table
        for pk, sk in self.cloud.items(table):
            self.cloud.dynamodb.delete_item(TableName=table, Key=key(pk, sk))

    def pass_time(self, seconds: float) -> None:
        """Let so much time pass at least, swept as the schedule sweeps."""
        for _ in range(math.ceil(seconds / SWEEP_PERIOD_SECONDS)):
            self.wait(SWEEP_PERIOD_SECONDS)
            self.sweep()

    def wait(self, seconds: float) -> None:
        """Let time pass, and nothing else."""
        self.cloud.system.at_ms += seconds * 1_000
