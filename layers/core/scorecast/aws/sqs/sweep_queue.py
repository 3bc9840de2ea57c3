"""The queue of `sweep`'s tasks, some of them delayed: a standard SQS queue.

A task may be delivered twice or out of order; each reads the tables before it changes anything.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from scorecast.aws.sqs.records import correlated
from scorecast.domain.publication import Posted
from scorecast.protocol.limits import GONE_CONFIRMED_MAX
from scorecast.protocol.strict_json import compact

if TYPE_CHECKING:
    from types_boto3_sqs import SQSClient


@dataclass(frozen=True, slots=True)
class SweepPortion:
    """Sweep the idle connections of one of `of` portions, as of `at_ms`."""

    portion: int
    of: int
    at_ms: int


@dataclass(frozen=True, slots=True)
class RequeueStalled:
    """Request flushes for matches that have been pending too long."""


@dataclass(frozen=True, slots=True)
class PlanReconciliation:
    """Divide the counters of rooms into portions, a task each."""


@dataclass(frozen=True, slots=True)
class Reconcile:
    """Compare some counters of rooms with their members."""

    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Repost:
    """Post a message again to members that did not get it, if it is still the newest of its stream.

    `tries` counts the reposts made so far, `begun_at_ms` is when the message was first posted.
    """

    posted: Posted
    connection_ids: tuple[str, ...]
    begun_at_ms: int
    tries: int = 0


@dataclass(frozen=True, slots=True)
class VerifyGone:
    """Look whether connections that answered 410 are really gone.

    `reposts` are the messages that they did not get, for those that are open.
    """

    connection_ids: tuple[str, ...]
    reposts: tuple[Repost, ...] = ()


@dataclass(frozen=True, slots=True)
class SuspectSlow:
    """Clients whose posts stayed throttled although the account's quota was not used up."""

    connection_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ProbeSlow:
    """Ping suspected clients; `number` counts the rounds, from 1."""

    connection_ids: tuple[str, ...]
    number: int


@dataclass(frozen=True, slots=True)
class PublishViewerCount:
    """Publish a room's viewer count."""

    room_key: str


@dataclass(frozen=True, slots=True)
class SendAfter:
    """Redirect a part of a shard of a room to the cell that its tournament has moved to."""

    room_key: str
    shard: int
    part: int


@dataclass(frozen=True, slots=True)
class CompleteMove:
    """Do the remaining work of a tournament's move between cells, if it is decided."""

    tournament_id: str


type SweepTask = (
    SweepPortion
    | RequeueStalled
    | PlanReconciliation
    | Reconcile
    | VerifyGone
    | SuspectSlow
    | ProbeSlow
    | Repost
    | PublishViewerCount
    | SendAfter
    | CompleteMove
)

_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        SweepPortion,
        RequeueStalled,
        PlanReconciliation,
        Reconcile,
        VerifyGone,
        SuspectSlow,
        ProbeSlow,
        Repost,
        PublishViewerCount,
        SendAfter,
        CompleteMove,
    )
}


@dataclass(frozen=True, slots=True)
class SweepQueue:
    queue_url: str
    client: "SQSClient"

    def put(self, task: SweepTask, *, delay_s: int = 0) -> None:
        self.client.send_message(
            QueueUrl=self.queue_url,
            MessageBody=text_of(task),
            MessageAttributes=correlated(),
            DelaySeconds=delay_s,
        )

    def put_gone(
        self, connection_ids: Sequence[str], reposts: Sequence[Repost] = (), *, delay_s: int = 0
    ) -> None:
        for some in portions(connection_ids, GONE_CONFIRMED_MAX):
            self.put(VerifyGone(some, tuple(reposts)), delay_s=delay_s)

    def put_slow(self, connection_ids: Sequence[str]) -> None:
        for some in portions(connection_ids, GONE_CONFIRMED_MAX):
            self.put(SuspectSlow(some))


def portions(keys: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    for start in range(0, len(keys), size):
        yield tuple(keys[start : start + size])


def text_of(task: SweepTask) -> str:
    return compact({"task": type(task).__name__, **asdict(task)})


def task_of(text: str) -> SweepTask:
    """The task in a record's body; KeyError, TypeError or ValueError if it holds none."""
    body = json.loads(text)
    kind = _KINDS[body.pop("task")]
    if "reposts" in body:
        body["reposts"] = tuple(Repost(**_fields(each)) for each in body["reposts"])
    task: SweepTask = kind(**_fields(body))
    return task


def _fields(body: dict[str, Any]) -> dict[str, Any]:
    for name in ("connection_ids", "keys"):
        if name in body:
            body[name] = tuple(body[name])
    if "posted" in body:
        body["posted"] = Posted(**body["posted"])
    return body
