"""The score engine put together: the real handlers, queues between them, people at both ends."""

import itertools
import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import api
import fanout
import flush
import jwt
import message
import sweep

from scorecast import wiring
from scorecast.aws.dynamodb.connection_items import membership_pk
from scorecast.aws.dynamodb.occupancy import room_pk
from scorecast.aws.dynamodb.table import from_item, to_item
from scorecast.domain.connections.admission import Limits
from scorecast.domain.connections.identity import Identity
from scorecast.domain.rooms import Room
from scorecast.protocol.limits import SHARD_MEMBERS_MAX
from scorecast.protocol.states import State
from scorecast.runtime import settings
from tests import examples
from tests.engine.calls import Calls, Crash, name_of
from tests.engine.queues import Queue
from tests.engine.timeline import Timeline
from tests.examples import SECRET
from tests.fakes import FakeContext
from tests.integration.connections_api import ConnectionsApi
from tests.message_schemas import must_be_documented

Frame = dict[str, Any]
Row = dict[str, Any]
Request = dict[str, Any]
Database = Callable[[Any, str, Request], Frame]
Call = Callable[[], Frame]

CONTEXT: Final = FakeContext()
OFFICIAL: Final = "official"
FUNCTIONS: Final = {"FLUSH": flush, "FANOUT": fanout, "SWEEP": sweep}
HOUR_S: Final = 3_600


