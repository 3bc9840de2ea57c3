"""The score engine on virtual time: the handlers, queues between them, clients at both ends."""

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import api
import fanout
import flush
import message
import sweep

from scorecast.aws.dynamodb.connection_items import membership_pk
from scorecast.aws.dynamodb.items import from_item, to_item
from scorecast.aws.dynamodb.occupancy import room_pk
from scorecast.domain.connections.admission import Limits
from scorecast.domain.connections.identity import Identity
from scorecast.domain.rooms import Room
from scorecast.protocol.limits import SHARD_MEMBERS_MAX
from scorecast.protocol.states import State
from scorecast.runtime import settings
from scorecast.wiring import clients, tables
from tests import examples
from tests.harness import events, tokens
from tests.harness.calls import Calls, Crash, name_of
from tests.harness.connections_api import ConnectionsApi
from tests.harness.fakes import FakeContext
from tests.harness.queues import Queue
from tests.harness.stored import put_match
from tests.harness.timeline import Timeline
from tests.message_schemas import must_be_documented

Json = dict[str, Any]
Item = dict[str, Any]
Request = dict[str, Any]
Database = Callable[[Any, str, Request], Json]
Call = Callable[[], Json]

CONTEXT: Final = FakeContext()
OFFICIAL: Final = "official"
FUNCTIONS: Final = {"FLUSH": flush, "FANOUT": fanout, "SWEEP": sweep}
HOUR_S: Final = 3_600


