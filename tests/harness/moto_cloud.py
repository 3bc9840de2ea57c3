"""The tables of template.yaml in moto, and the parts of the service wired to them."""

import itertools
import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import boto3

from scorecast.aws.dynamodb.connection_items import connection_key
from scorecast.aws.dynamodb.occupancy import room_pk
from scorecast.domain.connections.admission import Connection
from scorecast.domain.connections.identity import Identity
from scorecast.domain.matches.match import Match
from scorecast.domain.rooms import Room, match_room
from scorecast.protocol.states import State
from scorecast.runtime import settings
from scorecast.wiring import delivery, host, reports, tables
from tests import examples
from tests.harness.connections_api import ConnectionsApi
from tests.harness.fakes import FakeClock, FakeContext
from tests.harness.stored import put_match

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

_numbers = itertools.count(1)


@dataclass
class MotoCloud:
    """What stands in the tables and queues, and the wired parts that work on them."""

    environment: dict[str, str]
    system: FakeClock
    api: ConnectionsApi
    dynamodb: "DynamoDBClient"
    sqs: "SQSClient"
    context: FakeContext

    @property
    def connections_table(self) -> str:
        return self.environment["CONNECTIONS_TABLE"]

    @property
    def matches_table(self) -> str:
        return self.environment["MATCHES_TABLE"]

    @property
    def settings(self) -> settings.MessageSettings:
        return settings.read(settings.MessageSettings, self.environment)

    @property
    def connections(self) -> Any:
        return tables.connections(self.settings)

    def counters(self) -> dict[tuple[str, str], Any]:
        """The items of connections, taken slots and rooms, without those of rate limits."""
        items = self.items(self.connections_table)
        return {
            (pk, sk): item
            for (pk, sk), item in items.items()
            if sk != "A" and (pk[0] not in "UI" or "holders" in item)
        }

    @property
    def restrictions(self) -> Any:
        return tables.restrictions(self.settings)

    @property
    def registry(self) -> Any:
        return tables.registry(self.settings)

    @property
    def memberships(self) -> Any:
        return tables.memberships(self.settings)

    @property
    def occupancy(self) -> Any:
        return tables.occupancy(self.settings)

    @property
    def matches(self) -> Any:
        return tables.matches(self.settings)

    @property
    def scores(self) -> Any:
        return tables.scores(self.settings)

    @property
    def flush_room(self) -> Any:
        return delivery.flush(host.settings(settings.FlushSettings))

    @property
    def match_commands(self) -> Any:
        return reports.match_commands(self.settings)

    def items(self, table: str, prefix: str = "") -> dict[tuple[str, str], dict[str, Any]]:
        """All items of a table whose hash key starts so, by their keys."""
        from scorecast.aws.dynamodb.items import from_item

        items: list[dict[str, Any]] = []
        for page in self.dynamodb.get_paginator("scan").paginate(TableName=table):
            items += [from_item(item) for item in page["Items"]]
        return {(item["pk"], item["sk"]): item for item in items if item["pk"].startswith(prefix)}

    def slots(self, holder: str) -> int:
        """The slots that are taken of a user (`U#…`) or of an IP (`I#…`)."""
        items = self.items(self.connections_table, holder)
        return sum(len(item.get("holders", ())) for (pk, _), item in items.items() if pk == holder)

    def counted(self, room: Room) -> int:
        """The counter of a room; 0 if there is none."""
        item = self.items(self.connections_table, room_pk(room.key)).get((room_pk(room.key), "R"))
        return int(item["members"]) if item else 0

    def members(self, room: Room) -> list[str]:
        return sorted(each for page in self.memberships.members(room) for each in page)

    def messages(self, queue: str) -> list[dict[str, Any]]:
        """The bodies that wait in a queue, which is empty after."""
        bodies: list[dict[str, Any]] = []
        while True:
            got = self.sqs.receive_message(
                QueueUrl=self.environment[queue], MaxNumberOfMessages=10, WaitTimeSeconds=0
            ).get("Messages", [])
            if not got:
                return bodies
            for message in got:
                bodies.append(json.loads(message["Body"]))
                self.sqs.delete_message(
                    QueueUrl=self.environment[queue], ReceiptHandle=message["ReceiptHandle"]
                )

    def flush_requests(self) -> list[str]:
        """The matches whose flush was requested since this was asked last."""
        return [body["match_id"] for body in self.messages("FLUSH_QUEUE_URL")]

    def connect(self, connection_id: str, room: Room | None = None, **changes: Any) -> Connection:
        """An admitted connection of a user and an IP of its own, in a room if one is named."""
        from scorecast.domain.connections.admission import Admitted, Limits
        from scorecast.domain.rooms import Joined

        own = {"identity": Identity(user_id=f"user-{connection_id}"), "ip_hash": connection_id}
        newcomer = examples.connection(connection_id, **(own | changes))
        assert self.registry.admit(newcomer, Limits(per_user=1_000, per_ip=1_000)) == Admitted()
        if room is not None:
            joined = self.memberships.join(newcomer, room, capacity=10_000, rooms_max=100)
            assert isinstance(joined, Joined)
        connection: Connection = self.connections.get(connection_id)
        return connection

    def connect_copies(self, number: int) -> list[Connection]:
        """So many connections with one user's slot: moto copies the table for each admission."""
        from scorecast.aws.dynamodb.items import to_item

        first = self.connect("c0")
        item = self.items(self.connections_table)[connection_key("c0")]
        for n in range(1, number):
            pk, sk = connection_key(f"c{n}")
            copy = to_item(item | {"pk": pk, "sk": sk})
            self.dynamodb.put_item(TableName=self.connections_table, Item=copy)
        return [replace(first, id=f"c{n}") for n in range(number)]

    def put_match(self, match: Match) -> None:
        put_match(self.matches.table, match)

    def register(self, *match_ids: str, state: State = State.LIVE) -> Match:
        """Tournament t1 and its matches, in a state; the last match."""
        from scorecast.protocol.commands import MatchStart

        self.matches.put_tournament(examples.tournament())
        for match_id in match_ids:
            self.put_match(examples.match(id=match_id, state=State.SCHEDULED))
            if state is not State.SCHEDULED:
                self.execute(MatchStart(match_id=match_id))
                self.mark_sent(match_id, *self.matches.get(match_id).unsent)
        self.flush_requests()
        match: Match = self.matches.get(match_ids[-1])
        return match

    def mark_sent(self, match_id: str, *sequences: int) -> None:
        self.matches.mark_sent(match_room(match_id), frozenset(sequences))

    def events(self, match_id: str, *, after: int) -> list[Any]:
        return list(self.matches.events(match_room(match_id), after=after))

    def flush(self, match_id: str = "m1", *, request_id: str = "request") -> None:
        """Process one flush request of a match."""
        self.flush_room.run(match_room(match_id), request_id=request_id)

    def stream(self) -> list[dict[str, Any]]:
        """What the filters pass of everything that has been written to the matches table."""
        streams = boto3.client("dynamodbstreams")
        [found] = streams.list_streams(TableName=self.matches_table)["Streams"]
        arn = found["StreamArn"]
        [shard] = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"]
        iterator = streams.get_shard_iterator(
            StreamArn=arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records: list[Any] = streams.get_records(ShardIterator=iterator)["Records"]
        return [record for record in records if record["eventName"] != "REMOVE"]

    def keep_history(self) -> Any:
        """Invoke `history` with all of the stream, and so with some of it again each time."""
        import history

        return history.handler({"Records": self.stream()}, self.context)

    def execute(self, command: Any, *, by: Identity = examples.ADMIN, command_id: str = "") -> Any:
        return self.match_commands.execute(
            command,
            by,
            command_id=command_id or f"command-{next(_numbers)}",
            received_at_ms=self.system.now_ms(),
        )
