"""The stack under test: brought up and ended by its own commands, and looked into from behind."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from uuid import uuid4

from boto3.dynamodb.types import TypeDeserializer

from infra.local.aws import LocalAws
from infra.local.paths import ROOT, StackPaths
from scorecast.aws.dynamodb.items import marshal
from scorecast_client.stack import Stack, read_stack

if TYPE_CHECKING:
    from types_boto3_dynamodb import DynamoDBClient
    from types_boto3_sqs import SQSClient

Item = dict[str, Any]

PATHS: Final = StackPaths(
    "-".join(("test", *filter(None, [os.environ.get("PYTEST_XDIST_WORKER")])))
)
"""Of a stack of its own for each process that runs tests."""
ROOM_CAPACITY: Final = 5
CONNECTIONS_PER_USER: Final = 3
MESSAGE_BYTES_MAX: Final = 16384
WINDOW_MS: Final = 1_000
"""Long enough for the updates of a test to meet in one window on a slow machine."""
WAIT_MS_MAX: Final = 5000
EVENT_BUS: Final = "default"
"""It is there without being created."""
PARAMETERS: Final = {
    "RoomCapacity": ROOM_CAPACITY,
    "ConnectionsPerUser": CONNECTIONS_PER_USER,
    "MessageBytesMax": MESSAGE_BYTES_MAX,
    "CoalesceWindowMs": WINDOW_MS,
    "CoalesceMaxWaitMs": WAIT_MS_MAX,
    "EventBusName": EVENT_BUS,
}
CONDITION_SECONDS_MAX: Final = 20
COMMAND_SECONDS_MAX: Final = 300
"""A first build installs the layer's packages."""


def infra_local(
    *arguments: str, stack: str = PATHS.name, **environ: str
) -> subprocess.CompletedProcess[str]:
    """Run `python -m infra.local`, with none of the settings that `make test` may have."""
    clean = {k: v for k, v in os.environ.items() if k not in ("PORT", "PAGE_PORT", "PARAMS")}
    return subprocess.run(
        [sys.executable, "-m", "infra.local", *arguments],
        cwd=ROOT,
        env=clean | {"STACK": stack} | environ,
        capture_output=True,
        text=True,
        timeout=COMMAND_SECONDS_MAX,
        check=False,
    )


def up() -> subprocess.CompletedProcess[str]:
    return infra_local("up", PARAMS=" ".join(f"{k}={v}" for k, v in PARAMETERS.items()))


def until(condition: Callable[[], bool]) -> None:
    """Look again and again; each look is a request of its own, which is pause enough."""
    deadline = time.monotonic() + CONDITION_SECONDS_MAX
    while not condition():
        assert time.monotonic() < deadline, "the condition never came true"


def unique(what: str) -> str:
    return f"{what}-{uuid4().hex[:12]}"


@dataclass(frozen=True)
class Deployed:
    """The running stack, as its description has it."""

    path: Path

    @cached_property
    def description(self) -> Mapping[str, Any]:
        return dict(json.loads(self.path.read_text()))

    @cached_property
    def stack(self) -> Stack:
        return read_stack(self.path)

    @cached_property
    def aws(self) -> LocalAws:
        return LocalAws.of(self.description)

    @cached_property
    def _dynamodb(self) -> "DynamoDBClient":
        connected: DynamoDBClient = self.aws.client("dynamodb")
        return connected

    @cached_property
    def _sqs(self) -> "SQSClient":
        connected: SQSClient = self.aws.client("sqs")
        return connected

    def connections_item(self, pk: str, sk: str) -> Item | None:
        return self._item("connections", pk, sk)

    def update(self, pk: str, sk: str, expression: str, value: object) -> None:
        """Write over the connections table what time alone would have made of it."""
        self.aws.client("dynamodb").update_item(
            TableName=self.description["tables"]["connections"],
            Key={"pk": {"S": pk}, "sk": {"S": sk}},
            UpdateExpression=expression,
            ExpressionAttributeValues={":value": marshal(value)},
        )

    def match_item(self, match_id: str) -> Item:
        item = self._item("matches", f"M#{match_id}", "M")
        assert item is not None
        return item

    def open_connections(self, user_id: str) -> int:
        """The user's counter."""
        item = self.connections_item(f"U#{user_id}", "U")
        return len(item.get("holders", ())) if item else 0

    def send_tick(self, match_id: str) -> None:
        """A flush request like those of `message`, but that no window or event has asked for."""
        self._sqs.send_message(
            QueueUrl=self.description["queues"]["flush"],
            MessageBody=json.dumps({"match_id": match_id}),
            MessageGroupId=match_id,
            MessageDeduplicationId=uuid4().hex,
        )

    def messages(self, queue: str) -> int:
        """How many messages a queue holds, those in flight among them."""
        found = self._queue_attributes(queue)
        waiting = int(found["ApproximateNumberOfMessages"])
        return waiting + int(found["ApproximateNumberOfMessagesNotVisible"])

    def in_flight(self, queue: str) -> int:
        """How many messages of a queue a function has at the moment."""
        return int(self._queue_attributes(queue)["ApproximateNumberOfMessagesNotVisible"])

    def _queue_attributes(self, queue: str) -> Mapping[str, str]:
        url = self.description["queues"][queue]
        found = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])
        return {str(name): value for name, value in found["Attributes"].items()}

    def _item(self, table: str, pk: str, sk: str) -> Item | None:
        found = self._dynamodb.get_item(
            TableName=self.description["tables"][table],
            Key={"pk": {"S": pk}, "sk": {"S": sk}},
            ConsistentRead=True,
        )
        if "Item" not in found:
            return None
        read = TypeDeserializer().deserialize
        return {name: read(value) for name, value in found["Item"].items()}
