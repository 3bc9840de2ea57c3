"""The queue of `sweep`'s tasks, some of them delayed: a standard SQS queue.

A task may be delivered twice or out of order; each reads the tables before it changes anything.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from scorecast.aws.sqs.records import Record, correlated
from scorecast.protocol.limits import GONE_CONFIRMED_MAX
from scorecast.protocol.strict_json import compact

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class SweepShard:
    """Sweep the idle connections of one shard, as of `at_ms`."""

    shard: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class RequeueStalled:
    """Request flushes for what has been pending too long."""


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Compare the counters of one kind with what they count, from after a key on."""

    counts: str
    after: str = ""


@dataclass(frozen=True, slots=True)
class VerifyGone:
    """Verify that connections that answered 410 are closed."""

    connection_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SlowConsumerStrike:
    """Clients whose buffers were full at one time; three in a row disconnect a client."""

    connection_ids: tuple[str, ...]
    at_ms: int


@dataclass(frozen=True, slots=True)
class PublishViewerCount:
    """Publish a room's viewer count."""

    room_key: str


type SweepTask = (
    SweepShard | RequeueStalled | Reconcile | VerifyGone | SlowConsumerStrike | PublishViewerCount
)

_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        SweepShard,
        RequeueStalled,
        Reconcile,
        VerifyGone,
        SlowConsumerStrike,
        PublishViewerCount,
    )
}


@dataclass(frozen=True, slots=True)
class SweepQueue:
    queue_url: str
    client: "SQSClient"

    def put(self, task: SweepTask, *, delay_s: int = 0) -> None:
        body = {"task": type(task).__name__, **asdict(task)}
        self.client.send_message(
            QueueUrl=self.queue_url,
            MessageBody=compact(body),
            MessageAttributes=correlated(),
            DelaySeconds=delay_s,
        )

    def put_gone(self, connection_ids: Sequence[str], *, delay_s: int = 0) -> None:
        for some in _portions(connection_ids):
            self.put(VerifyGone(some), delay_s=delay_s)

    def put_slow(self, connection_ids: Sequence[str], *, at_ms: int) -> None:
        for some in _portions(connection_ids):
            self.put(SlowConsumerStrike(some, at_ms))


def _portions(connection_ids: Sequence[str]) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(connection_ids), GONE_CONFIRMED_MAX):
        yield tuple(connection_ids[start : start + GONE_CONFIRMED_MAX])


def task_of(record: Record) -> SweepTask:
    """The task in a record; ValueError or KeyError for any other record."""
    body = json.loads(record.body)
    kind = _KINDS[body.pop("task")]
    if "connection_ids" in body:
        body["connection_ids"] = tuple(body["connection_ids"])
    task: SweepTask = kind(**body)
    return task