@dataclass
class Engine:
    environment: dict[str, str]
    timeline: Timeline
    gateway: ConnectionsApi
    calls: Calls
    database: Database
    scan: Callable[[str], list[Row]]
    queues: dict[str, Queue] = field(default_factory=dict)
    _numbers: "itertools.count[int]" = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        for name, function in FUNCTIONS.items():
            is_fifo = name != "SWEEP"
            queue = Queue(name, self.timeline, self.invoker(function), is_fifo)
            self.queues[self.environment[f"{name}_QUEUE_URL"]] = queue

    @property
    def ticks(self) -> Queue:
        return self.queues[self.environment["FLUSH_QUEUE_URL"]]

    @property
    def parcels(self) -> Queue:
        return self.queues[self.environment["FANOUT_QUEUE_URL"]]

    @property
    def maintenance(self) -> Queue:
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

    def invoker(self, function: Any) -> Callable[[Frame], Frame | None]:
        """A Lambda as its event source sees it: None is an invocation that died."""

        def invoke(event: Frame) -> Frame | None:
            try:
                response: Frame = function.handler(event, CONTEXT)
            except Crash:
                return None
            return response

        return invoke

    # People

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
        registry = wiring.registry(settings.read(settings.MessageSettings, self.environment))
        registry.admit(newcomer, Limits(per_user=1_000, per_ip=1_000))

    def viewer(self, connection_id: str, *rooms: Room) -> str:
        """A connection in these rooms."""
        self.enter(connection_id)
        for room in rooms:
            answer = self.disconnect("subscribe", by=connection_id, **_named(room))
            assert answer is not None and answer["type"] == "subscribed", answer
        return connection_id

    def disconnect(self, kind: str, *, by: str = OFFICIAL, **fields: Any) -> Frame | None:
        """Send a frame; the answer, if the connection gets one."""
        event = self.frame_event(kind, by=by, **fields)
        return answer_in(message.handler(event, CONTEXT))

    def frame_event(
        self, kind: str, *, by: str = OFFICIAL, received_at_ms: int | None = None, **fields: Any
    ) -> Frame:
        """A frame as API Gateway hands it over; handed over again it is the very same frame."""
        event = examples.event("message")
        now_ms = self.timeline.now_ms() if received_at_ms is None else received_at_ms
        user_id = examples.ADMIN.user_id if by == OFFICIAL else f"user-{by}"
        event["requestContext"] |= {
            "connectionId": by,
            "requestId": f"request-{next(self._numbers)}",
            "requestTimeEpoch": now_ms,
            "authorizer": {"user_id": user_id, "ip_hash": by},
        }
        return event | {"body": json.dumps({"type": kind, **fields})}

    def score(self, first: int, match_id: str = "m1", **fields: Any) -> Frame:
        """Report a score; the answer."""
        answer = self.disconnect(
            "score_update",
            match_id=match_id,
            participant1_score=first,
            participant2_score=0,
            **fields,
        )
        assert answer is not None
        return answer

    def order(self, kind: str, match_id: str = "m1", **fields: Any) -> Frame:
        """A command that must be accepted; the data of the answer."""
        answer = self.disconnect(kind, match_id=match_id, **fields)
        assert answer is not None and answer["type"] == "accepted", answer
        return dict(answer["data"])

    def http(self, method: str, path: str, body: Frame) -> tuple[int, Frame]:
        """A request of an admin's to the HTTP API; the status and the body of the answer."""
        response = api.handler(self.http_event(method, path, body), CONTEXT)
        return response["statusCode"], json.loads(response["body"])

    def http_event(self, method: str, path: str, body: Frame) -> Frame:
        now_s = self.timeline.now_ms() // 1_000
        claims = {"sub": "ad", "role": "admin", "exp": now_s + HOUR_S}
        known = {"iss": "https://issuer.test", "aud": "scorecast"}
        token = jwt.encode(claims | known, SECRET, algorithm="HS256")
        event = examples.event("http") | {"rawPath": path, "body": json.dumps(body)}
        event["headers"] |= {"authorization": f"Bearer {token}"}
        event["requestContext"]["http"] |= {"method": method, "path": path}
        return event

    # The scene

    def register(self, *match_ids: str) -> None:
        """Tournament t1 and live matches of it, told; nobody listens yet."""
        self.enter(OFFICIAL, by=examples.ADMIN)
        matches = wiring.matches(settings.read(settings.MessageSettings, self.environment))
        matches.put_tournament(examples.tournament())
        for match_id in match_ids:
            matches.put_match(examples.match(id=match_id, state=State.SCHEDULED))
            self.order("match_start", match_id)
        self.pass_ms(0)

    def pass_ms(self, pause_ms: float) -> None:
        """Let time go by, and everything happen that is due in it."""
        self.timeline.sleep_ms(pause_ms)

    def plan_minutes(self, minutes: int) -> None:
        """Have the schedule fire every minute, from now on."""
        plan = self.invoker(sweep)
        for minute in range(minutes):
            self.timeline.start(lambda: plan({"source": "aws.scheduler"}), delay_ms=minute * 60_000)

    def requeue(self) -> None:
        """What the schedule's `Rescue` does every ten seconds, once."""
        body = json.dumps({"task": "RequeueStalled"})
        self.maintenance.send({"MessageBody": body})

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

    def put(self, row: Row) -> None:
        request = {"TableName": self.environment["CONNECTIONS_TABLE"], "Item": to_item(row)}
        self.database(wiring._dynamodb(1), "PutItem", request)

    def delete(self, table: str, key: Frame) -> None:
        self.database(wiring._dynamodb(1), "DeleteItem", {"TableName": table, "Key": key})

    @contextmanager
    def disturbed(self, disturb: Callable[[Call, str, Request], Frame]) -> Iterator[None]:
        """Have `disturb` make the database's calls. It gets the call, its operation and request."""
        undisturbed = self.database

        def database(client: Any, operation: str, request: Request) -> Frame:
            return disturb(lambda: undisturbed(client, operation, request), operation, request)

        self.database = database
        try:
            yield
        finally:
            self.database = undisturbed

    # What there is to see

    def match_row(self, match_id: str = "m1") -> Row:
        return self.row("MATCHES_TABLE", f"M#{match_id}", "M")

    def row(self, table: str, pk: str, sk: str) -> Row:
        found = [row for row in self.rows(table) if (row["pk"], row["sk"]) == (pk, sk)]
        return found[0] if found else {}

    def rows(self, table: str) -> list[Row]:
        return [from_item(item) for item in self.scan(self.environment[table])]

    def told(self, connection_id: str) -> list[Frame]:
        """The frames about matches and tournaments that a connection got, as they came."""
        received = [one for text in self.gateway.frames(connection_id) for one in unpacked(text)]
        return [message for message in received if _is_news(message)]

    def numbers(self, connection_id: str) -> list[tuple[str, int]]:
        """Type and sequence number of what it was told."""
        return [
            (message["type"], message["data"]["sequence"]) for message in self.told(connection_id)
        ]

    def scores(self, connection_id: str) -> list[int]:
        """The first participant's scores that it was told."""
        return [
            message["data"]["participant1_score"]
            for message in self.told(connection_id)
            if message["type"] == "score_updated"
        ]


def answer_in(response: Frame) -> Frame | None:
    assert response["statusCode"] == 200, response
    if "body" not in response:
        return None
    must_be_documented(response["body"])
    return dict(json.loads(response["body"]))


def unpacked(message: Frame) -> list[Frame]:
    """The messages of a batch; any other message alone."""
    return message["data"]["messages"] if message["type"] == "batch" else [message]


def _is_news(message: Frame) -> bool:
    return message["type"] not in ("viewers", "goodbye", "ping")


def _named(room: Room) -> dict[str, str]:
    return {f"{room.kind}_id": room.id}