@dataclass
class EngineHarness:
    environment: dict[str, str]
    timeline: Timeline
    gateway: ConnectionsApi
    calls: Calls
    database: Database
    scan: Callable[[str], list[Item]]
    queues: dict[str, Queue] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name, function in FUNCTIONS.items():
            is_fifo = name != "SWEEP"
            queue = Queue(name, self.timeline, self.invoker(function), is_fifo)
            self.queues[self.environment[f"{name}_QUEUE_URL"]] = queue

    @property
    def flush_queue(self) -> Queue:
        return self.queues[self.environment["FLUSH_QUEUE_URL"]]

    @property
    def fanout_queue(self) -> Queue:
        return self.queues[self.environment["FANOUT_QUEUE_URL"]]

    @property
    def sweep_queue(self) -> Queue:
        return self.queues[self.environment["SWEEP_QUEUE_URL"]]

    def call(self, client: Any, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        """What stands in place of botocore's one method through which every call goes."""
        if client.meta.service_model.service_name == "sqs":
            return self.calls.make(operation, lambda: self._queue(operation, request))
        name = name_of(operation, request)
        return self.calls.make(name, lambda: self.database(client, operation, request))

    def _queue(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        queue = self.queues[request["QueueUrl"]]
        if operation == "ChangeMessageVisibility":
            queue.make_visible_after(request["ReceiptHandle"], request["VisibilityTimeout"])
            return {}
        if operation == "DeleteMessage":
            queue.delete(request["ReceiptHandle"])
            return {}
        assert operation == "SendMessage", operation
        queue.send(request)
        return {"MessageId": "sent"}

    def invoker(self, function: Any) -> Callable[[Json], Json | None]:
        """A Lambda as its event source sees it: None is an invocation that died."""

        def invoke(event: Json) -> Json | None:
            try:
                response: Json = function.handler(event, CONTEXT)
            except Crash:
                return None
            return response

        return invoke

    # Clients

    def enter(self, connection_id: str, *, by: Identity | None = None) -> None:
        """A connection of its own user, in no room."""
        identity = by or Identity(user_id=f"user-{connection_id}")
        newcomer = examples.connection(
            connection_id,
            identity=identity,
            ip_hash=connection_id,
            connected_at_ms=self.timeline.now_ms(),
            last_seen_ms=self.timeline.now_ms(),
        )
        registry = tables.registry(settings.read(settings.MessageSettings, self.environment))
        registry.admit(newcomer, Limits(per_user=1_000, per_ip=1_000))

    def viewer(self, connection_id: str, *rooms: Room) -> str:
        """A connection in these rooms."""
        self.enter(connection_id)
        for room in rooms:
            answer = self.command("subscribe", by=connection_id, **_named(room))
            assert answer is not None and answer["type"] == "subscribed", answer
        return connection_id

    def command(self, kind: str, *, by: str = OFFICIAL, **fields: Any) -> Json | None:
        """Send a command; the reply, if the connection gets one."""
        event = self.message_event(kind, by=by, **fields)
        return answer_in(message.handler(event, CONTEXT))

    def message_event(
        self, kind: str, *, by: str = OFFICIAL, received_at_ms: int | None = None, **fields: Any
    ) -> Json:
        """A message as API Gateway hands it over."""
        now_ms = self.timeline.now_ms() if received_at_ms is None else received_at_ms
        user_id = str(examples.ADMIN.user_id) if by == OFFICIAL else f"user-{by}"
        authorizer = {"user_id": user_id, "ip_hash": by}
        body = json.dumps({"type": kind, **fields})
        return events.message_event(by, authorizer, body, now_ms=now_ms)

    def score(self, first: int, match_id: str = "m1", **fields: Any) -> Json:
        """Report a score; the answer."""
        answer = self.command(
            "score_update",
            match_id=match_id,
            participant1_score=first,
            participant2_score=0,
            **fields,
        )
        assert answer is not None
        return answer

    def order(self, kind: str, match_id: str = "m1", **fields: Any) -> Json:
        """A command that must be accepted; the data of the answer."""
        answer = self.command(kind, match_id=match_id, **fields)
        assert answer is not None and answer["type"] == "accepted", answer
        return dict(answer["data"])

    def http(self, method: str, path: str, body: Json) -> tuple[int, Json]:
        """A request of an admin's to the HTTP API; the status and the body of the answer."""
        response = api.handler(self.http_event(method, path, body), CONTEXT)
        return response["statusCode"], json.loads(response["body"])

    def http_event(self, method: str, path: str, body: Json) -> Json:
        token = tokens.token("ad", role="admin", now_ms=self.timeline.now_ms())
        return events.http_event(method, path, body, token=token)

    # Set-up

    def register(self, *match_ids: str) -> None:
        """Tournament t1 and live matches of it, their events published; no room has members."""
        self.enter(OFFICIAL, by=examples.ADMIN)
        matches = tables.matches(settings.read(settings.MessageSettings, self.environment))
        matches.put_tournament(examples.tournament())
        for match_id in match_ids:
            put_match(matches.table, examples.match(id=match_id, state=State.SCHEDULED))
            self.order("match_start", match_id)
        self.pass_ms(0)

    def pass_ms(self, pause_ms: float) -> None:
        """Let time pass, and everything happen that is due in it."""
        self.timeline.sleep_ms(pause_ms)

    def plan_minutes(self, minutes: int) -> None:
        """Have the schedule fire every minute, from now on."""
        plan = self.invoker(sweep)
        for minute in range(minutes):
            self.timeline.start(lambda: plan({"source": "aws.scheduler"}), delay_ms=minute * 60_000)

    def requeue(self) -> None:
        """What the schedule does every ten seconds, once."""
        body = json.dumps({"task": "RequeueStalled"})
        self.sweep_queue.send({"MessageBody": body})

    def fill(self, room: Room, connection_ids: Sequence[str]) -> None:
        """Write memberships straight into the table, as joins would have left them."""
        shards = -(-len(connection_ids) // SHARD_MEMBERS_MAX)
        expires_at = self.timeline.now_ms() // 1_000 + HOUR_S
        counter = {"members": len(connection_ids), "shards": shards, "joins": len(connection_ids)}
        marks = {"counts": "room", "expires_at": expires_at}
        self.put({"pk": room_pk(room.key), "sk": "R", **counter, **marks})
        for place, connection_id in enumerate(connection_ids):
            pk = membership_pk(room.key, place // SHARD_MEMBERS_MAX)
            self.put({"pk": pk, "sk": connection_id, "expires_at": expires_at})

    def put(self, item: Item) -> None:
        request = {"TableName": self.environment["CONNECTIONS_TABLE"], "Item": to_item(item)}
        self.database(clients.dynamodb(1), "PutItem", request)

    def delete(self, table: str, key: Json) -> None:
        self.database(clients.dynamodb(1), "DeleteItem", {"TableName": table, "Key": key})

    @contextmanager
    def disturbed(self, disturb: Callable[[Call, str, Request], Json]) -> Iterator[None]:
        """Have `disturb` make the database's calls. It gets the call, its operation and request."""
        undisturbed = self.database

        def database(client: Any, operation: str, request: Request) -> Json:
            return disturb(lambda: undisturbed(client, operation, request), operation, request)

        self.database = database
        try:
            yield
        finally:
            self.database = undisturbed

    # Observations

    def match_item(self, match_id: str = "m1") -> Item:
        return self.item("MATCHES_TABLE", f"M#{match_id}", "M")

    def item(self, table: str, pk: str, sk: str) -> Item:
        found = [item for item in self.items(table) if (item["pk"], item["sk"]) == (pk, sk)]
        return found[0] if found else {}

    def items(self, table: str) -> list[Item]:
        return [from_item(item) for item in self.scan(self.environment[table])]

    def events(self, connection_id: str) -> list[Json]:
        """The events of matches and tournaments that a connection received, as they came."""
        received = [one for text in self.gateway.messages(connection_id) for one in unpacked(text)]
        return [message for message in received if _is_event(message)]

    def numbers(self, connection_id: str) -> list[tuple[str, int]]:
        """Type and sequence number of the events that it received."""
        return [
            (message["type"], message["data"]["sequence"]) for message in self.events(connection_id)
        ]

    def scores(self, connection_id: str) -> list[int]:
        """The first participant's scores that it received."""
        return [
            message["data"]["participant1_score"]
            for message in self.events(connection_id)
            if message["type"] == "score_updated"
        ]


def answer_in(response: Json) -> Json | None:
    assert response["statusCode"] == 200, response
    if "body" not in response:
        return None
    must_be_documented(response["body"])
    return dict(json.loads(response["body"]))


def unpacked(message: Json) -> list[Json]:
    """The messages of a batch; any other message alone."""
    return message["data"]["messages"] if message["type"] == "batch" else [message]


def _is_event(message: Json) -> bool:
    return message["type"] not in ("viewers", "goodbye", "ping")


def _named(room: Room) -> dict[str, str]:
    return {f"{room.kind}_id": room.id}
